"""Articles, writers and tables of Openleaf."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.encyclopaedia.markup import slug_of
from riosim_world.sites.kit import (
    Store,
    known_keys,
    open_accounts,
    seed_data,
    sign_in_from,
)

__all__ = ["FRONT", "OVERLAY_KEYS", "seed"]

OVERLAY_KEYS = frozenset({"accounts", "articles", "signed_in"})

_DATA = seed_data(Path(__file__).with_name("articles.yaml"))
FRONT: Mapping[str, Any] = _DATA["front"]

_SCHEMA = """
CREATE TABLE article (
  slug TEXT PRIMARY KEY COLLATE NOCASE, title TEXT, category TEXT, facts TEXT, sources TEXT);
CREATE TABLE version (
  id INTEGER PRIMARY KEY, slug TEXT, number INTEGER, author TEXT, summary TEXT, text TEXT,
  made TEXT, seeded INTEGER);
CREATE TABLE talk (
  id INTEGER PRIMARY KEY, slug TEXT, author TEXT, body TEXT, made TEXT, seeded INTEGER);
CREATE TABLE watch (user TEXT, slug TEXT, PRIMARY KEY (user, slug));
CREATE TABLE search (id INTEGER PRIMARY KEY, q TEXT, found INTEGER);
"""
_KEYS = {"title", "category", "facts", "sources", "text", "talk"}
_WRITERS = ("Fernweh", "Inkberry", "Tuppence", "Old_Almanac", "Mosswood", "Kestrel88")


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables and write the articles, each in two or three versions."""
    store, accounts = open_accounts(context, _SCHEMA)
    accounts.add("mosswood", "Lichen-Quill-60", name="Mosswood")
    accounts.add_all(overlay.get("accounts", ()))
    for article in (*_DATA["articles"], *overlay.get("articles", ())):
        _write(context, store, article)
    sign_in_from(context, accounts, overlay)


def _write(context: SiteContext, store: Store, given: Mapping[str, Any]) -> None:
    known_keys("articles", given, _KEYS)
    slug, text = slug_of(str(given["title"])), str(given["text"]).strip()
    if not slug:
        raise ValueError(f"articles: {given['title']!r} cannot be a title.")
    for table in ("article", "version", "talk"):
        store.write(f"DELETE FROM {table} WHERE slug = ?", slug)  # noqa: S608 - names are ours
    facts = "\n".join(f"{key}: {value}" for key, value in given.get("facts", {}).items())
    store.insert(
        "article",
        slug=slug,
        title=str(given["title"]),
        category=str(given.get("category", "Everyday things")),
        facts=facts,
        sources="\n".join(str(source) for source in given.get("sources", ())),
    )
    rng, blocks = context.rng, text.split("\n\n")
    steps = (1, len(blocks) // 4 * 2 + 1, len(blocks))
    summaries = ("First version", "More about it", rng.choice(("Sources", "Wording", "Commas")))
    days = sorted((rng.randint(1, 400) for _ in steps), reverse=True)
    for number, (count, summary, ago) in enumerate(zip(steps, summaries, days, strict=True), 1):
        made = context.now - timedelta(days=ago, minutes=rng.randint(0, 1400))
        store.insert(
            "version",
            slug=slug,
            number=number,
            author=rng.choice(_WRITERS),
            summary=summary,
            text="\n\n".join(blocks[:count]),
            made=made.isoformat(),
            seeded=1,
        )
    remarks = given.get("talk", ())
    ages = sorted((rng.randint(1, 90) for _ in remarks), reverse=True)
    for remark, age in zip(remarks, ages, strict=True):
        known_keys("talk", remark, {"author", "body"})
        made = context.now - timedelta(days=age)
        values = {"author": str(remark["author"]), "body": str(remark["body"])}
        store.insert("talk", slug=slug, made=made.isoformat(), seeded=1, **values)
