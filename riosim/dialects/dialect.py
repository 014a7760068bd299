"""Port: one way in which models write actions."""

from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

from riosim.action import Action
from riosim.agent import InvalidOutput
from riosim.errors import UsageError

__all__ = ["Dialect", "Reading", "UnsayableError"]

Said = TypeVar("Said")


class UnsayableError(UsageError):
    """An action that a dialect has no words for."""

    def __init__(self, dialect: str, action: Action, why: str) -> None:
        super().__init__(f"{dialect} cannot say {action.kind}: {why}")


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer means.

    Attributes:
        actions: What to do, in order; at least one. What was not understood stands in its place.
        thought: What the model said beside its actions.
    """

    actions: tuple[Action | InvalidOutput, ...]
    thought: str = ""

    def __post_init__(self) -> None:
        """Refuse an answer without any action: silence is an `InvalidOutput`."""
        if not self.actions:
            raise ValueError("A reading holds at least one action.")


@runtime_checkable
class Dialect(Protocol[Said]):
    """Reads and writes actions for one size of screen. `Said` is text, or an object of JSON."""

    @property
    def name(self) -> str:
        """What it is called in records and settings."""
        ...

    def read(self, said: Said) -> Reading:
        """Return what was said; total: whatever was said, nothing is raised."""
        ...

    def write(self, action: Action) -> Said:
        """Return how the action is said, so that `read` gives it back.

        Raises:
            UnsayableError: The dialect has no words for it.
        """
        ...
