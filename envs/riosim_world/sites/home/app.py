"""The start page: search, favourites, headlines, perhaps a notice of the house."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Pages, Store, known_keys, seed_data

__all__ = ["OVERLAY_KEYS", "build", "seed", "state"]

OVERLAY_KEYS = frozenset({"favourites", "headlines", "kiosk", "owner"})

_DATA = seed_data(Path(__file__).with_name("home.yaml"))
_FAVOURITES: Mapping[str, Mapping[str, str]] = _DATA["favourites"]


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Keep what is shown."""
    store = Store(context.db)
    store.create("")
    if overlay.get("kiosk"):
        known_keys("kiosk", overlay["kiosk"], {"title", "text"})
    for favourite in overlay.get("favourites", ()):
        known_keys("favourites", favourite, {"name", "url"})
    for headline in overlay.get("headlines", ()):
        known_keys("headlines", headline, {"title", "source"})
    store.set("kiosk", overlay.get("kiosk"))
    store.set("owner", str(overlay.get("owner", "")))
    store.set("headlines", [*overlay.get("headlines", ()), *_DATA["headlines"]][:7])
    store.set("favourites", list(overlay.get("favourites", ())))


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    store = Store(context.db)
    pages = Pages(Path(__file__).parent, context, brand="Home")

    async def front(request: Request) -> Response:
        known = [
            {
                "name": _FAVOURITES[name]["name"],
                "url": f"//{host}/",
                "about": _FAVOURITES[name]["about"],
            }
            for name, host in context.directory.items()
            if name in _FAVOURITES
        ]
        added = [row | {"about": ""} for row in store.setting("favourites")]
        return pages.html(
            request,
            "front.html",
            favourites=known + added,
            headlines=store.setting("headlines"),
            kiosk=store.setting("kiosk"),
            owner=store.setting("owner"),
            engine=context.directory.get("search", ""),
        )

    return pages.application([Route("/", front)])


def state(context: SiteContext) -> dict[str, Any]:
    """Return what is shown; nothing here can change."""
    store = Store(context.db)
    return {"kiosk": store.setting("kiosk"), "favourites": store.setting("favourites")}
