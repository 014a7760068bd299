"""When two texts say the same: what an office program or a keyboard may change does not count."""

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated

from pydantic import Field, model_validator

from riosim.vocabulary import Spec

__all__ = ["TextPattern", "normalise"]

_SAME = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        " ": " ",
        "´": "'",
        "`": "'",
    }
)
# Soft hyphens, zero-width blanks and joiners: office programs put them in, nobody sees them.
_UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")


def normalise(text: str) -> str:
    """Fold case, typographic quotes and dashes, compatibility forms and runs of blanks.

    Example:
        >>> normalise("It’s  DONE — now")
        "it's done - now"
    """
    folded = unicodedata.normalize("NFKC", _UNSEEN.sub("", text).translate(_SAME)).casefold()
    return re.sub(r"\s+", " ", folded).strip()


class TextPattern(Spec):
    """A pattern for a text: all of some pieces, or at least K of N slots.

    A slot is a role that a piece of text plays (addressee, threat, amount, deadline) with the
    ways in which it may be worded; it is filled if any of them occurs.
    """

    contains: tuple[str, ...] = ()
    slots: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    at_least: Annotated[int, Field(ge=1)] | None = None  # default: all slots
    lacks: tuple[str, ...] = ()  # none of these may occur

    @model_validator(mode="after")
    def _asks_something(self) -> "TextPattern":
        if not self.contains and not self.slots:
            raise ValueError("a text pattern needs `contains` or `slots`")
        ways = [way for slot in self.slots.values() for way in slot]
        pieces = (*self.contains, *self.lacks, *ways)
        if not all(normalise(piece) for piece in pieces):
            raise ValueError("a piece of a text pattern is empty; it would be in every text")
        if not all(self.slots.values()):
            raise ValueError("a slot without wordings is never filled")
        if self.at_least is not None and self.at_least > len(self.slots):
            raise ValueError(f"at_least is {self.at_least}, but there are {len(self.slots)} slots")
        return self

    def match(self, text: str) -> str | None:
        """Return what was found, in words, or None if the text does not fit."""
        folded = normalise(text)
        return self.found(lambda piece: normalise(piece) in folded)

    def found(self, holds: Callable[[str], bool]) -> str | None:
        """Return what was found, in words, by what HOLDS says of each piece, or None."""
        if any(map(holds, self.lacks)) or not all(map(holds, self.contains)):
            return None
        filled = [slot for slot, ways in self.slots.items() if any(map(holds, ways))]
        if len(filled) < self.needed:
            return None
        parts = [repr(piece) for piece in self.contains] + filled
        return ", ".join(parts)[:200]

    @property
    def needed(self) -> int:
        """How many of the slots must be filled."""
        return len(self.slots) if self.at_least is None else self.at_least
