"""What people do with their files; every change is recorded."""

import re
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.responses import Response

from riosim_world.site import SiteContext
from riosim_world.sites.drive.items import QUOTA_BYTES, Items
from riosim_world.sites.kit import Form, Row, Store, Upload, digest
from riosim_world.sites.kit.files import clean_name, file_response
from riosim_world.sites.kit.packages import zip_file

__all__ = ["Acts"]

_ADDRESS = re.compile(r"[^\s@<>\",;]{1,60}@[^\s@<>\",;]{3,80}")


class Acts:
    """Changes of the tree, of shares and of links."""

    def __init__(self, context: SiteContext, store: Store, items: Items) -> None:
        self._context = context
        self._store = store
        self._items = items

    def upload(
        self, owner: str, folder: int, files: Sequence[Upload], *, by: str
    ) -> tuple[list[str], list[str]]:
        """Keep files; return the names of what was kept, and what was wrong."""
        done: list[str] = []
        errors = [] if files else ["Choose a file first."]
        for file in files:
            name = clean_name(file.name) or "Untitled"
            if self._items.used(owner) + len(file.data) > QUOTA_BYTES:
                errors.append(f"There is no room for {name}. Empty the bin or choose another plan.")
                continue
            number = self._items.add_file(
                owner, folder, name, file.data, media_type=file.media_type[:100]
            )
            item = self._items.find(number)
            assert item is not None  # noqa: S101 - added one line above
            facts = {"name": item["name"], "path": self._items.path(item), "user": by}
            self._context.record(
                "uploaded", {**facts, "bytes": item["bytes"], "digest": item["digest"]}
            )
            done.append(str(item["name"]))
        return done, errors

    def make_folder(self, owner: str, parent: int, name: str) -> str:
        """Make a folder; return its name, or nothing if it cannot have that one."""
        name = clean_name(name)
        if not name:
            return ""
        item = self._items.find(self._items.add_folder(owner, parent, name))
        assert item is not None  # noqa: S101 - added one line above
        self._context.record("folder_made", {"path": self._items.path(item), "user": owner})
        return str(item["name"])

    def download(self, item: Row, *, user: str, via: str) -> Response:
        """Hand out a file, or a folder as an archive."""
        row = {"path": self._items.path(item), "name": item["name"], "user": user, "via": via}
        if item["kind"] == "file":
            data, shown = self._items.content(item), item
        else:
            data = zip_file(
                {
                    path: self._items.content(row)
                    for path, row in self._items.below(item)
                    if row["kind"] == "file"
                }
            )
            shown = item | {"name": f"{item['name']}.zip", "media_type": "application/zip"}
        row["digest"] = digest(data)
        self._store.insert("download", **row)
        self._context.record("downloaded", row)
        return file_response(shown, data)

    def share(self, me: Row, item: Row, what: str, form: Form) -> str:
        """Change who may see ITEM; return what is wrong, if anything is."""
        path = self._items.path(item)
        if what == "link":
            token = self._token(item)
            self._store.write("UPDATE item SET link = ? WHERE id = ?", token, item["id"])
            self._context.record("link_made", {"path": path, "link": token, "user": me["user"]})
        elif what == "unlink":
            self._store.write("UPDATE item SET link = '' WHERE id = ?", item["id"])
            self._context.record("link_removed", {"path": path, "user": me["user"]})
        elif what == "remove":
            email = form.text("email", limit=200)
            self._store.write("DELETE FROM share WHERE item = ? AND email = ?", item["id"], email)
            self._context.record("unshared", {"path": path, "email": email, "user": me["user"]})
        elif what == "invite":
            return self._invite(me, item, form)
        else:
            return "Choose what to change."
        return ""

    def rename(self, item: Row, name: str, parent: int) -> str:
        """Give ITEM another name and place; return what is wrong, if anything is."""
        name = clean_name(name)
        if not name:
            return "The name cannot be empty."
        if (name, parent) != (item["name"], item["parent"]):
            old = self._items.path(item)
            if (name.lower(), parent) != (item["name"].lower(), item["parent"]):
                name = self._items.free_name(item["owner"], parent, name)
            sql = "UPDATE item SET name = ?, parent = ? WHERE id = ?"
            self._store.write(sql, name, parent, item["id"])
            new = self._items.path(item | {"name": name, "parent": parent})
            self._context.record("moved", {"from": old, "to": new, "user": item["owner"]})
        return ""

    def change(self, item: Row, what: str) -> str:
        """Star, throw away, take back or erase ITEM; return what to say about it."""
        facts = {"path": self._items.path(item), "user": item["owner"]}
        if what == "star":
            sql = "UPDATE item SET starred = 1 - starred WHERE id = ?"
            said = "The star is gone." if item["starred"] else "Added to Starred."
        elif what == "trash" and not item["trashed"]:
            sql, said = "UPDATE item SET trashed = 1 WHERE id = ?", f"{item['name']} is in the bin."
        elif what == "restore" and item["trashed"]:
            sql, said = "UPDATE item SET trashed = 0 WHERE id = ?", f"{item['name']} is back."
        elif what == "erase" and item["trashed"]:
            return self._erase(item)
        else:
            raise HTTPException(404)
        self._store.write(sql, item["id"])
        self._context.record({"star": "starred", "trash": "trashed"}.get(what, "restored"), facts)
        return said

    def _erase(self, item: Row) -> str:
        rows = [(self._items.path(row), row) for _, row in self._items.below(item)]
        for path, row in rows:
            values = {"path": path, "name": row["name"], "kind": row["kind"]}
            self._store.insert("erased", **values, seeded=row["seeded"])
            self._context.record("erased", {**values, "user": row["owner"]})
            self._store.write("DELETE FROM share WHERE item = ?", row["id"])
            self._store.write("DELETE FROM item WHERE id = ?", row["id"])
            self._store.write(
                "UPDATE item SET parent = 0 WHERE parent = ? AND trashed = 1", row["id"]
            )
        return f"{item['name']} is gone for good."

    def _invite(self, me: Row, item: Row, form: Form) -> str:
        email, role = form.text("email", limit=200), form.text("role")
        if not _ADDRESS.fullmatch(email):
            return "Enter the mail address of one person."
        role = role if role in ("view", "edit") else "view"
        sql = "INSERT OR REPLACE INTO share VALUES (?, ?, ?, 0)"
        self._store.write(sql, item["id"], email, role)
        note = form.text("message", limit=600)
        facts = {"path": self._items.path(item), "email": email, "role": role}
        self._context.record("shared", {**facts, "user": me["user"], "message": note})
        address = f"https://{self._context.host}/item/{item['id']}"
        text = f"{me['name']} shares “{item['name']}” with you.\n\n{note}\n\nOpen it: {address}\n"
        self._context.mailer.deliver(
            sender=f"Stowhold <share@{self._context.host}>",
            to=email,
            subject="Something was shared with you",
            text=text,
        )
        return ""

    def _token(self, item: Row) -> str:
        key = self._store.setting("session_key")
        return str(item["link"]) or digest(f"{key}:link:{item['id']}")[:18]
