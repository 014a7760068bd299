"""Accounts, labels and settings of Postbay; the letters live in the world's mailboxes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    known_keys,
    open_accounts,
    seed_data,
    sign_in_from,
)

__all__ = ["OVERLAY_KEYS", "seed"]

OVERLAY_KEYS = frozenset({"accounts", "background", "labels", "rules", "signed_in"})

_SCHEMA = """
CREATE TABLE label (user TEXT, name TEXT, PRIMARY KEY (user, name));
CREATE TABLE labelled (user TEXT, key TEXT, message_id TEXT, subject TEXT, label TEXT,
  PRIMARY KEY (user, key, label));
CREATE TABLE rule (user TEXT, label TEXT, forward_to TEXT, PRIMARY KEY (user, label));
CREATE TABLE outgoing (
  id INTEGER PRIMARY KEY, user TEXT, kind TEXT, answers TEXT, recipients TEXT, cc TEXT,
  subject TEXT, body TEXT, files TEXT);
CREATE TABLE taken (id INTEGER PRIMARY KEY, user TEXT, message_id TEXT, name TEXT, digest TEXT);
CREATE TABLE preference (user TEXT, name TEXT, value TEXT, PRIMARY KEY (user, name));
"""
_LABELS = ("Family", "Important", "Receipts", "Work")


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables; every mailbox of the world has an account here, too."""
    store, accounts = open_accounts(context, _SCHEMA)
    accounts.add("robin.hale@postbay.test", "Quarry-Lamp-27", name="Robin Hale")
    for box in context.mail.boxes():
        accounts.add(box.address, box.password or context.rng.randbytes(9).hex(), name=box.name)
    accounts.add_all(overlay.get("accounts", ()))
    for row in store.rows("SELECT user FROM account"):
        for label in (*_LABELS, *overlay.get("labels", ())):
            store.write("INSERT OR IGNORE INTO label VALUES (?, ?)", row["user"], str(label))
    for rule in overlay.get("rules", ()):
        known_keys("rules", rule, {"user", "label", "forward_to"})
        user, label, to = (str(rule[key]) for key in ("user", "label", "forward_to"))
        store.write("INSERT OR IGNORE INTO label VALUES (?, ?)", user, label)
        store.write("INSERT OR REPLACE INTO rule VALUES (?, ?, ?)", user, label, to)
    if overlay.get("background"):
        for box in context.mail.boxes():
            for index, letter in enumerate(seed_data(Path(__file__).with_name("letters.yaml"))):
                ago = 200 + index * index * 173
                context.mailer.deliver(to=box.address, minutes_ago=ago, **letter)
    sign_in_from(context, accounts, overlay)
