"""The end state of Reelhouse, for checks."""

from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Accounts, Sessions, Store

__all__ = ["state"]


def state(context: SiteContext) -> dict[str, Any]:
    """Return films, comments, marks, follows, reports and who signed in."""
    store = Store(context.db)
    films = store.rows(
        "SELECT id, channel, title, body, tag, file, digest, views, likes, dislikes, listed, "
        "seeded FROM film ORDER BY id"
    )
    comments = store.rows(
        "SELECT comment.id, comment.film, title AS film_title, author, comment.body, "
        "comment.seeded FROM comment JOIN film ON film.id = comment.film ORDER BY comment.id"
    )
    titled = "SELECT user, title{} FROM {} JOIN film ON film.id = {}.film ORDER BY {}.rowid"
    for row in (*films, *comments):
        row |= {key: bool(row[key]) for key in row.keys() & {"seeded", "listed"}}
    return {
        "films": films,
        "comments": comments,
        "marks": store.rows(titled.format(", way", "mark", "mark", "mark")),
        "follows": store.rows("SELECT user, channel FROM follow ORDER BY rowid"),
        "later": store.rows(titled.format("", "later", "later", "later")),
        "watched": store.rows(titled.format("", "watched", "watched", "watched")),
        "reports": store.rows(titled.format(", reason", "report", "report", "report")),
        "searches": store.rows("SELECT q, found FROM search ORDER BY id"),
        **Sessions(context, Accounts(context)).state(),
    }
