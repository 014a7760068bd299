"""What Chromium keeps in a profile: bookmarks and settings (JSON), history and downloads (SQLite).

A database is copied into memory and opened there: no lock is asked for or met, nothing is written,
and what the agent may have put into the file can neither run for long nor fill the memory.
"""

import itertools
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

__all__ = [
    "Bookmark",
    "Download",
    "Setting",
    "UnreadableProfileError",
    "Visit",
    "bookmarks",
    "downloads",
    "settings",
    "visits",
]

_MAX_DEPTH: Final = 50
_MAX_ROWS: Final = 10_000
_MAX_TEXT_BYTES: Final = 2**20  # of one text
_MAX_CHARS: Final = 2**24  # of all texts: the file itself is no longer
_MAX_OPERATIONS: Final = 20_000_000  # of SQLite's machine: far more than it takes, a second or two
_STRIDE: Final = 1_000
_FINISHED: Final = 1  # downloads.state, as Chromium's history/core/browser/download_types.h says


class UnreadableProfileError(ValueError):
    """The bytes are not what Chromium writes, or damaged."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A page that was kept; `folder` is the way to it, with slashes."""

    url: str
    name: str
    folder: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting, or a group of them, and where it stands."""

    path: tuple[str, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that was loaded."""

    url: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Download:
    """A file that was fetched, or begun to be."""

    url: str
    path: str
    finished: bool


def bookmarks(data: bytes) -> list[Bookmark]:
    """Return the bookmarks in the file `Bookmarks`.

    Raises:
        UnreadableProfileError: It is not such a file.
    """
    roots = _json(data).get("roots")
    if not isinstance(roots, dict):
        raise UnreadableProfileError("There are no roots of bookmarks.")
    return [one for root in roots.values() for one in _bookmarks(root, "", 0)]


def _bookmarks(node: Any, folder: str, depth: int) -> Iterator[Bookmark]:
    if not isinstance(node, dict) or depth > _MAX_DEPTH:
        return
    name = str(node.get("name", ""))
    if node.get("type") == "url":
        yield Bookmark(str(node.get("url", "")), name, folder)
    children = node.get("children")
    for child in children if isinstance(children, list) else ():
        yield from _bookmarks(child, f"{folder}/{name}".lstrip("/"), depth + 1)


def settings(data: bytes, path: Sequence[str]) -> list[Setting]:
    """Return what stands at PATH in the file `Preferences`; each part is a shell pattern.

    Raises:
        UnreadableProfileError: It is not such a file.
    """
    found = [Setting((), _json(data))]
    for part in path:
        found = [
            Setting((*one.path, key), value)
            for one in found
            if isinstance(one.value, dict)
            for key, value in one.value.items()
            if key == part or fnmatchcase(key, part)
        ]
    return found


def visits(data: bytes) -> list[Visit]:
    """Return the pages in the file `History`.

    Raises:
        UnreadableProfileError: It is not such a file.
    """
    rows = _rows(data, "SELECT url, title, visit_count FROM urls WHERE visit_count > 0")
    return [Visit(str(url), str(title), int(count)) for url, title, count in rows]


def downloads(data: bytes) -> list[Download]:
    """Return the downloads in the file `History`, each with the address that it ended at.

    Raises:
        UnreadableProfileError: It is not such a file.
    """
    rows = _rows(
        data,
        "SELECT (SELECT url FROM downloads_url_chains c WHERE c.id = d.id ORDER BY chain_index DESC"
        " LIMIT 1), target_path, state FROM downloads d",
    )
    return [Download(str(url or ""), str(path), state == _FINISHED) for url, path, state in rows]


def _json(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise UnreadableProfileError(f"It is no JSON that Chromium writes: {exc}") from exc
    if not isinstance(value, dict):
        raise UnreadableProfileError(f"It is no JSON object: {str(value)[:40]!r}.")
    return value


def _rows(data: bytes, query: str) -> list[tuple[Any, ...]]:
    if not data.startswith(b"SQLite format 3\0"):
        raise UnreadableProfileError(f"No SQLite database: it begins {data[:16]!r}.")
    plain = bytearray(data)
    plain[18:20] = b"\1\1"  # a log of writes beside it, if there is one, is not looked for
    connection = sqlite3.connect(":memory:")
    operations = iter(range(_MAX_OPERATIONS // _STRIDE))
    try:
        connection.deserialize(bytes(plain))
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_TEXT_BYTES)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        connection.set_progress_handler(lambda: next(operations, None) is None, _STRIDE)
        return list(_bounded(connection.execute(query)))
    except (sqlite3.Error, UnicodeError, OverflowError, MemoryError) as exc:
        raise UnreadableProfileError(f"The database cannot be read: {exc}") from exc
    finally:
        connection.close()


def _bounded(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yield rows as long as they can have been stored, not been made up by a view."""
    left = _MAX_CHARS
    for row in itertools.islice(rows, _MAX_ROWS):
        left -= sum(len(value) for value in row if isinstance(value, str | bytes))
        if left < 0:
            raise UnreadableProfileError("The database says more than can be in it.")
        yield row
