"""The end state of Marketlane, for checks."""

from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Accounts, Sessions, Store

__all__ = ["state"]


def state(context: SiteContext) -> dict[str, Any]:
    """Return carts, orders, reviews, wishes, returns and searches."""
    store = Store(context.db)
    orders = store.rows(
        "SELECT number, user, name, email, address, cents, card_end, card_digest, seeded "
        "FROM purchase ORDER BY id"
    )
    for row in orders:
        row["seeded"] = bool(row["seeded"])
        items = store.rows("SELECT slug, count FROM item WHERE purchase = ?", row["number"])
        row["items"] = ", ".join(f"{item['count']} {item['slug']}" for item in items)
    return {
        "orders": orders,
        "carts": store.rows("SELECT who, slug, count FROM line"),
        "reviews": store.rows(
            "SELECT slug, author, stars, body FROM review WHERE seeded = 0 ORDER BY id"
        ),
        "wishes": store.rows("SELECT user, slug FROM wish"),
        "returns": store.rows("SELECT number, user, reason FROM returned ORDER BY id"),
        "enquiries": store.rows("SELECT name, email, body FROM enquiry ORDER BY id"),
        "searches": store.rows("SELECT q, found FROM search ORDER BY id"),
        **Sessions(context, Accounts(context)).state(),
    }
