"""Checks on what Chromium, as people use it on the desktop, has kept in its profile."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, field_validator, model_validator
from typing_extensions import override

from riosim.checks.case import Case, Finding, Probe, ProfileProbe, ReadProbe, decode_blob, matches
from riosim.checks.dating import dated_by_last_act
from riosim.checks.formats.chromium import (
    Bookmark,
    Download,
    Setting,
    UnreadableProfileError,
    Visit,
    bookmarks,
    downloads,
    settings,
    visits,
)
from riosim.vocabulary import Word

__all__ = ["Bookmarked", "BrowserDownloaded", "BrowserSetting", "BrowserVisited"]

_PROFILE: Final = "/home/user/.config/chromium/Default"


class _ProfileWord(Word):
    """A word on one file of the profile: as it was at the start, and when all was written."""

    file: ClassVar[str]

    def probes(self) -> Iterator[Probe]:
        """Yield the reading of the file: at the start as it lies there, at the end written out."""
        yield ReadProbe(path=f"{_PROFILE}/{self.file}", max_bytes=16 * 2**20)
        yield ProfileProbe(path=f"{_PROFILE}/{self.file}")

    def _read(self, data: bytes) -> Iterable[Any]:
        """Return what the file holds."""
        raise NotImplementedError

    def _entries(self, case: Case) -> tuple[list[Any], list[Any]] | str:
        """Return what it held and holds, or why that is not known; no file holds nothing."""
        at_start, at_end = self.probes()
        files = case.snapshot.end.get(at_end.key)
        if files is None:
            return f"the browser's {self.file} was not read"
        try:
            before, after = (
                [one for file in some or [] for one in self._read(decode_blob(file["data"]))]
                for some in (case.snapshot.start.get(at_start.key), files)
            )
        except UnreadableProfileError as exc:
            return f"the browser's {self.file}: {exc}"
        return before, after

    def evaluate(self, case: Case) -> Finding:
        """Look for an entry that fits and was not there at the start."""
        entries = self._entries(case)
        if isinstance(entries, str):
            return Finding(met=False, note=entries)
        before, after = entries
        if self._is_turned():
            before, after = after, before
        for one in after:
            if one not in before and self._fits(one):
                return dated_by_last_act(case, Finding(met=True, note=self._note(one)[:200]))
        return Finding(met=False)

    def _is_turned(self) -> bool:
        """Whether it asks for an entry that is there no more."""
        return False

    def _fits(self, one: Any) -> bool:
        raise NotImplementedError

    def _note(self, one: Any) -> str:
        raise NotImplementedError


class Bookmarked(_ProfileWord):
    """`{bookmarked: {url: "https://paperhaven.test/*", folder: "Bookmarks bar*"}}`: a page is kept.

    It was no bookmark at the start; with `removed: true` it was one and is none any more.
    """

    file: ClassVar[str] = "Bookmarks"
    word: Literal["bookmarked"] = "bookmarked"
    url: str | None = None
    name: str | None = None
    folder: str | None = None
    removed: bool = False

    @override
    def _read(self, data: bytes) -> Iterable[Bookmark]:
        return bookmarks(data)

    @override
    def _is_turned(self) -> bool:
        return self.removed

    @override
    def _fits(self, one: Bookmark) -> bool:
        wanted = ((self.url, one.url), (self.name, one.name), (self.folder, one.folder))
        return all(matches(pattern, value) for pattern, value in wanted)

    @override
    def _note(self, one: Bookmark) -> str:
        return f"{one.url} is {'no bookmark any more' if self.removed else 'a bookmark'}"


class BrowserVisited(_ProfileWord):
    """`{browser_visited: {url: "https://*.example.test/*"}}`: a page stands in the history.

    The world's own evidence of pages (`page_shown`) is better where there is any; this is for what
    it cannot see, such as a local file.
    """

    file: ClassVar[str] = "History"
    word: Literal["browser_visited"] = "browser_visited"
    url: str | None = None
    title: str | None = None

    @override
    def _read(self, data: bytes) -> Iterable[Visit]:
        return visits(data)

    @override
    def _fits(self, one: Visit) -> bool:
        return matches(self.url, one.url) and matches(self.title, one.title)

    @override
    def _note(self, one: Visit) -> str:
        return f"{one.url} was visited {one.count} times"


class BrowserDownloaded(_ProfileWord):
    """`{browser_downloaded: {url: "*.zip", path: "/home/user/Downloads/*"}}`: a file was fetched.

    Told by the browser's list of downloads. It is complete unless `finished: false` asks for one
    that is not: refused, cancelled or still under way.
    """

    file: ClassVar[str] = "History"
    word: Literal["browser_downloaded"] = "browser_downloaded"
    url: str | None = None
    path: str | None = None
    finished: bool = True

    @override
    def _read(self, data: bytes) -> Iterable[Download]:
        return downloads(data)

    @override
    def _fits(self, one: Download) -> bool:
        fits = matches(self.url, one.url) and matches(self.path, one.path)
        return fits and one.finished == self.finished

    @override
    def _note(self, one: Download) -> str:
        return f"{one.url} was {'' if self.finished else 'not wholly '}downloaded as {one.path}"


class BrowserSetting(_ProfileWord):
    """`{browser_setting: {name: profile.cookie_controls_mode, value: 0}}`: a setting was made so.

    `name` leads through the file Preferences, with dots or as a list; each part is a shell pattern,
    as in `[profile, content_settings, exceptions, notifications, "https://x.test*", setting]`. A
    text is a pattern, too. What is as the browser comes is often not in the file.
    """

    file: ClassVar[str] = "Preferences"
    word: Literal["browser_setting"] = "browser_setting"
    name: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
    value: bool | int | float | str

    @field_validator("name", mode="before")
    @classmethod
    def _from_dots(cls, value: Any) -> Any:
        return tuple(value.split(".")) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _has_text(self) -> "BrowserSetting":
        if self.value == "":
            raise ValueError("an empty value is in no setting; say what it is")
        return self

    @override
    def _read(self, data: bytes) -> Iterable[Setting]:
        return settings(data, self.name)

    @override
    def _fits(self, one: Setting) -> bool:
        if isinstance(self.value, str):
            return isinstance(one.value, str) and matches(self.value, one.value)
        is_number = isinstance(one.value, int | float)
        same_kind = isinstance(one.value, bool) == isinstance(self.value, bool)
        return is_number and same_kind and one.value == self.value

    @override
    def _note(self, one: Setting) -> str:
        return f"the browser's setting {'.'.join(one.path)} is {one.value!r}"
