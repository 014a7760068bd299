"""Calls as Qwen's models write them: `<tool_call>{"name": …, "arguments": {…}}</tool_call>`."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Final, NoReturn

__all__ = ["MOST_CALLS", "ToolCall", "read_tool_calls", "write_tool_call"]

MOST_CALLS: Final = 50
"""Calls that are read of one answer."""

_OPEN: Final = "<tool_call>"
_CLOSE: Final = re.compile(r"\s*(?:</tool_call>)?")
_SPACE: Final = re.compile(r"[\s`]*(?:json\b)?\s*")
_LINE: Final = re.compile(r"(?:^|\n)[ \t]{0,20}(?=\{\s{0,20}\")")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call.

    Attributes:
        text: As it was written.
        name: The function; empty if the arguments stand alone.
        arguments: Decoded.
        problem: Why it cannot be read; empty if it can.
        start: Where it stands in the whole text.
        end: Where it ends; a broken one at the end of the whole text.
    """

    text: str
    name: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
    start: int = 0
    end: int = 0


def write_tool_call(name: str, arguments: dict[str, Any]) -> str:
    """Return a call as the models' own template has it."""
    said = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    return f"{_OPEN}\n{said}\n</tool_call>"


def read_tool_calls(text: str) -> tuple[list[ToolCall], str]:
    """Return the calls in a text, in order, and the prose before the first one.

    Tags inside a call's own texts are left alone. Without any tag, a line that begins with a JSON
    object counts if that has a `name` with `arguments`, or an `action`. After a call that cannot be
    read no more are: what follows may be the inside of one of its texts.
    """
    first = text.find(_OPEN)
    if first < 0:
        return _untagged(text)
    calls: list[ToolCall] = []
    at = first
    while at >= 0:
        if len(calls) == MOST_CALLS:
            too_many = f"There are more than {MOST_CALLS} calls."
            calls.append(ToolCall(text[at:], problem=too_many, start=at, end=len(text)))
            break
        calls.append(_read(text, at + len(_OPEN)))
        at = text.find(_OPEN, calls[-1].end)  # none after a broken one
    return calls, text[:first].strip()


def _untagged(text: str) -> tuple[list[ToolCall], str]:
    calls: list[ToolCall] = []
    prose = text
    at = 0
    for _ in range(MOST_CALLS):
        line = _LINE.search(text, at)
        if line is None:
            break
        call = _read(text, line.end())
        at = line.end() if call.problem else call.end
        begins = call.text[:200]
        if '"name"' not in begins and '"action"' not in begins:
            continue
        if not calls:
            prose = text[: line.start()]
        calls.append(call)
        if call.problem:
            break
    return calls, prose.strip().strip("`").strip()


def _read(text: str, start: int) -> ToolCall:
    """Read the object at START."""
    space = _SPACE.match(text, start)
    at = space.end() if space else start
    try:
        value, end = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError) as exc:
        why = "it is nested too deeply" if isinstance(exc, RecursionError) else str(exc)[:200]
        ended = text.find("</tool_call>", at)
        shown = text[at:ended] if ended >= 0 else text[at:]
        cut = " The answer was cut off." if ended < 0 else ""
        problem = f"The call is no JSON: {why}.{cut}"
        return ToolCall(shown.strip(), problem=problem, start=at, end=len(text))
    close = _CLOSE.match(text, end)
    call = _call(text[at:end], value)
    return replace(call, start=at, end=close.end() if close else end)


def _call(text: str, value: object) -> ToolCall:
    if not isinstance(value, dict):
        return ToolCall(text, problem=f"The call is a JSON {type(value).__name__}, no object.")
    if "name" not in value and "arguments" not in value:
        return ToolCall(text, arguments=value)
    name, arguments = value.get("name", ""), value.get("arguments")
    if isinstance(arguments, str):  # as the APIs have them
        try:
            arguments = _DECODER.decode(arguments)
        except (ValueError, RecursionError):
            return ToolCall(text, problem="The call's arguments are a text that is no JSON.")
    if not isinstance(name, str) or not isinstance(arguments, dict):
        return ToolCall(text, problem="A call needs a `name`, a text, and `arguments`, an object.")
    return ToolCall(text, name, arguments)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {twice[:50]!r} stands twice")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


_DECODER: Final = json.JSONDecoder(
    strict=False, object_pairs_hook=_once, parse_constant=_no_constant
)
