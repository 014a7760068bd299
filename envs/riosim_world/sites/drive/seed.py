"""People and files of Stowhold."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.drive.items import SCHEMA, Items
from riosim_world.sites.kit import (
    Store,
    known_keys,
    open_accounts,
    seed_data,
    sign_in_from,
)
from riosim_world.sites.kit.made import CONTENT_KEYS, made_file

__all__ = ["OVERLAY_KEYS", "seed"]

OVERLAY_KEYS = frozenset({"accounts", "files", "signed_in"})

_HERE = Path(__file__).parent
_FILE_KEYS = CONTENT_KEYS | {"owner", "path", "sample", "days", "link", "shared_with", "role",
                             "starred", "trashed"}  # fmt: skip
_SAMPLES = {path.name: path.read_bytes() for path in sorted((_HERE / "samples").glob("*.png"))}


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables and fill them."""
    store, accounts = open_accounts(context, SCHEMA)
    data = seed_data(_HERE / "files.yaml")
    accounts.add_all(data["accounts"])
    accounts.add_all(overlay.get("accounts", ()))
    loader = _Loader(context, store)
    for given in (*data["files"], *overlay.get("files", ())):
        loader.add(given)
    sign_in_from(context, accounts, overlay, member="imke.sorensen")


class _Loader:
    def __init__(self, context: SiteContext, store: Store) -> None:
        self._context = context
        self._store = store
        self._items = Items(store, context.now)

    def add(self, given: Mapping[str, Any]) -> None:
        """Add a file, and the folders of its path."""
        known_keys("files", given, _FILE_KEYS)
        owner, path = str(given.get("owner", "imke.sorensen")), str(given.get("path", ""))
        if not path.strip("/"):
            raise ValueError("files: each needs a path, for example Invoices/march.csv.")
        *folders, name = path.strip("/").split("/")
        parent = 0
        for folder in folders:
            parent = self._folder(owner, parent, folder)
        days = int(given.get("days", self._context.rng.randint(1, 160)))
        changed = self._context.now - timedelta(
            days=days, minutes=self._context.rng.randint(0, 600)
        )
        if path.endswith("/"):
            number = self._folder(owner, parent, name)
        else:
            number = self._items.add_file(
                owner, parent, name, _content(name, given), changed=changed.isoformat(), seeded=True
            )
        flags = (int(bool(given.get("starred"))), int(bool(given.get("trashed"))))
        token = self._token(given.get("link"))
        sql = "UPDATE item SET starred = ?, trashed = ?, link = ? WHERE id = ?"
        self._store.write(sql, *flags, token, number)
        for email in given.get("shared_with", ()):
            role = str(given.get("role", "view"))
            self._store.write(
                "INSERT OR REPLACE INTO share VALUES (?, ?, ?, 1)", number, str(email), role
            )

    def _folder(self, owner: str, parent: int, name: str) -> int:
        sql = "SELECT id FROM item WHERE owner = ? AND parent = ? AND name = ? AND kind = 'folder'"
        number = self._store.value(sql, owner, parent, name)
        return number or self._items.add_folder(owner, parent, name, seeded=True)

    def _token(self, link: object) -> str:
        if link is True:
            return f"{self._context.rng.getrandbits(72):018x}"
        return str(link) if link else ""


def _content(name: str, given: Mapping[str, Any]) -> bytes:
    if "sample" not in given:
        return made_file(name, given)
    if given["sample"] not in _SAMPLES:
        raise ValueError(f"files: no sample {given['sample']!r}. Known: {', '.join(_SAMPLES)}.")
    return _SAMPLES[given["sample"]]
