"""Files and folders: a tree for each owner, and who else may see a part of it."""

import mimetypes
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from riosim_world.sites.kit import Row, Store, digest

__all__ = ["QUOTA_BYTES", "SCHEMA", "Items", "Role"]

Role = Literal["owner", "edit", "view"]

QUOTA_BYTES = 50_000_000
SCHEMA = """
CREATE TABLE item (
  id INTEGER PRIMARY KEY, parent INTEGER, owner TEXT, kind TEXT, name TEXT, data BLOB,
  media_type TEXT, bytes INTEGER, digest TEXT, changed TEXT, starred INTEGER DEFAULT 0,
  trashed INTEGER DEFAULT 0, link TEXT DEFAULT '', seeded INTEGER);
CREATE INDEX item_parent ON item (owner, parent);
CREATE TABLE share (item INTEGER, email TEXT, role TEXT, seeded INTEGER, PRIMARY KEY (item, email));
CREATE TABLE download (
  id INTEGER PRIMARY KEY, path TEXT, name TEXT, user TEXT, via TEXT, digest TEXT);
CREATE TABLE erased (id INTEGER PRIMARY KEY, path TEXT, name TEXT, kind TEXT, seeded INTEGER);
"""
_COLUMNS = (
    "id, parent, owner, kind, name, media_type, bytes, digest, changed, starred, trashed, link, "
    "seeded"
)
_DEEPEST = 30


class Items:
    """What is stored, and who may do what with it."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._now = now.isoformat()

    def find(self, number: int) -> Row | None:
        """Return a file or folder, without its content."""
        return self._store.row(f"SELECT {_COLUMNS} FROM item WHERE id = ?", number)  # noqa: S608 - ours

    def find_link(self, token: str) -> Row | None:
        """Return what a shared link leads to."""
        sql = f"SELECT {_COLUMNS} FROM item WHERE link = ? AND trashed = 0"  # noqa: S608 - ours
        return self._store.row(sql, token) if token else None

    def content(self, item: Row) -> bytes:
        """Return what is in a file."""
        return bytes(self._store.value("SELECT data FROM item WHERE id = ?", item["id"]) or b"")

    def listed(self, where: str, *values: str | int) -> list[Row]:
        """Return items by a condition, folders first, then by name."""
        sql = f"SELECT {_COLUMNS} FROM item WHERE {where} "  # noqa: S608 - conditions are ours
        return self._store.rows(sql + "ORDER BY kind DESC, name COLLATE NOCASE, id", *values)

    def children(self, owner: str, parent: int) -> list[Row]:
        """Return what is in a folder; 0 is the top."""
        return self.listed("owner = ? AND parent = ? AND trashed = 0", owner, parent)

    def above(self, item: Row) -> list[Row]:
        """Return the folders that ITEM is in, the outermost first."""
        chain: list[Row] = []
        parent = self.find(item["parent"])
        while parent is not None and len(chain) < _DEEPEST:
            chain.insert(0, parent)
            parent = self.find(parent["parent"])
        return chain

    def below(self, item: Row) -> Iterator[tuple[str, Row]]:
        """Yield ITEM and all that is in it, with the path from ITEM's own name."""
        waiting = [(item["name"], item)]
        while waiting:
            path, row = waiting.pop(0)
            yield path, row
            if row["kind"] == "folder":
                waiting += [
                    (f"{path}/{child['name']}", child)
                    for child in self.children(row["owner"], row["id"])
                ]

    def path(self, item: Row) -> str:
        """Return the path of ITEM, from the top."""
        return "/".join([*(row["name"] for row in self.above(item)), item["name"]])

    def role(self, me: Row, item: Row) -> Role | None:
        """Return what ME may do with ITEM: its owner, or somebody it or a folder above is for."""
        if item["owner"] == me["user"]:
            return "owner"
        if any(row["trashed"] for row in (*self.above(item), item)):
            return None
        sql = "SELECT role FROM share WHERE item = ? AND lower(email) = lower(?)"
        for row in (item, *reversed(self.above(item))):
            role = self._store.value(sql, row["id"], me["email"] or me["user"])
            if role in ("edit", "view"):
                return "edit" if role == "edit" else "view"
        return None

    def is_within(self, item: Row, folder: Row) -> bool:
        """Return whether ITEM is FOLDER or somewhere in it."""
        return folder["id"] in {item["id"], *(row["id"] for row in self.above(item))}

    def used(self, owner: str) -> int:
        """Return how many bytes somebody keeps."""
        return int(
            self._store.value("SELECT coalesce(sum(bytes), 0) FROM item WHERE owner = ?", owner)
        )

    def add_folder(self, owner: str, parent: int, name: str, *, seeded: bool = False) -> int:
        """Make a folder; return its number."""
        return self._store.insert(
            "item",
            parent=parent,
            owner=owner,
            kind="folder",
            name=self.free_name(owner, parent, name),
            media_type="",
            bytes=0,
            digest="",
            changed=self._now,
            seeded=int(seeded),
        )

    def add_file(
        self,
        owner: str,
        parent: int,
        name: str,
        data: bytes,
        *,
        media_type: str = "",
        changed: str = "",
        seeded: bool = False,
    ) -> int:
        """Keep a file; return its number."""
        guess = mimetypes.guess_type(name)[0] or media_type or "application/octet-stream"
        return self._store.insert(
            "item",
            parent=parent,
            owner=owner,
            kind="file",
            name=self.free_name(owner, parent, name),
            data=data,
            media_type=guess,
            bytes=len(data),
            digest=digest(data),
            changed=changed or self._now,
            seeded=int(seeded),
        )

    def free_name(self, owner: str, parent: int, name: str) -> str:
        """Return NAME, or NAME with a number if the folder has it already."""
        taken = {row["name"].lower() for row in self.children(owner, parent)}
        stem, dot, end = name.rpartition(".")
        stem, end = (stem, dot + end) if stem else (name, "")
        number, free = 1, name
        while free.lower() in taken:
            number += 1
            free = f"{stem} ({number}){end}"
        return free
