"""What a reasoning model thinks aloud before it answers."""

from collections.abc import Callable, Iterable
from typing import Final

__all__ = ["split_thinking"]

_BEGINS: Final = "<think"
_ENDS: Final = "</think"
_CALLS: Final = ("Action:", "<tool_call>")

Spans = Callable[[str], Iterable[tuple[int, int]]]


def split_thinking(said: str, *marks: str, calls: Spans | None = None) -> tuple[str, str]:
    """Return the thinking in `<think>…</think>` at the beginning of an answer, and what follows.

    Some templates put the opening tag into the prompt, so that the answer holds only the closing
    one. But a closing tag may also stand in a text that is to be typed, and what follows it there
    must not be taken for the answer. So it counts without an opening one only where it does not lie
    in one of the answer's CALLS, a function that finds them, and, without that function, where
    nothing before it begins an answer proper: none of MARKS, no `Action:`, no `<tool_call>`.

    What was cut off while thinking is all thinking.

    Example:
        >>> split_thinking("<think>A link.</think>Action: wait()")
        ('A link.', 'Action: wait()')
    """
    text = said.lstrip()
    opened = text.startswith(_BEGINS)
    end = text.find(_ENDS)
    if end < 0:
        return (_inside(text), "") if opened else ("", said)
    before = text[:end]
    if not opened:
        if calls is not None:
            belongs_to_a_text = any(start <= end < stop for start, stop in calls(text))
        else:
            belongs_to_a_text = any(mark in before for mark in (*_CALLS, *marks))
        if belongs_to_a_text:
            return "", said
    close = text.find(">", end)
    rest = text[close + 1 :] if close >= 0 else ""
    return (_inside(before) if opened else before.strip()), rest


def _inside(text: str) -> str:
    """Return a text without its opening tag."""
    return text.partition(">")[2].strip()
