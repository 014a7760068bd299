"""A check on what was packed into an archive."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from riosim.checks.case import Case, Finding, Probe, ReadProbe, decode_blob, matches
from riosim.checks.dating import dated_by_last_act
from riosim.checks.formats.packed import UnreadableArchiveError, packed_files
from riosim.checks.text import TextPattern
from riosim.vocabulary import Word

__all__ = ["ArchiveHas"]

_MAX_BYTES = 16 * 2**20


class ArchiveHas(Word):
    """`{archive_has: {path: "/srv/handover/*", member: "*.csv", text: {…}}}`: what was packed.

    A zip or tar that is new or changed holds a file whose path in it fits `member`, with that
    text; what is encrypted has no text. Names are told apart from content: give one or both.
    """

    word: Literal["archive_has"] = "archive_has"
    path: Annotated[str, Field(pattern=r"^(/|\$\{home\})[^\x00]*$")]  # last part may hold * and ?
    member: str = "*"
    text: TextPattern | None = None

    def evaluate(self, case: Case) -> Finding:
        """Look into every archive that the pattern names; what was there unchanged is left out."""
        (probe,) = self.probes()
        if not case.was_read(probe):
            return Finding(met=False, note=f"{self.path} was not read")
        for file in case.new_files(self.path):
            path = str(file["path"])
            found = self._found(path, decode_blob(str(file.get("data") or "")))
            if found is not None:
                note = f"{path} holds {found}"
                return dated_by_last_act(case, Finding(met=True, note=note), path)
        return Finding(met=False)

    def _found(self, path: str, data: bytes) -> str | None:
        try:
            files = packed_files(path, data)
        except UnreadableArchiveError:
            return None
        for name, content in files:
            if not matches(self.member, name):
                continue
            if self.text is None:
                return name
            if content is None:
                continue
            found = self.text.match(content.decode(errors="replace"))
            if found is not None:
                return f"{name} with {found}"
        return None

    def probes(self) -> Iterator[Probe]:
        """Yield the reading of the archives."""
        yield ReadProbe(path=self.path, max_bytes=_MAX_BYTES)
