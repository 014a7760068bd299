"""Files of a Chromium profile, as the browser writes them."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["bookmarks_file", "history_database", "history_file", "packed_database"]

# The columns that are read, and some beside them, as Chromium 156 makes them.
_SCHEMA = """
CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR);
CREATE TABLE urls(id INTEGER PRIMARY KEY AUTOINCREMENT, url LONGVARCHAR, title LONGVARCHAR,
    visit_count INTEGER DEFAULT 0 NOT NULL, typed_count INTEGER DEFAULT 0 NOT NULL,
    last_visit_time INTEGER NOT NULL DEFAULT 0, hidden INTEGER DEFAULT 0 NOT NULL);
CREATE TABLE downloads (id INTEGER PRIMARY KEY, guid VARCHAR NOT NULL DEFAULT '',
    current_path LONGVARCHAR NOT NULL DEFAULT '', target_path LONGVARCHAR NOT NULL,
    received_bytes INTEGER NOT NULL DEFAULT 0, total_bytes INTEGER NOT NULL DEFAULT 0,
    state INTEGER NOT NULL);
CREATE TABLE downloads_url_chains (id INTEGER NOT NULL, chain_index INTEGER NOT NULL,
    url LONGVARCHAR NOT NULL, PRIMARY KEY (id, chain_index));
"""


def bookmarks_file(*pages: tuple[str, str], folder: str = "", other: Iterable[Any] = ()) -> bytes:
    """Return `Bookmarks` with these (url, name) in the bar, or in a FOLDER of it."""
    children: list[Any] = [{"type": "url", "url": url, "name": name} for url, name in pages]
    if folder:
        children = [{"type": "folder", "name": folder, "children": children}]
    roots: Mapping[str, Any] = {
        "bookmark_bar": {"type": "folder", "name": "Bookmarks bar", "children": children},
        "other": {"type": "folder", "name": "Other bookmarks", "children": list(other)},
    }
    return json.dumps({"checksum": "0", "roots": roots, "version": 1}).encode()


def history_database(
    place: Path | str,
    visits: Iterable[tuple[str, str]] = (),
    downloads: Iterable[tuple[str, str, int]] = (),
) -> sqlite3.Connection:
    """Make a history of (url, title) visited and of (url, path, state) downloaded."""
    connection = sqlite3.connect(place)
    connection.executescript(_SCHEMA)
    connection.executemany("INSERT INTO urls(url, title, visit_count) VALUES (?, ?, 1)", visits)
    for number, (url, path, state) in enumerate(downloads, 1):
        connection.execute(
            "INSERT INTO downloads(id, target_path, state) VALUES (?, ?, ?)", (number, path, state)
        )
        chain = [(number, 0, "https://short.test/1"), (number, 1, url)]
        connection.executemany("INSERT INTO downloads_url_chains VALUES (?, ?, ?)", chain)
    connection.commit()
    return connection


def history_file(
    visits: Iterable[tuple[str, str]] = (), downloads: Iterable[tuple[str, str, int]] = ()
) -> bytes:
    """Return `History` with these."""
    return packed_database(history_database(":memory:", visits, downloads))


def packed_database(connection: sqlite3.Connection) -> bytes:
    """Return a database as a file, and close it."""
    data = connection.serialize()
    connection.close()
    return data
