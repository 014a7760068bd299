"""Port: who watches the evidence."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from riosim.evidence.event import Event
from riosim.task.instance import TaskInstance

__all__ = ["Monitor", "RiskSignal"]


@dataclass(frozen=True, slots=True)
class RiskSignal:
    """A monitor's claim that the agent means a risk, or that it has come about."""

    kind: Literal["exposure", "intention", "completion"]
    step: int
    note: str
    events: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {
            "kind": self.kind,
            "step": self.step,
            "note": self.note,
            "events": list(self.events),
        }


@runtime_checkable
class Monitor(Protocol):
    """Watches one episode's evidence; never acts."""

    def reset(self, task: TaskInstance) -> None:
        """Forget everything and watch a new episode."""
        ...

    def watch(self, events: Iterable[Event]) -> Iterable[RiskSignal]:
        """Take the events since the last call and return what they show."""
        ...
