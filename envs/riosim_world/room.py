"""How much visitors may add to the sites of a world, all together, until the next reset.

The database of a copy is told before every request how far it may still grow; SQLite then refuses
what does not fit, and the kit answers with a page that says so.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

__all__ = ["MOST_BYTES", "MOST_CHANGES", "FullError", "Room", "bytes_left"]

MOST_BYTES: Final = 12 * 2**20
"""An upload of the largest size and half as much again."""

MOST_CHANGES: Final = 5_000
"""Rows written, changed or removed: many times what a person does in a day."""


class FullError(ValueError):
    """Something holds as much as it may."""


@dataclass(frozen=True, slots=True)
class _Use:
    n_bytes: int = 0
    n_changes: int = 0


class Room:
    """What is left of it."""

    def __init__(self) -> None:
        self._used: dict[str, _Use] = {}

    def clear(self) -> None:
        """Begin anew."""
        self._used.clear()

    def share(self, name: str, db: sqlite3.Connection, *, n_seeded_pages: int) -> None:
        """Let the database of the copy NAME grow by what all of them have left."""
        n_pages, page_bytes = _pragma(db, "page_count"), _pragma(db, "page_size")
        grown = (n_pages - n_seeded_pages) * page_bytes
        self._used[name] = _Use(max(0, grown), db.total_changes)
        n_bytes = MOST_BYTES - sum(use.n_bytes for use in self._used.values())
        if sum(use.n_changes for use in self._used.values()) >= MOST_CHANGES:
            n_bytes = 0
        _set_most_pages(db, n_pages + max(0, n_bytes) // page_bytes)


def bytes_left(db: sqlite3.Connection) -> int:
    """Return how much a database still takes: pages that are free, and those it may add."""
    n_free = _pragma(db, "freelist_count")
    n_more = _pragma(db, "max_page_count") - _pragma(db, "page_count")
    return (n_free + n_more) * _pragma(db, "page_size")


def _set_most_pages(db: sqlite3.Connection, n_pages: int) -> None:
    db.execute(f"PRAGMA max_page_count = {n_pages}")


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])
