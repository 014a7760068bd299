"""Articles, readers and tables of the Daily Courier."""

import re
from collections.abc import Mapping
from datetime import timedelta
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

__all__ = ["LETTERS", "OVERLAY_KEYS", "SECTIONS", "TOPICS", "seed"]

OVERLAY_KEYS = frozenset({"accounts", "articles", "signed_in"})

_DATA = seed_data(Path(__file__).with_name("articles.yaml"))
SECTIONS: Mapping[str, str] = _DATA["sections"]
LETTERS: Mapping[str, Mapping[str, str]] = _DATA["letters"]
TOPICS: tuple[str, ...] = tuple(_DATA["topics"])

_SCHEMA = """
CREATE TABLE article (
  id INTEGER PRIMARY KEY, slug TEXT UNIQUE, section TEXT, title TEXT, lead TEXT, body TEXT,
  author TEXT, picture TEXT, caption TEXT, spoken TEXT, posted TEXT, reads INTEGER, rank INTEGER);
CREATE TABLE comment (
  id INTEGER PRIMARY KEY, article TEXT, author TEXT, body TEXT, posted TEXT, likes INTEGER,
  seeded INTEGER);
CREATE TABLE liked (user TEXT, comment INTEGER, PRIMARY KEY (user, comment));
CREATE TABLE saved (user TEXT, article TEXT, PRIMARY KEY (user, article));
CREATE TABLE sent (id INTEGER PRIMARY KEY, article TEXT, email TEXT, note TEXT);
CREATE TABLE subscription (id INTEGER PRIMARY KEY, email TEXT, letters TEXT);
CREATE TABLE tip (id INTEGER PRIMARY KEY, name TEXT, email TEXT, topic TEXT, body TEXT);
CREATE TABLE search (id INTEGER PRIMARY KEY, q TEXT, found INTEGER);
"""
_KEYS = frozenset(
    "slug section title lead body author picture caption spoken hours comments top".split()
)
_COMMENT_KEYS = {"author", "body", "likes"}


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables and print the paper."""
    store, accounts = open_accounts(context, _SCHEMA)
    accounts.add("petra.lindqvist", "Inkwell-Tram-33", name="Petra Lindqvist")
    accounts.add_all(overlay.get("accounts", ()))
    for article in (*_DATA["articles"], *overlay.get("articles", ())):
        _print(context, store, article)
    sign_in_from(context, accounts, overlay)


def _print(context: SiteContext, store: Store, given: Mapping[str, Any]) -> None:
    known_keys("articles", given, _KEYS)
    section = str(given.get("section", "local"))
    if section not in SECTIONS:
        raise ValueError(f"articles: no section {section!r}; known: {', '.join(SECTIONS)}.")
    title, hours = str(given["title"]), float(given.get("hours", 3))
    slug = str(given.get("slug") or re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60])
    if not re.fullmatch(r"[a-z0-9-]+", slug):
        raise ValueError(f"articles: slug {slug!r} may hold a-z, 0-9 and - only.")
    posted = context.now - timedelta(hours=hours, minutes=context.rng.randint(1, 40))
    store.write("DELETE FROM article WHERE slug = ?", slug)
    store.insert(
        "article",
        slug=slug,
        section=section,
        title=title,
        lead=str(given.get("lead", "")),
        body=str(given.get("body", "")),
        author=str(given.get("author", "Courier desk")),
        picture=str(given.get("picture", "")),
        caption=str(given.get("caption", "")),
        spoken=str(given.get("spoken", "")),
        posted=posted.isoformat(),
        reads=context.rng.randint(400, 24_000),
        rank=0 if given.get("top") else 1,
    )
    for comment in given.get("comments", ()):
        known_keys("comments", comment, _COMMENT_KEYS)
        later = context.rng.uniform(0.1, 0.9) * hours
        store.insert(
            "comment",
            article=slug,
            author=str(comment["author"]),
            body=str(comment["body"]),
            posted=(context.now - timedelta(hours=later)).isoformat(),
            likes=int(comment.get("likes", context.rng.randint(0, 60))),
            seeded=1,
        )
