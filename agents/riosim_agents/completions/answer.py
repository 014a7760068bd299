"""What an answer of a chat model means: actions, a refusal, or neither."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from riosim.action import ACTION_TYPES, Action, Point
from riosim.agent import InvalidOutput
from riosim.dialects.dialect import Dialect, Reading
from riosim_agents.completions.completion import Call, Completion
from riosim_agents.model.refusal import refuse, with_refusal_heard

__all__ = ["ACT", "Heard", "call_results", "hear", "pointer_after"]

ACT: Final = "act"
"""The function that models are given to call."""

_KINDS: Final = frozenset(kind.model_fields["kind"].default for kind in ACTION_TYPES)
_FILTERED: Final = "The endpoint's content filter withheld the answer."
_MOST_CALLS: Final = 20


@dataclass(frozen=True, slots=True)
class Heard:
    """What was understood.

    Attributes:
        reading: Actions, and what was thought.
        refusal: How it declined: `field` of the API, `filter` of the endpoint, in `words`; empty if
            it did not, or did so by the action `refuse`.
        n_by_call: How many of the actions each call stands for; empty if there were no calls.
    """

    reading: Reading
    refusal: str = ""
    n_by_call: tuple[int, ...] = ()


def hear(completion: Completion, dialect: Dialect[str], *, limit: str) -> Heard:
    """Return what an answer means; total.

    LIMIT says how long an answer may be, for one that was cut off there.
    """
    if completion.finish_reason == "content_filter":
        said = completion.refusal or completion.text
        return Heard(_refusing(f"{_FILTERED} {said}".strip(), completion), "filter")
    if completion.refusal:
        return Heard(_refusing(completion.refusal, completion), "field")
    if completion.calls:
        return _hear_calls(completion, dialect, limit=limit)
    reading = dialect.read(completion.text)
    heard = with_refusal_heard(reading)
    refusal = "" if heard is reading else "words"
    return Heard(_finished(heard, completion, limit=limit), refusal)


def call_results(heard: Heard, *, n_dropped: int, message: str) -> list[str]:
    """Return what became of each call of an answer, none if there were no calls.

    Args:
        heard: What was understood of it.
        n_dropped: How many of its actions, from the end, were never carried out.
        message: What became of the last one that was, if there is something to say.
    """
    n_done = len(heard.reading.actions) - n_dropped
    results: list[str] = []
    at = 0
    for count in heard.n_by_call:
        at += count
        if count == 0 or at - count >= n_done:
            results.append("Not carried out: an earlier call of the same answer came first.")
        elif message and at >= n_done:
            results.append(message)
        else:
            results.append("Done.")
    return results


def pointer_after(heard: Heard, pointer: Point | None, *, n_dropped: int) -> Point | None:
    """Return where the pointer is after the actions that were carried out, as far as is known."""
    actions = heard.reading.actions
    for action in actions[: len(actions) - n_dropped]:
        point = getattr(action, "end", None) or getattr(action, "at", None)
        pointer = point if isinstance(point, Point) else pointer
    return pointer


def _refusing(reason: str, completion: Completion) -> Reading:
    return Reading((refuse(reason),), _joined(completion.thought, completion.text))


def _hear_calls(completion: Completion, dialect: Dialect[str], *, limit: str) -> Heard:
    readings = [_read_call(call, dialect) for call in completion.calls[:_MOST_CALLS]]
    too_many = len(completion.calls) - _MOST_CALLS
    if too_many > 0:
        reason = f"{len(completion.calls)} calls in one answer; give one."
        readings[-1] = Reading((InvalidOutput("", reason),))
    actions = tuple(action for reading in readings for action in reading.actions)
    thought = _joined(completion.text, *(reading.thought for reading in readings))
    counts = (*(len(reading.actions) for reading in readings), *[0] * max(0, too_many))
    reading = Reading(actions, thought)
    return Heard(_finished(reading, completion, limit=limit), n_by_call=counts)


def _read_call(call: Call, dialect: Dialect[str]) -> Reading:
    said = _unwrapped(call.arguments)
    if call.name == ACT:
        return dialect.read(said)
    if call.name in _KINDS:  # as if there were a function for each kind
        try:
            arguments = json.loads(said or "{}")
        except (ValueError, RecursionError):
            return dialect.read(said)
        if isinstance(arguments, dict):
            return dialect.read(json.dumps({"kind": call.name, **arguments}))
    shown = f"{call.name[:200]}({said[:19_000]})"
    reason = f"There is no function {call.name[:80]!r}; call {ACT!r}."
    return Reading((InvalidOutput(shown, reason),))


def _unwrapped(arguments: str) -> str:
    """Return arguments that were encoded twice as if they had been once."""
    try:
        inner = json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
    return inner if isinstance(inner, str) else arguments


def _finished(reading: Reading, completion: Completion, *, limit: str) -> Reading:
    """Add what was thought outside, and tell of an answer that was cut off."""
    actions: Sequence[Action | InvalidOutput] = reading.actions
    if completion.finish_reason == "length":
        why = f"The answer was cut off at its limit of length ({limit})."
        actions = [
            replace(action, reason=f"{action.reason} {why}")
            if isinstance(action, InvalidOutput)
            else action
            for action in actions
        ]
    return Reading(tuple(actions), _joined(completion.thought, reading.thought))


def _joined(*parts: str) -> str:
    return "\n".join(part.strip() for part in parts if part.strip())
