"""Rows in and out of a site's database."""

import json
import sqlite3
from typing import Any

from riosim_world.room import FullError

__all__ = ["Row", "Store"]

Row = dict[str, Any]

_SETTINGS = "CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value TEXT NOT NULL);"


class Store:
    """A thin hand on one connection; every value goes in as a parameter."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def create(self, schema: str) -> None:
        """Run SCHEMA, and make the table of settings."""
        self._db.executescript(_SETTINGS + schema)

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """Return all rows of a query, as dicts."""
        cursor = self._db.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def row(self, sql: str, *values: Any) -> Row | None:
        """Return the first row of a query, if there is one."""
        return next(iter(self.rows(sql, *values)), None)

    def value(self, sql: str, *values: Any) -> Any:
        """Return the first column of the first row, or None."""
        row = self._db.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def write(self, sql: str, *values: Any) -> int:
        """Change something; return how many rows it touched.

        Raises:
            FullError: It does not fit; nothing has changed.
        """
        return self._change(sql, values).rowcount

    def insert(self, table: str, **values: Any) -> int:
        """Add a row to TABLE and return its number.

        Raises:
            FullError: It does not fit; nothing has changed.
        """
        columns = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        sql = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - names are ours
        return self._change(sql, tuple(values.values())).lastrowid or 0

    def toggle(self, table: str, **key: Any) -> bool:
        """Take the row KEY out of TABLE, or put it in if it was not there; return if it is now.

        Raises:
            FullError: It does not fit; nothing has changed.
        """
        where = " AND ".join(f"{column} = ?" for column in key)
        if self.write(f"DELETE FROM {table} WHERE {where}", *key.values()):  # noqa: S608 - names are ours
            return False
        self.insert(table, **key)
        return True

    def setting(self, key: str, default: Any = None) -> Any:
        """Return the setting KEY, else DEFAULT."""
        text = self.value("SELECT value FROM setting WHERE key = ?", key)
        return default if text is None else json.loads(text)

    def set(self, key: str, value: Any) -> None:
        """Keep VALUE, which must be JSON, under KEY."""
        self.write("INSERT OR REPLACE INTO setting VALUES (?, ?)", key, json.dumps(value))

    def _change(self, sql: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
        try:
            with self._db:
                return self._db.execute(sql, values)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise FullError("The site holds as much as it may.") from error
            raise
