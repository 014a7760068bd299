"""What the handlers of a site with accounts work with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit.accounts import Accounts, Sessions
from riosim_world.sites.kit.doors import Doors
from riosim_world.sites.kit.pages import Pages
from riosim_world.sites.kit.store import Store

__all__ = ["MemberSite"]


class MemberSite:
    """Rows, accounts, sessions, pages and doors of one copy; a site's own class adds handlers.

    Args:
        context: Of the copy.
        folder: Where the templates and static files lie.
        brand: The name on its pages, unless the look of a look-alike says otherwise.
        home: Where somebody is led who has signed in.
        shared: What every template sees besides.
    """

    def __init__(
        self,
        context: SiteContext,
        folder: Path,
        *,
        brand: str,
        home: str = "/",
        shared: Mapping[str, Any] | None = None,
    ) -> None:
        self.context = context
        self.store = Store(context.db)
        self.accounts = Accounts(context)
        self.sessions = Sessions(context, self.accounts)
        self.pages = Pages(folder, context, brand=brand, sessions=self.sessions, shared=shared)
        self.doors = Doors(context, self.pages, self.accounts, self.sessions, home=home)
