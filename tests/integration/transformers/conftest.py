"""Tiny models, loaded once, and what needs torch, imported only where it is installed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from riosim.observation import Observation
from tests.support.require import require

Loaded = Callable[[str], Any]


@pytest.fixture(scope="session")
def lib() -> Iterator[Any]:
    """The modules under test; one thread, for the models are small."""
    require("transformers")
    import torch

    from riosim_agents.local import batch_play, chat, model, prefix_memory, source
    from riosim_agents.local.row_sampler import RowSampler
    from riosim_agents.transformers_agent import TransformersAgent
    from tests.support import tiny_model

    names: dict[str, Any] = {"torch": torch, "tiny": tiny_model, "RowSampler": RowSampler}
    for module in (batch_play, chat, model, prefix_memory, source):
        names |= {name: getattr(module, name) for name in module.__all__}
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield SimpleNamespace(TransformersAgent=TransformersAgent, **names)
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def folder_of(lib: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a tiny model of a kind; not to be changed."""
    made: dict[str, Path] = {}

    def find(kind: str) -> Path:
        if kind not in made:
            made[kind] = lib.tiny.make_tiny(tmp_path_factory.mktemp(kind), kind)
        return made[kind]

    return find


@pytest.fixture(scope="session")
def loaded(lib: Any, folder_of: Callable[[str], Path]) -> Loaded:
    """A tiny model of a kind, in memory."""
    known: dict[str, Any] = {}

    def find(kind: str) -> Any:
        if kind not in known:
            source = lib.ModelSource(str(folder_of(kind)), device_map="cpu")
            known[kind] = lib.LocalModel.load(source)
        return known[kind]

    return find


@pytest.fixture(scope="session")
def talk(lib: Any) -> Callable[..., tuple[Any, ...]]:
    """A conversation of some turns that are over and one that is not, each with a picture."""
    rng = np.random.default_rng(7)
    pictures = [rng.integers(0, 255, (120, 200, 3), dtype=np.uint8) for _ in range(8)]

    def make(n_turns: int, task: str = "find it", *, shift: int = 0) -> tuple[Any, ...]:
        said = [lib.Message("system", ("You operate a computer. " * 6,))]
        for at in range(n_turns):
            said.append(lib.Message("user", (f"{task}: step {at}", pictures[(at + shift) % 8])))
            said.append(lib.Message("assistant", (f"click {at} for {task}",)))
        last = pictures[(n_turns + shift) % 8]
        return (*said, lib.Message("user", (f"{task}: step {n_turns}", last)))

    return make


def screen(step: int = 0, *, message: str = "", width_px: int = 320, **more: Any) -> Observation:
    """An observation of a plain screen."""
    return Observation(
        screenshot=np.full((200, width_px, 3), 10 * step + 20, np.uint8),
        instruction=more.pop("instruction", "Find the paper."),
        step=step,
        message=message,
        **more,
    )


@pytest.fixture(scope="session")
def look() -> Callable[..., Observation]:
    return screen
