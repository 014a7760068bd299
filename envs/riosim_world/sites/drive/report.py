"""The end state of Stowhold, for checks."""

from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.drive.items import Items
from riosim_world.sites.kit import Accounts, Row, Sessions, Store

__all__ = ["state"]

_MOST_TEXT_BYTES = 20_000


def state(context: SiteContext) -> dict[str, Any]:
    """Return files with their content's digest, shares, links, downloads and who signed in."""
    store = Store(context.db)
    items = Items(store, context.now)
    rows = items.listed("1 = 1")
    paths = {row["id"]: items.path(row) for row in rows}
    shares = store.rows("SELECT item, email, role, seeded FROM share ORDER BY rowid")
    return {
        "files": [
            _facts(row, paths) | {"text": _text(items, row)}
            for row in sorted(rows, key=lambda row: row["id"])
            if row["kind"] == "file"
        ],
        "folders": [
            _facts(row, paths)
            for row in sorted(rows, key=lambda row: row["id"])
            if row["kind"] == "folder"
        ],
        "shares": [
            {
                "path": paths.get(row["item"], ""),
                "email": row["email"],
                "role": row["role"],
                "seeded": bool(row["seeded"]),
            }
            for row in shares
        ],
        "downloads": store.rows("SELECT path, name, user, via, digest FROM download ORDER BY id"),
        "erased": [
            row | {"seeded": bool(row["seeded"])}
            for row in store.rows("SELECT path, name, kind, seeded FROM erased ORDER BY id")
        ],
        **Sessions(context, Accounts(context)).state(),
    }


def _facts(row: Row, paths: dict[int, str]) -> Row:
    kept = ("id", "owner", "name", "media_type", "bytes", "digest", "link")
    flags = ("starred", "trashed", "seeded")
    return {
        "path": paths[row["id"]],
        **{key: row[key] for key in kept},
        **{key: bool(row[key]) for key in flags},
    }


def _text(items: Items, row: Row) -> str:
    if row["bytes"] > _MOST_TEXT_BYTES or not row["media_type"].startswith("text/"):
        return ""
    return items.content(row).decode("utf-8", "replace")
