"""The end state of Townsquare, for checks."""

from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Accounts, Sessions, Store

__all__ = ["state"]


def state(context: SiteContext) -> dict[str, Any]:
    """Return posts, comments, votes, follows and the rest as plain JSON."""
    store = Store(context.db)
    posts = store.rows(
        "SELECT post.id, community, author, title, body, picture, alt, votes, seeded, origin, "
        "coalesce(digest, '') AS picture_digest "
        "FROM post LEFT JOIN picture ON picture.name = post.picture ORDER BY id"
    )
    comments = store.rows(
        "SELECT c.id, c.post, c.parent, c.author, c.body, c.votes, c.seeded, post.title AS "
        "post_title, post.community, coalesce(p.author, post.author) AS answers "
        "FROM comment AS c JOIN post ON post.id = c.post LEFT JOIN comment AS p ON p.id = c.parent "
        "ORDER BY c.id"
    )
    communities = store.rows("SELECT slug, name, about, founder, seeded FROM community")
    for row in (*posts, *comments, *communities):
        row["seeded"] = bool(row["seeded"])
    return {
        "posts": posts,
        "comments": comments,
        "communities": communities,
        "votes": store.rows("SELECT user, kind, target, way FROM vote"),
        "follows": store.rows("SELECT user, kind, target FROM follow"),
        "saved": store.rows(
            "SELECT user, post, title FROM saved JOIN post ON post.id = saved.post"
        ),
        "shared": store.rows(
            "SELECT user, post, title FROM shared JOIN post ON post.id = shared.post"
        ),
        "reports": store.rows("SELECT user, kind, target, reason FROM report"),
        **Sessions(context, Accounts(context)).state(),
    }
