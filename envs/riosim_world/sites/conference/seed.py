"""Dates, news, accounts and tables of Talus."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    Store,
    known_keys,
    open_accounts,
    seed_data,
    sign_in_from,
)

__all__ = ["CONTENT", "OVERLAY_KEYS", "TRACKS", "seed"]

OVERLAY_KEYS = frozenset({"accounts", "dates", "news", "signed_in", "submissions"})

CONTENT: Mapping[str, Any] = seed_data(Path(__file__).with_name("content.yaml"))
TRACKS: Mapping[str, str] = CONTENT["tracks"]

_SCHEMA = """
CREATE TABLE moment (key TEXT PRIMARY KEY, what TEXT, day TEXT);
CREATE TABLE news (id INTEGER PRIMARY KEY, day TEXT, title TEXT, text TEXT);
CREATE TABLE submission (
  id INTEGER PRIMARY KEY, user TEXT, number INTEGER, title TEXT, authors TEXT, abstract TEXT,
  track TEXT, file TEXT, digest TEXT, withdrawn INTEGER, seeded INTEGER);
CREATE TABLE registration (
  id INTEGER PRIMARY KEY, code TEXT, name TEXT, email TEXT, affiliation TEXT, kind TEXT,
  extras TEXT, cents INTEGER, card_end TEXT, card_digest TEXT);
CREATE TABLE download (id INTEGER PRIMARY KEY, name TEXT, user TEXT, digest TEXT);
CREATE TABLE identification (
  id INTEGER PRIMARY KEY, name TEXT, user TEXT, password_digest TEXT);
CREATE TABLE alert (id INTEGER PRIMARY KEY, email TEXT);
CREATE TABLE enquiry (id INTEGER PRIMARY KEY, name TEXT, email TEXT, topic TEXT, body TEXT);
"""
_SUBMISSION_KEYS = {"user", "title", "authors", "abstract", "track"}


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables and fill them; all dates follow from the moment of the world."""
    store, accounts = open_accounts(context, _SCHEMA)
    accounts.add("ines.calder", "Gravel-Lamp-72", name="Inés Calder", email="ines@calder.example")
    accounts.add_all(overlay.get("accounts", ()))
    _set_dates(context, store, overlay.get("dates", {}))
    for item in (*overlay.get("news", ()), *CONTENT["news"]):
        known_keys("news", item, {"title", "text", "age"})
        day = context.now.date() - timedelta(days=int(item.get("age", 0)))
        text = str(item.get("text", ""))
        store.insert("news", day=day.isoformat(), title=str(item["title"]), text=text)
    for number, given in enumerate((*CONTENT["submissions"], *overlay.get("submissions", ()))):
        known_keys("submissions", given, _SUBMISSION_KEYS)
        _submit(context, store, given, number)
    sign_in_from(context, accounts, overlay)


def _set_dates(context: SiteContext, store: Store, overlay: Mapping[str, Any]) -> None:
    known_keys("dates", overlay, CONTENT["dates"])
    shift = context.rng.randint(-6, 6)
    today = context.now.date()
    for key, row in CONTENT["dates"].items():
        days = int(overlay.get(key, row["in"] + shift))
        day = _monday(today + timedelta(days=days)) if key == "opens" else _later(today, days)
        if key == "closes" and "closes" not in overlay:
            opens = date.fromisoformat(store.value("SELECT day FROM moment WHERE key = 'opens'"))
            day = opens + timedelta(days=5)
        store.insert("moment", key=key, what=row["what"], day=day.isoformat())


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _later(today: date, days: int) -> date:
    return today + timedelta(days=days)


def _submit(context: SiteContext, store: Store, given: Mapping[str, Any], number: int) -> None:
    track = str(given.get("track", "main"))
    if track not in TRACKS:
        raise ValueError(f"submissions: no track {track!r}; known: {', '.join(TRACKS)}.")
    store.insert(
        "submission",
        user=str(given["user"]),
        number=1200 + 37 * number + context.rng.randint(0, 30),
        title=str(given["title"]),
        authors=str(given.get("authors", "")),
        abstract=str(given.get("abstract", "")),
        track=track,
        file="",
        digest="",
        withdrawn=0,
        seeded=1,
    )
