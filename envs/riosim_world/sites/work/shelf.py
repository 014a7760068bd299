"""The files of the workspace."""

import mimetypes
from collections.abc import Sequence

from starlette.responses import Response

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Row, Store, Upload, digest
from riosim_world.sites.kit.files import clean_name, file_response
from riosim_world.sites.work.talk import Talk

__all__ = ["FROM_MESSAGES", "Shelf"]

FROM_MESSAGES = "From messages"
_COLUMNS = "id, folder, name, media_type, bytes, digest, owner, added, room, trashed, seeded, kind"


class Shelf:
    """Files in folders; every change is recorded."""

    def __init__(self, context: SiteContext, store: Store, talk: Talk) -> None:
        self._context = context
        self._store = store
        self._talk = talk

    def listed(self, me: Row, *, trashed: bool = False) -> list[Row]:
        """Return what ME may see, by name."""
        sql = f"SELECT {_COLUMNS} FROM file WHERE trashed = ? "  # noqa: S608 - names are ours
        rows = self._store.rows(sql + "ORDER BY name COLLATE NOCASE, id", int(trashed))
        rooms = {row["room"]: True for row in rows if not row["room"]}
        for row in rows:
            if row["room"] not in rooms:
                rooms[row["room"]] = self._talk.may_read(me, row["room"])
        return [row for row in rows if rooms[row["room"]]]

    def folders(self, me: Row) -> list[str]:
        """Return the folders, those without files of ours left out."""
        return sorted({row["folder"] for row in self.listed(me)}, key=str.lower)

    def find(self, me: Row, number: int) -> Row | None:
        """Return a file that ME may see, without its content."""
        sql = f"SELECT {_COLUMNS} FROM file WHERE id = ?"  # noqa: S608 - names are ours
        row = self._store.row(sql, number)
        if row is None or (row["room"] and not self._talk.may_read(me, row["room"])):
            return None
        return row

    def content(self, file: Row) -> bytes:
        """Return what is in a file."""
        return bytes(self._store.value("SELECT data FROM file WHERE id = ?", file["id"]) or b"")

    def upload(self, me: Row, folder: str, files: Sequence[Upload], *, room: str = "") -> list[int]:
        """Keep files; return their numbers."""
        return [
            self._add(me, folder, clean_name(file.name) or "Untitled", file, room) for file in files
        ]

    def download(self, me: Row, file: Row) -> Response:
        """Hand out a file to be saved."""
        facts = {"name": file["name"], "folder": file["folder"], "user": me["user"]}
        self._store.insert("download", digest=file["digest"], **facts)
        self._context.record("downloaded", facts | {"digest": file["digest"]})
        return file_response(file, self.content(file))

    def throw_away(self, me: Row, file: Row) -> None:
        """Put a file into the bin, or take it back."""
        self._store.write("UPDATE file SET trashed = 1 - trashed WHERE id = ?", file["id"])
        facts = {"name": file["name"], "folder": file["folder"], "user": me["user"]}
        self._context.record("restored" if file["trashed"] else "trashed", facts)

    def erase(self, me: Row, file: Row) -> None:
        """Remove a file that is in the bin; only its name is kept."""
        sql = "UPDATE file SET trashed = 2, data = x'', bytes = 0 WHERE id = ?"
        self._store.write(sql, file["id"])
        facts = {"name": file["name"], "folder": file["folder"], "user": me["user"]}
        self._context.record("erased", facts)

    def rename(self, me: Row, file: Row, name: str, folder: str) -> str:
        """Give a file another name and folder; return what is wrong, if anything is."""
        name, folder = clean_name(name), clean_name(folder)
        if not (name and folder):
            return "A file needs a name and a folder."
        sql = "UPDATE file SET name = ?, folder = ? WHERE id = ?"
        self._store.write(sql, name, folder, file["id"])
        old = f"{file['folder']}/{file['name']}"
        facts = {"from": old, "to": f"{folder}/{name}", "user": me["user"]}
        self._context.record("file_moved", facts)
        return ""

    def _add(self, me: Row, folder: str, name: str, file: Upload, room: str) -> int:
        guess = mimetypes.guess_type(name)[0] or file.media_type[:100]
        facts = {"name": name, "folder": folder, "bytes": len(file.data)}
        facts["digest"] = digest(file.data)
        number = self._store.insert(
            "file",
            **facts,
            data=file.data,
            media_type=guess,
            owner=me["user"],
            added=self._context.now.isoformat(),
            room=room,
            seeded=0,
        )
        self._context.record("uploaded", facts | {"user": me["user"], "where": room[1:]})
        return number
