"""What a reasoning model thinks aloud before it answers."""

from typing import Final

__all__ = ["split_thinking"]

_BEGINS: Final = "<think"
_ENDS: Final = "</think"


def split_thinking(said: str, *marks: str) -> tuple[str, str]:
    """Return the thinking in `<think>…</think>` at the beginning of an answer, and what follows.

    Some templates put the opening tag into the prompt, so that the answer holds only the closing
    one; then no word of MARKS, which begin an answer proper, stands before it. What was cut off
    while thinking is all thinking.

    Example:
        >>> split_thinking("<think>A link.</think>Action: wait()", "Action:")
        ('A link.', 'Action: wait()')
    """
    text = said.lstrip()
    opened = text.startswith(_BEGINS)
    end = text.find(_ENDS)
    if end < 0:
        return (_inside(text), "") if opened else ("", said)
    before = text[:end]
    if not opened and any(mark in before for mark in marks):
        return "", said
    close = text.find(">", end)
    rest = text[close + 1 :] if close >= 0 else ""
    return (_inside(before) if opened else before.strip()), rest


def _inside(text: str) -> str:
    """Return a text without its opening tag."""
    return text.partition(">")[2].strip()
