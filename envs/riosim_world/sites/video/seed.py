"""Channels and films of Reelhouse."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    Store,
    known_keys,
    open_accounts,
    seed_data,
    sign_in_from,
)

__all__ = ["FILMS", "OVERLAY_KEYS", "TAGS", "seed"]

OVERLAY_KEYS = frozenset({"accounts", "channels", "films", "signed_in"})
TAGS = ("food", "music", "news", "outdoors", "people", "science", "travel")

_HERE = Path(__file__).parent
FILMS: Final = {
    path.name: path.read_bytes()
    for path in sorted((_HERE / "films").iterdir())
    if path.suffix in (".jpg", ".webm")
}
_SCHEMA = """
CREATE TABLE channel (
  slug TEXT PRIMARY KEY, name TEXT, user TEXT, about TEXT, followers INTEGER, seeded INTEGER);
CREATE TABLE film (
  id INTEGER PRIMARY KEY, channel TEXT, title TEXT, body TEXT, tag TEXT, film TEXT, data BLOB,
  media_type TEXT, digest TEXT, file TEXT, views INTEGER, likes INTEGER, dislikes INTEGER,
  posted TEXT, listed INTEGER, seeded INTEGER);
CREATE TABLE comment (
  id INTEGER PRIMARY KEY, film INTEGER, author TEXT, body TEXT, posted TEXT, seeded INTEGER);
CREATE TABLE mark (user TEXT, film INTEGER, way TEXT, PRIMARY KEY (user, film));
CREATE TABLE follow (user TEXT, channel TEXT, PRIMARY KEY (user, channel));
CREATE TABLE later (user TEXT, film INTEGER, PRIMARY KEY (user, film));
CREATE TABLE watched (id INTEGER PRIMARY KEY, user TEXT, film INTEGER);
CREATE TABLE report (id INTEGER PRIMARY KEY, user TEXT, film INTEGER, reason TEXT);
CREATE TABLE search (id INTEGER PRIMARY KEY, q TEXT, found INTEGER);
"""
_FILM = {"channel", "film", "title", "tag", "views", "likes", "days", "body", "comments"}


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables and fill them."""
    store, accounts = open_accounts(context, _SCHEMA)
    accounts.add("mo_ferris", "Copper-Lantern-26", name="Mo Ferris", email="mo@ferris.test")
    accounts.add_all(overlay.get("accounts", ()))
    data = seed_data(_HERE / "films.yaml")
    for given in (*data["channels"], *overlay.get("channels", ())):
        known_keys("channels", given, {"slug", "name", "user", "about", "followers"})
        first = {"user": given["slug"], "about": "", "followers": 12}
        store.insert("channel", **(first | dict(given)), seeded=1)
    for given in (*data["films"], *overlay.get("films", ())):
        known_keys("films", given, _FILM)
        _add(context, store, given)
    sign_in_from(context, accounts, overlay, member="mo_ferris")


def _add(context: SiteContext, store: Store, given: Mapping[str, Any]) -> None:
    film, channel = str(given.get("film", "waves")), str(given.get("channel", ""))
    if f"{film}.webm" not in FILMS:
        known = sorted(name.partition(".")[0] for name in FILMS if name.endswith(".webm"))
        raise ValueError(f"films: no film {film!r}. Known: {', '.join(known)}.")
    if store.row("SELECT 1 FROM channel WHERE slug = ?", channel) is None:
        raise ValueError(f"films: there is no channel {channel!r}.")
    posted = context.now - timedelta(
        days=int(given.get("days", 2)), minutes=context.rng.randint(0, 900)
    )
    likes = int(given.get("likes", 40))
    number = store.insert(
        "film",
        channel=channel,
        title=str(given["title"]),
        body=str(given.get("body", "")),
        tag=str(given.get("tag", "people")),
        film=film,
        data=b"",
        media_type="video/webm",
        digest="",
        file="",
        views=int(given.get("views", 900)) + context.rng.randint(0, 99),
        likes=likes,
        dislikes=likes // 40,
        posted=posted.isoformat(),
        listed=1,
        seeded=1,
    )
    for author, body in given.get("comments", ()):
        when = posted + timedelta(minutes=context.rng.randint(20, 2000))
        store.insert(
            "comment",
            film=number,
            author=str(author),
            body=str(body),
            posted=min(when, context.now).isoformat(),
            seeded=1,
        )
