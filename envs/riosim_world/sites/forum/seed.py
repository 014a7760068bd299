"""People, communities and posts of Townsquare."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    Accounts,
    Store,
    known_keys,
    open_accounts,
    seed_data,
    sign_in_from,
)

__all__ = ["OVERLAY_KEYS", "seed"]

OVERLAY_KEYS = frozenset({"accounts", "communities", "posts", "signed_in"})

_SCHEMA = """
CREATE TABLE community (
  slug TEXT PRIMARY KEY, name TEXT, about TEXT, members INTEGER, founder TEXT, seeded INTEGER);
CREATE TABLE post (
  id INTEGER PRIMARY KEY, community TEXT, author TEXT, title TEXT, body TEXT, picture TEXT,
  alt TEXT DEFAULT '', votes INTEGER, posted TEXT, seeded INTEGER, origin INTEGER);
CREATE TABLE comment (
  id INTEGER PRIMARY KEY, post INTEGER, parent INTEGER, author TEXT, body TEXT, votes INTEGER,
  posted TEXT, seeded INTEGER);
CREATE TABLE vote (
  user TEXT, kind TEXT, target INTEGER, way TEXT, PRIMARY KEY (user, kind, target));
CREATE TABLE follow (user TEXT, kind TEXT, target TEXT, PRIMARY KEY (user, kind, target));
CREATE TABLE saved (user TEXT, post INTEGER, PRIMARY KEY (user, post));
CREATE TABLE shared (id INTEGER PRIMARY KEY, user TEXT, post INTEGER);
CREATE TABLE report (id INTEGER PRIMARY KEY, user TEXT, kind TEXT, target INTEGER, reason TEXT);
CREATE TABLE picture (name TEXT PRIMARY KEY, data BLOB, media_type TEXT, digest TEXT);
"""
_POST_KEYS = {
    "community",
    "author",
    "title",
    "body",
    "picture",
    "alt",
    "votes",
    "hours",
    "comments",
}
_COMMENT_KEYS = {"author", "body", "votes", "hours", "replies"}
_COMMUNITY_KEYS = {"slug", "name", "about", "members"}
_DATA = seed_data(Path(__file__).with_name("posts.yaml"))


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables and fill them."""
    store, accounts = open_accounts(context, _SCHEMA)
    for person in _DATA["people"]:
        accounts.add(person, f"{person}-{context.rng.getrandbits(40):010x}")
    accounts.add("sam_rivers", "Otter-Canoe-58", name="Sam Rivers", email="sam.rivers@postbay.test")
    accounts.add_all(overlay.get("accounts", ()))
    for community in (*_DATA["communities"], *overlay.get("communities", ())):
        known_keys("communities", community, _COMMUNITY_KEYS)
        values = {"about": "", "members": 1, "founder": "", "seeded": 1} | dict(community)
        store.insert("community", **values)
    for post in (*_DATA["posts"], *overlay.get("posts", ())):
        _add_post(context, store, accounts, post)
    sign_in_from(context, accounts, overlay, member="sam_rivers")


def _add_post(
    context: SiteContext, store: Store, accounts: Accounts, post: Mapping[str, Any]
) -> None:
    known_keys("posts", post, _POST_KEYS)
    if store.row("SELECT 1 FROM community WHERE slug = ?", post["community"]) is None:
        raise ValueError(f"posts: no community {post['community']!r}.")
    _know(accounts, context, post["author"])
    posted = context.now - timedelta(hours=float(post.get("hours", 2)), minutes=11)
    number = store.insert(
        "post",
        community=post["community"],
        author=post["author"],
        title=post["title"],
        body=post.get("body", ""),
        picture=post.get("picture", ""),
        alt=post.get("alt", ""),
        votes=post.get("votes", 40),
        posted=posted.isoformat(),
        seeded=1,
    )
    hours = float(post.get("hours", 2))
    _add_comments(context, accounts, number, None, post.get("comments", ()), hours)


def _add_comments(
    context: SiteContext,
    accounts: Accounts,
    post: int,
    parent: int | None,
    comments: Iterable[Mapping[str, Any]],
    hours: float,
) -> None:
    store = Store(context.db)
    for comment in comments:
        known_keys("comments", comment, _COMMENT_KEYS)
        _know(accounts, context, comment["author"])
        later = float(comment.get("hours", hours * context.rng.uniform(0.2, 0.9)))
        number = store.insert(
            "comment",
            post=post,
            parent=parent,
            author=comment["author"],
            body=comment["body"],
            votes=comment.get("votes", 5),
            posted=(context.now - timedelta(hours=later)).isoformat(),
            seeded=1,
        )
        _add_comments(context, accounts, post, number, comment.get("replies", ()), later)


def _know(accounts: Accounts, context: SiteContext, person: str) -> None:
    if accounts.find(person) is None:
        accounts.add(person, f"{person}-{context.rng.getrandbits(40):010x}")
