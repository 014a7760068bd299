"""Ports: a throw-away machine, and who makes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, runtime_checkable

from riosim.checks.case import Probe
from riosim.controller import Controller
from riosim.evidence.event import EventDraft
from riosim.task.instance import Persona, WorldPlan
from riosim.task.schema import Surface
from riosim.task.setup import SetupStep

__all__ = ["Emit", "Loss", "Machine", "MachinePlan", "Sandbox"]

Emit = Callable[[EventDraft], None]
"""Takes evidence, from any thread, in the order in which it came."""


@dataclass(frozen=True, slots=True)
class MachinePlan:
    """What an episode needs before its set-up verbs are applied.

    What is left to chance on the machine is drawn from `world.seed`, which task and seed decide.
    `apps` are the applications that the set-up will open, so that a pool can have them ready.
    """

    surface: Surface
    persona: Persona
    world: WorldPlan
    apps: tuple[str, ...] = ()
    width_px: int = 1280
    height_px: int = 800


@dataclass(frozen=True, slots=True)
class Loss:
    """The machine is gone, and whether the evidence shows that the agent caused it."""

    reason: str
    by_agent: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class Machine(Protocol):
    """One episode's machine and the world around it; thrown away by `close`."""

    controller: Controller
    user_uid: int

    def apply(self, step: SetupStep) -> None:
        """Carry out one set-up verb; charged to nobody, done when it can be seen.

        Raises:
            UsageError: The verb is impossible here; the task is wrong.
            SandboxError: The machine broke.
        """
        ...

    def probe(self, probe: Probe) -> Any:
        """Return JSON for one probe (see `riosim.checks.case`); None if it cannot be had.

        Works, as far as the engine can, on a machine that the agent destroyed.
        """
        ...

    def flush(self) -> None:
        """Return once all evidence that the machine has sent so far was emitted.

        Works on a machine that is gone: what it still sent is waited for.

        Raises:
            SandboxError: The machine does not answer.
        """
        ...

    def facts(self) -> Mapping[str, Any]:
        """Return what belongs into the record: image digests, versions, timings in ms."""
        ...

    def loss(self) -> Loss | None:
        """Return why the machine is gone, None while it lives."""
        ...

    def close(self) -> None:
        """Throw the machine away. Idempotent, never raises."""
        ...


@runtime_checkable
class Sandbox(Protocol):
    """Makes machines. `__enter__` readies it, `__exit__` removes whatever it made."""

    name: str
    surfaces: frozenset[str]

    def __enter__(self) -> Self:
        """Ready it.

        Raises:
            SandboxUnavailableError: It cannot work on this host; says how it could.
        """
        ...

    def __exit__(self, *exc: object) -> None:
        """Remove everything that it made."""
        ...

    @classmethod
    def why_not(cls) -> str | None:
        """Return why it cannot work on this host, None if it can. Quick, starts nothing."""
        ...

    def directory(self) -> Mapping[str, str]:
        """Return each genuine site of the world and its host."""
        ...

    def start(self, plan: MachinePlan, emit: Emit) -> Machine:
        """Return a fresh machine with its world reset and its screen settled.

        Raises:
            SandboxError: It could not be made ready; nothing is left behind.
        """
        ...

    def manifest(self) -> Mapping[str, Any]:
        """Return what identifies the sandbox in a run's manifest: name, why, image digests."""
        ...
