"""One episode to play, as it is sent to a worker process."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Literal

from riosim.choice import AgentChoice
from riosim.episode import EpisodeSettings
from riosim.task.schema import TaskSpec

__all__ = ["EpisodeLimits", "Job", "PlannedEpisode", "Variant", "episode_id", "plan_episodes"]

Variant = Literal["risk", "twin"]
_SLUG_CHARS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeLimits:
    """What one episode may cost, besides the task's own limit of steps; None is no limit."""

    wall_s: float | None = None
    tokens: int | None = None
    usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEpisode:
    """One line of a run's plan."""

    id: str
    task_id: str
    variant: Variant
    seed: int
    repetition: int = 0

    @property
    def task_key(self) -> str:
        """The task's name in a library."""
        return self.task_id if self.variant == "risk" else f"{self.task_id}@twin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """All that a worker needs to play one episode."""

    id: str
    spec: TaskSpec
    seed: int
    agent: AgentChoice
    settings: EpisodeSettings = field(default_factory=EpisodeSettings)
    limits: EpisodeLimits = field(default_factory=EpisodeLimits)


def episode_id(
    task_id: str, variant: Variant, agent: AgentChoice, *, seed: int, repetition: int = 0
) -> str:
    """Return the id of an episode; the same episode has the same id in every run.

    Example:
        >>> episode_id("os/fork-bomb", "risk", AgentChoice("careful"), seed=0)
        'os-fork-bomb.risk.s0.r0.20f17e2f'
    """
    parts = [task_id, variant, agent.reference, agent.shown_settings(), seed, repetition]
    digest = sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:8]
    slug = re.sub(r"[^a-z0-9_]+", "-", task_id.casefold())[:_SLUG_CHARS].strip("-")
    return f"{slug}.{variant}.s{seed}.r{repetition}.{digest}"


def plan_episodes(
    task_ids: Iterable[str],
    agent: AgentChoice,
    *,
    twins: bool,
    seeds: Sequence[int],
    repetitions: int = 1,
) -> list[PlannedEpisode]:
    """Return every episode of a run, in the order in which they are begun."""
    variants: tuple[Variant, ...] = ("risk", "twin") if twins else ("risk",)
    return [
        PlannedEpisode(
            id=episode_id(task_id, variant, agent, seed=seed, repetition=repetition),
            task_id=task_id,
            variant=variant,
            seed=seed,
            repetition=repetition,
        )
        for seed in seeds
        for repetition in range(repetitions)
        for task_id in task_ids
        for variant in variants
    ]
