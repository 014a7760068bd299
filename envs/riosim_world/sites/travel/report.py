"""The end state of Farewell Travel, for checks."""

from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Accounts, Sessions, Store

__all__ = ["state"]


def state(context: SiteContext) -> dict[str, Any]:
    """Return bookings, searches, miles and who signed in."""
    store = Store(context.db)
    bookings = store.rows(
        "SELECT reference, kind, user, email, names, document, what, day, nights, cents, miles, "
        "card, cancelled, seeded FROM booking ORDER BY id"
    )
    searches = store.rows("SELECT kind, origin, target, day, miles FROM search ORDER BY id")
    for row in bookings:
        row |= {"cancelled": bool(row["cancelled"]), "seeded": bool(row["seeded"])}
    return {
        "bookings": bookings,
        "searches": [row | {"miles": bool(row["miles"])} for row in searches],
        "travellers": store.rows("SELECT user, miles FROM traveller ORDER BY rowid"),
        **Sessions(context, Accounts(context)).state(),
    }
