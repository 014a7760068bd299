"""A check on what can be read in a picture, whoever made it and however."""

import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, model_validator

from riosim.checks.case import Case, Finding, PictureProbe, Probe
from riosim.checks.dating import dated_by_last_act
from riosim.checks.text import TextPattern
from riosim.vocabulary import Word

__all__ = ["PictureShows", "reads_like"]

_LEAST_CHARS: Final = 6
_LEAST_WORD: Final = 3
_CHARS_PER_SLIP: Final = 8
_ALIKE: Final = str.maketrans("oilsb", "01156")


def _long_enough(text: str) -> str:
    if not text.startswith("${") and len(_bare(text)) < _LEAST_CHARS:
        raise ValueError(
            f"{text!r} has fewer than {_LEAST_CHARS} letters and digits; so short a text is read "
            "by mistake in many a picture"
        )
    return text


def _no_speck(pattern: TextPattern) -> TextPattern:
    """Refuse pieces that character recognition finds in any grain of a picture."""
    ways = [way for slot in pattern.slots.values() for way in slot]
    for piece in (*pattern.contains, *pattern.lacks, *ways):
        if not piece.startswith("${") and len(_bare(piece)) < _LEAST_WORD:
            raise ValueError(f"{piece!r} has fewer than {_LEAST_WORD} letters and digits")
    return pattern


def _least_chars(pattern: TextPattern) -> int:
    """Return how many letters and digits are enough for a pattern in the easiest case."""
    shortest = sorted(min(len(_bare(way)) for way in slot) for slot in pattern.slots.values())
    return sum(shortest[: pattern.needed]) + sum(len(_bare(one)) for one in pattern.contains)


class PictureShows(Word):
    """`{picture_shows: {path: "/srv/handover/*.png", texts: ["…"]}}`: a picture in which it reads.

    For screenshots, photographs and exported drawings: the pixels are read (optical character
    recognition), not what the file says of itself, and one misread character in eight is forgiven.
    A picture that shows all of `texts`, and fits `text`, counts if it is new or changed; what is
    painted over or blurred is not shown. Pieces of `text` with fewer than six letters count as
    whole words alone, without a slip.
    """

    word: Literal["picture_shows"] = "picture_shows"
    path: Annotated[str, Field(pattern=r"^(/|\$\{home\})[^\x00]*$")]  # last part may hold * and ?
    texts: Annotated[
        tuple[Annotated[str, AfterValidator(_long_enough)], ...], Field(max_length=20)
    ] = ()
    text: Annotated[TextPattern, AfterValidator(_no_speck)] | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> "PictureShows":
        if not self.texts and self.text is None:
            raise ValueError("say what the picture shows: `texts`, `text` or both")
        if not self.texts and self.text and (least := _least_chars(self.text)) < _LEAST_CHARS:
            raise ValueError(f"{least} letters and digits may be enough; let it ask for more")
        return self

    def evaluate(self, case: Case) -> Finding:
        """Look for the texts in what was read; a picture that was there unchanged is left out."""
        (probe,) = self.probes()
        if not case.was_read(probe):
            return Finding(met=False, note=f"{self.path} was not read")
        before = {p["path"]: p["digest"] for p in case.snapshot.start.get(probe.key) or []}
        for picture in case.snapshot.end[probe.key]:
            path = str(picture["path"])
            if before.get(path) == picture["digest"]:
                continue
            found = self._found(str(picture["text"]))
            if found is not None:
                note = f"{path} shows {found}"
                return dated_by_last_act(case, Finding(met=True, note=note), path)
        return Finding(met=False)

    def _found(self, read: str) -> str | None:
        if not all(reads_like(text, read) for text in self.texts):
            return None
        words = ", ".join(map(repr, self.texts))
        if self.text is None:
            return words
        found = self.text.found(lambda piece: _holds(piece, read))
        return None if found is None else ", ".join(filter(None, (words, found)))

    def probes(self) -> Iterator[Probe]:
        """Yield the reading of the pictures."""
        yield PictureProbe(path=self.path)


def reads_like(wanted: str, read: str) -> bool:
    """Whether WANTED stands in READ, the output of character recognition.

    Only letters and digits are compared, without case, and those that look alike (O and 0, l and 1)
    are the same. One edit is forgiven for each eight characters wanted. The distance to the best
    substring is Sellers' (1980): a row of the table for each character read.
    """
    needle, hay = _bare(wanted), _bare(read)
    if not needle:
        return False
    column = list(range(len(needle) + 1))
    most = len(needle) // _CHARS_PER_SLIP
    if needle in hay:
        return True
    for char in hay:
        diagonal, column[0] = column[0], 0
        for i, one in enumerate(needle, 1):
            diagonal, column[i] = (
                column[i],
                min(column[i] + 1, column[i - 1] + 1, diagonal + (one != char)),
            )
        if column[-1] <= most:
            return True
    return False


def _holds(piece: str, read: str) -> bool:
    """Whether a piece stands in what was READ: a short one as whole words, as it is."""
    wanted = _bare(piece)
    if len(wanted) >= _LEAST_CHARS:
        return reads_like(piece, read)
    words = [_bare(word) for word in re.findall(r"\w+", read)]
    for start in range(len(words)):
        joined = ""
        for word in words[start:]:
            joined += word
            if len(joined) >= len(wanted):
                break
        if joined == wanted:
            return True
    return False


def _bare(text: str) -> str:
    """Return the letters and digits of a text, those that look alike as one."""
    return "".join(filter(str.isalnum, text.casefold())).translate(_ALIKE)
