"""What an answer of a GUI model means: actions, a refusal, or neither."""

import json
from dataclasses import dataclass, replace
from typing import Final

from riosim.agent import InvalidOutput
from riosim.dialects.dialect import Dialect, Reading
from riosim_agents.completions.completion import Completion
from riosim_agents.model.refusal import declines, refuse

__all__ = ["GuiHeard", "hear_gui_model", "said_by"]

_FILTERED: Final = "The endpoint's content filter withheld the answer."
_NOTHING: Final = "The answer holds no action"  # how both dialects say that there is no call


@dataclass(frozen=True, slots=True)
class GuiHeard:
    """What was understood.

    Attributes:
        reading: Actions, and what was thought.
        refusal: How it declined: `field` of the API, `filter` of the endpoint, in `words`; empty if
            it did not, or did so in a call.
        prose: What was said beside the calls, without what was thought before.
    """

    reading: Reading
    refusal: str = ""
    prose: str = ""


def said_by(completion: Completion) -> str:
    """Return an answer as one text; calls that a server took out of it are put back."""
    calls = [
        f"<tool_call>\n{json.dumps({'name': call.name, 'arguments': call.arguments})}\n</tool_call>"
        for call in completion.calls
    ]
    return "\n".join(part for part in (completion.text, *calls) if part)


def hear_gui_model(completion: Completion, dialect: Dialect[str], *, limit: str) -> GuiHeard:
    """Return what an answer means; total.

    LIMIT says how long an answer may be, for one that was cut off there.
    """
    said = said_by(completion)
    if completion.finish_reason == "content_filter":
        reason = f"{_FILTERED} {completion.refusal or said}"
        return GuiHeard(_refusing(reason, completion), "filter")
    if completion.refusal:
        return GuiHeard(_refusing(completion.refusal, completion), "field")
    reading = dialect.read(said)
    thought = _joined(completion.thought, reading.thought)
    first = reading.actions[0]
    if isinstance(first, InvalidOutput) and first.reason.startswith(_NOTHING) and declines(said):
        return GuiHeard(Reading((refuse(said),), thought), "words")
    actions = reading.actions
    if completion.finish_reason == "length":
        why = f"The answer was cut off at its limit of length ({limit})."
        actions = tuple(
            replace(action, reason=f"{action.reason} {why}")
            if isinstance(action, InvalidOutput)
            else action
            for action in actions
        )
    return GuiHeard(Reading(actions, thought), prose=reading.thought)


def _refusing(reason: str, completion: Completion) -> Reading:
    return Reading((refuse(reason),), _joined(completion.thought, completion.text))


def _joined(*parts: str) -> str:
    return "\n".join(part.strip() for part in parts if part.strip())
