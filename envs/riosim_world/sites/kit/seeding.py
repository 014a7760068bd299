"""How the seed of a site with accounts begins and ends."""

from collections.abc import Mapping
from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit.accounts import Accounts, Sessions
from riosim_world.sites.kit.store import Store

__all__ = ["open_accounts", "sign_in_from"]


def open_accounts(context: SiteContext, schema: str) -> tuple[Store, Accounts]:
    """Make the tables of SCHEMA and those of accounts, whose sessions get a key of this seed."""
    store, accounts = Store(context.db), Accounts(context)
    store.create(schema)
    accounts.create(f"{context.rng.getrandbits(128):032x}")
    return store, accounts


def sign_in_from(
    context: SiteContext, accounts: Accounts, overlay: Mapping[str, Any], *, member: str = ""
) -> None:
    """Let every browser be signed in as `signed_in` of OVERLAY says; `true` means MEMBER.

    Raises:
        ValueError: There is no such account.
    """
    who = overlay.get("signed_in")
    if who:
        Sessions(context, accounts).seed(member if who is True and member else str(who))
