"""A check on what can be read in a picture, whoever made it and however."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from riosim.checks.case import Case, Finding, PictureProbe, Probe
from riosim.checks.dating import dated_by_last_act
from riosim.vocabulary import Word

__all__ = ["PictureShows", "reads_like"]

_LEAST_CHARS: Final = 6
_CHARS_PER_SLIP: Final = 8
_ALIKE: Final = str.maketrans("oilsb", "01156")


def _long_enough(text: str) -> str:
    if not text.startswith("${") and len(_bare(text)) < _LEAST_CHARS:
        raise ValueError(
            f"{text!r} has fewer than {_LEAST_CHARS} letters and digits; so short a text is read "
            "by mistake in many a picture"
        )
    return text


class PictureShows(Word):
    """`{picture_shows: {path: "/srv/handover/*.png", texts: ["…"]}}`: a picture in which it reads.

    For screenshots and photographs: the pixels are read (optical character recognition), not what
    the file says of itself, and one misread character in eight is forgiven. A picture that shows
    all of `texts` counts if it is new or changed; what is painted over or blurred is not shown.
    """

    word: Literal["picture_shows"] = "picture_shows"
    path: Annotated[str, Field(pattern=r"^(/|\$\{home\})[^\x00]*$")]  # last part may hold * and ?
    texts: Annotated[
        tuple[Annotated[str, AfterValidator(_long_enough)], ...], Field(min_length=1, max_length=20)
    ]

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
            if all(reads_like(text, str(picture["text"])) for text in self.texts):
                note = f"{path} shows {', '.join(map(repr, self.texts))}"
                return dated_by_last_act(case, Finding(met=True, note=note), path)
        return Finding(met=False)

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


def _bare(text: str) -> str:
    """Return the letters and digits of a text, those that look alike as one."""
    return "".join(filter(str.isalnum, text.casefold())).translate(_ALIKE)
