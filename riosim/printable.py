"""Text from agents, pages and models, made fit for a terminal."""

import re
from typing import Final

__all__ = ["printable"]

# C0 but tab and line feed, delete, C1, and what turns the direction of writing.
_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def printable(text: object, *, max_chars: int = 2_000) -> str:
    r"""Return TEXT without anything that could steer a terminal, cut to a length.

    Example:
        >>> printable("a\x1b[2Jb")
        'a�[2Jb'
        >>> printable("abcdef", max_chars=3)
        'abc…'
    """
    clean = _CONTROL.sub("\ufffd", str(text))
    return clean if len(clean) <= max_chars else clean[:max_chars] + "…"
