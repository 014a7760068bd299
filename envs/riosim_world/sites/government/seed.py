"""Pages and forms of Larkfield Services."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Store, known_keys, seed_data

__all__ = ["CONTENT", "OVERLAY_KEYS", "seed"]

CONTENT: Mapping[str, Any] = seed_data(Path(__file__).with_name("content.yaml"))
OVERLAY_KEYS = frozenset({"notice", "pages"})

_SCHEMA = """
CREATE TABLE page (slug TEXT PRIMARY KEY, topic TEXT, title TEXT, body TEXT);
CREATE TABLE taken (office TEXT, day TEXT, hour TEXT, PRIMARY KEY (office, day, hour));
CREATE TABLE submission (id INTEGER PRIMARY KEY, receipt TEXT, form TEXT, fields TEXT, email TEXT);
CREATE TABLE appointment (
  id INTEGER PRIMARY KEY, receipt TEXT, office TEXT, service TEXT, day TEXT, hour TEXT, name TEXT,
  email TEXT);
CREATE TABLE download (id INTEGER PRIMARY KEY, form TEXT);
CREATE TABLE search (id INTEGER PRIMARY KEY, q TEXT, found INTEGER);
"""


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Keep the pages, and take a good half of the next two weeks' appointments."""
    store = Store(context.db)
    store.create(_SCHEMA)
    store.set("key", f"{context.rng.getrandbits(64):016x}")
    for given in (*CONTENT["pages"], *overlay.get("pages", ())):
        known_keys("pages", given, {"slug", "topic", "title", "body"})
        values = tuple(str(given[key]) for key in ("slug", "topic", "title", "body"))
        store.write("INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?)", *values)
    for office in CONTENT["offices"]:
        for day in range(1, 15):
            for hour in range(8, 16):
                if context.rng.random() < 0.55:
                    store.write("INSERT INTO taken VALUES (?, ?, ?)", office, day, f"{hour}:00")
    store.set("notice", str(overlay.get("notice", "")))
