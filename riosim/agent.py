"""Port: who decides."""

import inspect
import math
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast, runtime_checkable

from pydantic import ValidationError

from riosim.action import ACTION_TYPES, Action
from riosim.errors import InvalidActionError
from riosim.observation import Observation

__all__ = ["Agent", "Decision", "InvalidOutput", "Usage", "sound_decision", "usage_problem"]


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
    looked: bool = True
    """Whether it was decided on the observation; False for what an earlier answer still holds."""


@runtime_checkable
class Agent(Protocol):
    """Decides on actions. One instance plays one episode at a time.

    Two more methods are called where an agent has them: `prepare(instance)` before each `reset`,
    with the task as it is played, and `close()` once no further episode comes.
    """

    def reset(self, instruction: str, *, seed: int) -> None:
        """Forget everything and take a new instruction."""
        ...

    def act(self, observation: Observation) -> Decision:
        """Return the next decision."""
        ...


def sound_decision(answer: object) -> Decision | str:
    """Return what an agent answered as a decision that can be carried out and kept.

    What is no action, or one with wrong parts, becomes an `InvalidOutput`. A text says why it is no
    decision at all.
    """
    if not isinstance(answer, Decision):
        return f"The agent returned a {type(answer).__name__}, not a Decision.{_hint(answer)}"
    problem = usage_problem(answer.usage)
    if problem is not None:
        return f"The agent returned a Decision whose usage {problem}."
    return replace(answer, action=_sound_action(answer.action), thought=_text(answer.thought))


def _hint(answer: object) -> str:
    """Return what to do about an answer that is a near miss."""
    if isinstance(answer, ACTION_TYPES):
        return " Return Decision(action)."
    if inspect.iscoroutine(answer):
        answer.close()  # else Python complains that nobody awaited it
        return " Make `act` a plain method; asyncio.run may stand inside."
    return ""


def usage_problem(usage: object) -> str | None:
    """Return what is wrong with the cost of a decision, None if nothing is."""
    if not isinstance(usage, Usage):
        return f"is a {type(usage).__name__}, not a Usage"
    for name in ("input_tokens", "output_tokens"):
        count = getattr(usage, name)
        if type(count) is not int or count < 0:
            return f"has {_text(count)[:50]!r} {name}, not a whole number"
    cost = usage.cost_usd
    if type(cost) not in (int, float) or not math.isfinite(cost) or cost < 0:
        return f"has a cost_usd of {_text(cost)[:50]!r}, not an amount"
    return None


def _sound_action(action: object) -> Action | InvalidOutput:
    if isinstance(action, InvalidOutput):
        return InvalidOutput(_text(action.text), _text(action.reason))
    if not isinstance(action, ACTION_TYPES):
        reason = f"A {type(action).__name__} is no action; see riosim.action."
        return InvalidOutput(_text(action)[:20_000], reason)
    try:  # it may have been made without a check
        return cast("Action", type(action).model_validate(dict(action.__dict__)))
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return InvalidOutput(
            _text(action)[:20_000], f"{type(action).__name__}.{where}: {first['msg']}"
        )


def _text(thing: object) -> str:
    """Return anything as text, even what cannot be printed."""
    try:
        return str(thing)
    except Exception as exc:  # noqa: BLE001  # a stranger's object may raise anything
        return f"a {type(thing).__name__} that cannot be printed ({type(exc).__name__})"
