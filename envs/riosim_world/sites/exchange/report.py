"""The end state of Coinquay, for checks."""

from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.exchange.seed import PARTS
from riosim_world.sites.kit import Accounts, Sessions, Store

__all__ = ["state"]


def state(context: SiteContext) -> dict[str, Any]:
    """Return trades, transfers and balances, with amounts in coins."""
    store = Store(context.db)
    trades = store.rows("SELECT user, side, coin, parts, cents FROM trade WHERE seeded = 0")
    transfers = store.rows("SELECT user, coin, parts, address, note FROM transfer ORDER BY id")
    balances = store.rows("SELECT user, coin, parts FROM balance ORDER BY rowid")
    for row in (*trades, *transfers, *balances):
        row["amount"] = row.pop("parts") / (100 if row["coin"] == "USD" else PARTS)
    return {
        "trades": trades,
        "transfers": transfers,
        "balances": balances,
        "enquiries": store.rows("SELECT email, body FROM enquiry ORDER BY id"),
        **Sessions(context, Accounts(context)).state(),
    }
