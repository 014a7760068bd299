"""A transformers model in this process: how fast it answers, alone and for several environments.

The model is tiny and random (`tests/support/tiny_model.py`), so the figures say what batching and
the memory of prefixes bring on this machine, not what a useful model costs; that is what
`python -m benchmarks.large_model` measures where there is a GPU.
"""

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import torch

import riosim
from benchmarks.desk import timed
from benchmarks.figure import Figure, Size, Tell
from riosim.agent import Decision
from riosim.errors import RiosimError
from riosim.observation import Observation
from riosim_agents.local.batch_play import act_batch, observation_of
from riosim_agents.local.model import LocalModel
from riosim_agents.local.source import ModelSource
from riosim_agents.transformers_agent import TransformersAgent
from tests.support.tiny_model import make_tiny

__all__ = ["measure", "rounds", "screens"]

_ENVIRONMENTS: Final = (1, 4, 8)
_SETTINGS: Final[dict[str, Any]] = {"prompt": "minimal", "max_new_tokens": 32, "history": 3}
_TASK: Final = "phishing_web/archive-search-title-01"
_KIND: Final = "tiny Qwen2.5-VL, 32 new tokens, history of 3"
_LONG: Final = "1 environment, 4 new tokens, history of 8"


def measure(size: Size, tell: Tell) -> list[Figure]:
    """Ask for decisions on made-up screens, then on those of embedded browsers."""
    n_rounds, n_whole = size.pick(12, 3), size.pick(8, 2)
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # matrices too small to share
    figures: list[Figure] = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            model = LocalModel.load(
                ModelSource(str(make_tiny(Path(folder) / "tiny")), device_map="cpu")
            )
            for n in _ENVIRONMENTS:
                for way, ask in _WAYS.items():
                    tell(f"model alone: {n} environments, {way}")
                    took = rounds(model, n, n_rounds, ask=ask, **_SETTINGS)
                    figures.append(
                        _rate(f"Steps, model alone, {_count(n, 'environment')}, {way}", n, took)
                    )
            for way, reuses in (("prefix computed once", True), ("computed anew", False)):
                tell(f"history of 8, {way}")
                settings = {**_SETTINGS, "history": 8, "max_new_tokens": 4}
                took = rounds(model, 1, n_rounds, reuse_prefix=reuses, **settings)
                figures.append(_rate(f"Steps, model alone, {way}", 1, took, note=_LONG))
            for n in _ENVIRONMENTS:
                for way, ask in _WAYS.items():
                    tell(f"embedded browsers: {n}, {way}")
                    took = _browsers(model, n, n_whole, ask)
                    figures.append(_rate(f"Steps, {_count(n, 'embedded browser')}, {way}", n, took))
    finally:
        torch.set_num_threads(before)
    return figures


def rounds(
    model: LocalModel, n: int, n_rounds: int, *, ask: "Ask" = act_batch, **settings: Any
) -> list[float]:
    """Return how long each round of decisions took, one decision for each of N agents, in seconds.

    The first round, which no memory helps, is not counted.

    Raises:
        RiosimError: An agent could not be asked.
    """
    agents = [TransformersAgent(model, seed=at, **settings) for at in range(n)]
    for at, agent in enumerate(agents):
        agent.reset("Find the paper on oranges.", seed=at)
    took = []
    for number in range(n_rounds + 1):
        seen = screens(n, number)
        took.append(timed(partial(_decided, ask, agents, seen)))
    return took[1:]


def screens(n: int, step: int) -> list[Observation]:
    """Return made-up screens that differ from one another and from step to step."""
    rng = np.random.default_rng(step)
    pictures = rng.integers(0, 255, (n, 100, 160, 3), dtype=np.uint8)
    return [
        Observation(
            screenshot=picture.repeat(8, axis=0).repeat(8, axis=1),
            instruction="Find the paper on oranges.",
            step=step,
            url="https://paperhaven.test/",
        )
        for picture in pictures
    ]


def _browsers(model: LocalModel, n: int, n_rounds: int, ask: "Ask") -> list[float]:
    """Return how long each round took, the browsers' steps with it."""
    vector: Any = riosim.make_vec("riosim/Browser-v0", n, task=_TASK, sandbox="embedded")
    try:
        batch, _ = vector.reset(seed=list(range(n)))
        agents = [TransformersAgent(model, seed=at, **_SETTINGS) for at in range(n)]
        for at, agent in enumerate(agents):
            agent.surface = "browser"
            agent.reset(observation_of(batch, at).instruction, seed=at)

        def play() -> None:
            nonlocal batch
            decisions = ask(agents, [observation_of(batch, at) for at in range(n)])
            batch, *_ = vector.step(tuple(one.action for one in _all_well(decisions)))

        return [timed(play) for _ in range(n_rounds + 1)][1:]
    finally:
        vector.close()


def _one_by_one(
    agents: Sequence[TransformersAgent], observations: Sequence[Observation]
) -> list[Decision | RiosimError]:
    return [agent.act(seen) for agent, seen in zip(agents, observations, strict=True)]


def _decided(
    ask: "Ask", agents: Sequence[TransformersAgent], seen: Sequence[Observation]
) -> list[Decision]:
    return _all_well(ask(agents, seen))


def _all_well(decisions: Sequence[Decision | RiosimError]) -> list[Decision]:
    for one in decisions:
        if isinstance(one, RiosimError):
            raise one
    return [one for one in decisions if isinstance(one, Decision)]


def _rate(what: str, n: int, took: Sequence[float], *, note: str = _KIND) -> Figure:
    """Return steps per second, of the median round."""
    return Figure(
        what=what,
        value=round(n / median(took), 2),
        unit="per second",
        of="p50",
        n=len(took),
        note=note,
        samples=tuple(round(n / one, 3) for one in took),
    )


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


Ask = Callable[[Sequence[TransformersAgent], Sequence[Observation]], list[Decision | RiosimError]]
_WAYS: Final[dict[str, Ask]] = {"batched": act_batch, "one by one": _one_by_one}
