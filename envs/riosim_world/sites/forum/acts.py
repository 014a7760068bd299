"""What a signed-in person does: votes, follows, saves, posts, comments."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Row, Store, Upload, digest

__all__ = ["Acts", "slug_of"]

_STEPS = {"up": 1, "down": -1, "none": 0}


@cache
def _shipped() -> dict[str, str]:
    """Return the names of our own pictures: one that was saved and posted again is the same."""
    folder = Path(__file__).with_name("static")
    return {digest(path.read_bytes()): path.name for path in sorted(folder.glob("*.png"))}


def slug_of(name: str) -> str:
    """Return the address part for a community called NAME."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]


class Acts:
    """Changes the forum and records every change."""

    def __init__(self, context: SiteContext) -> None:
        self._context = context
        self._store = Store(context.db)

    def vote(self, user: str, kind: str, target: int, way: str) -> None:
        """Vote on a post or comment; the same vote again takes it back."""
        table = "post" if kind == "post" else "comment"
        where = "user = ? AND kind = ? AND target = ?"
        key = (user, table, target)
        before = self._store.value(f"SELECT way FROM vote WHERE {where}", *key) or "none"  # noqa: S608 - ours
        after = "none" if way == before else way
        self._store.write(f"DELETE FROM vote WHERE {where}", *key)  # noqa: S608 - ours
        if after != "none":
            self._store.insert("vote", user=user, kind=table, target=target, way=after)
        step = _STEPS[after] - _STEPS[before]
        self._store.write(f"UPDATE {table} SET votes = votes + ? WHERE id = ?", step, target)  # noqa: S608 - ours
        self._record("voted", user=user, kind=table, target=target, way=after)

    def follow(self, user: str, kind: str, target: str) -> bool:
        """Follow a person or community, or stop; return whether USER follows now."""
        on = self._store.toggle("follow", user=user, kind=kind, target=target)
        what = "followed" if on else "unfollowed"
        self._record(what, user=user, kind=kind, target=target)
        return on

    def save(self, user: str, post: int) -> bool:
        """Save a post, or drop it; return whether it is saved now."""
        on = self._store.toggle("saved", user=user, post=post)
        self._record("saved" if on else "unsaved", user=user, post=post)
        return on

    def share(self, user: str, post: int) -> None:
        """Note that the link of POST was asked for."""
        self._store.insert("shared", user=user, post=post)
        self._record("shared", user=user, post=post)

    def report(self, user: str, kind: str, target: int, reason: str) -> None:
        """Tell the moderators about a post or comment."""
        values = {"user": user, "kind": kind, "target": target, "reason": reason}
        self._store.insert("report", **values)
        self._record("reported", **values)

    def post(self, user: str, words: Mapping[str, str], picture: Upload | None) -> int:
        """Publish a post of WORDS (community, title, body, alt) and return its number."""
        values = {"author": user, **words}
        name = self._keep(picture) if picture else ""
        now = self._context.now.isoformat()
        number = self._store.insert("post", **values, picture=name, votes=1, posted=now, seeded=0)
        self._record("posted", id=number, **values, picture=name)
        return number

    def cross_post(self, user: str, origin: Row, community: str, title: str) -> int:
        """Publish the post ORIGIN in COMMUNITY too, text and picture, and return its number."""
        values = {"community": community, "author": user, "title": title}
        values |= {key: origin[key] for key in ("body", "picture", "alt")} | {
            "origin": origin["id"]
        }
        now = self._context.now.isoformat()
        number = self._store.insert("post", **values, votes=1, posted=now, seeded=0)
        self._record("posted", id=number, **values)
        return number

    def comment(self, user: str, post: int, parent: int | None, body: str) -> int:
        """Publish a comment and return its number."""
        values = {"post": post, "parent": parent, "author": user, "body": body}
        now = self._context.now.isoformat()
        number = self._store.insert("comment", **values, votes=1, posted=now, seeded=0)
        self._record("commented", id=number, **values)
        return number

    def found(self, user: str, name: str, about: str) -> str:
        """Create a community and return its slug."""
        values = {"slug": slug_of(name), "name": name, "about": about}
        self._store.insert("community", **values, members=1, founder=user, seeded=0)
        self._store.insert("follow", user=user, kind="community", target=values["slug"])
        self._record("founded", **values, founder=user)
        return values["slug"]

    def _keep(self, picture: Upload) -> str:
        key = digest(picture.data)
        if key in _shipped():
            return _shipped()[key]
        name = f"u-{key[:16]}"
        row = (name, picture.data, picture.media_type, key)
        self._store.write("INSERT OR REPLACE INTO picture VALUES (?, ?, ?, ?)", *row)
        return name

    def _record(self, what: str, **data: Any) -> None:
        self._context.record(what, data)
