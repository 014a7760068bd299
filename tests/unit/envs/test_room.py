"""How much visitors may add to the databases of a world."""

import sqlite3
from collections.abc import Iterator

import pytest

from riosim_world.room import MOST_BYTES, MOST_CHANGES, FullError, Room, bytes_left
from riosim_world.sites.kit import Store

_MIB = 2**20


class _Copy:
    """A copy of a site with one table, seeded with a little."""

    def __init__(self, room: Room, name: str) -> None:
        self.db = sqlite3.connect(":memory:")
        self._room = room
        self._name = name
        self.store = Store(self.db)
        self.store.create("CREATE TABLE thing (id INTEGER PRIMARY KEY, data BLOB);")
        self._n_seeded = int(self.store.value("PRAGMA page_count"))

    def ask(self) -> int:
        """Begin a request; return how much it may add."""
        self._room.share(self._name, self.db, n_seeded_pages=self._n_seeded)
        return bytes_left(self.db)


@pytest.fixture
def copies() -> Iterator[tuple[_Copy, _Copy]]:
    room = Room()
    both = _Copy(room, "a"), _Copy(room, "b")
    yield both
    for copy in both:
        copy.db.close()


def test_what_one_copy_takes_no_other_has(copies):
    one, other = copies
    assert one.ask() == other.ask() == MOST_BYTES
    one.store.insert("thing", data=b"x" * 3 * _MIB)
    one.ask()
    assert other.ask() == one.ask()
    assert 8 * _MIB < other.ask() <= 9 * _MIB


def test_what_does_not_fit_changes_nothing(copies):
    one, _ = copies
    one.ask()
    with pytest.raises(FullError):
        one.store.insert("thing", data=b"x" * (MOST_BYTES + 1))
    assert one.store.value("SELECT count(*) FROM thing") == 0
    one.store.insert("thing", data=b"x")
    with pytest.raises(FullError):
        one.store.write("UPDATE thing SET data = ?", b"x" * (MOST_BYTES + 1))
    assert one.store.value("SELECT data FROM thing") == b"x"


def test_what_is_removed_makes_room(copies):
    one, _ = copies
    one.ask()
    one.store.insert("thing", data=b"x" * 11 * _MIB)
    assert one.ask() < 2 * _MIB
    one.store.write("DELETE FROM thing")
    assert one.ask() > 11 * _MIB


def test_many_small_changes_leave_no_room_for_anybody(copies):
    one, other = copies
    one.ask()
    one.store.insert("thing", data=b"x")
    for _ in range(MOST_CHANGES - 1):
        one.store.write("UPDATE thing SET data = ?", b"y")
    one.ask()
    assert one.ask() == other.ask() == 0
    with pytest.raises(FullError):
        other.store.insert("thing", data=b"x" * 10_000)


def test_other_mistakes_of_a_statement_stay_what_they_are(copies):
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        copies[0].store.write("INSERT INTO absent VALUES (1)")
