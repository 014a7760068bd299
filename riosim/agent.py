"""Port: who decides."""

from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from riosim.action import Action
from riosim.errors import InvalidActionError
from riosim.observation import Observation

__all__ = ["Agent", "Decision", "InvalidOutput", "Usage"]


@dataclass(frozen=True, slots=True)
class Usage:
    """What one decision cost."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class InvalidOutput:
    """What a model said when it did not say an action; counted as an invalid step."""

    text: str
    reason: str

    @classmethod
    def from_error(cls, text: str, error: InvalidActionError) -> "InvalidOutput":
        """Keep what was said and why it is no action."""
        return cls(text[:20_000], str(error))


@dataclass(frozen=True, slots=True)
class Decision:
    """What the agent wants to do next, and what it said about it."""

    action: Action | InvalidOutput
    thought: str = ""
    usage: Usage = Usage()
    extra: dict[str, Any] = field(default_factory=dict)  # goes to the record, must be JSON


@runtime_checkable
class Agent(Protocol):
    """Decides on actions. One instance plays one episode at a time."""

    def reset(self, instruction: str, *, seed: int) -> None:
        """Forget everything and take a new instruction."""
        ...

    def act(self, observation: Observation) -> Decision:
        """Return the next decision."""
        ...
