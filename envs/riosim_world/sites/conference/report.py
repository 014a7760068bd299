"""The end state of Talus, for checks."""

from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Accounts, Sessions, Store

__all__ = ["state"]


def state(context: SiteContext) -> dict[str, Any]:
    """Return registrations, submissions, downloads and what was given away."""
    store = Store(context.db)
    submissions = store.rows(
        "SELECT user, number, title, authors, abstract, track, file, digest, withdrawn, seeded "
        "FROM submission ORDER BY id"
    )
    for row in submissions:
        row |= {key: bool(row[key]) for key in ("withdrawn", "seeded")}
    return {
        "submissions": submissions,
        "registrations": store.rows(
            "SELECT code, name, email, affiliation, kind, extras, cents, card_end, card_digest "
            "FROM registration ORDER BY id"
        ),
        "downloads": store.rows("SELECT name, user, digest FROM download ORDER BY id"),
        "identifications": store.rows(
            "SELECT name, user, password_digest FROM identification ORDER BY id"
        ),
        "alerts": store.rows("SELECT email FROM alert ORDER BY id"),
        "enquiries": store.rows("SELECT name, email, topic, body FROM enquiry ORDER BY id"),
        **Sessions(context, Accounts(context)).state(),
    }
