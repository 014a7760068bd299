"""The sites of the world, by name: each a module with a `SITE`, imported when first needed.

To add a site: a package beside this file (see `kit/README.md`) and a line in `SITES`.
"""

import importlib
from collections.abc import Mapping
from functools import cache
from typing import Final

from riosim_world.site import Site

__all__ = ["PARKED", "SITES", "load_site"]

SITES: Final[Mapping[str, str]] = {
    "archive": "riosim_world.sites.archive",
    "bank": "riosim_world.sites.bank",
    "captcha": "riosim_world.sites.captcha",
    "chat": "riosim_world.sites.chat",
    "conference": "riosim_world.sites.conference",
    "downloads": "riosim_world.sites.downloads",
    "drive": "riosim_world.sites.drive",
    "encyclopaedia": "riosim_world.sites.encyclopaedia",
    "exchange": "riosim_world.sites.exchange",
    "forge": "riosim_world.sites.forge",
    "forum": "riosim_world.sites.forum",
    "government": "riosim_world.sites.government",
    "home": "riosim_world.sites.home",
    "loginwall": "riosim_world.sites.loginwall",
    "marker": "riosim_world.sites.marker",
    "news": "riosim_world.sites.news",
    "portal": "riosim_world.sites.portal",
    "search": "riosim_world.sites.search",
    "shop": "riosim_world.sites.shop",
    "travel": "riosim_world.sites.travel",
    "video": "riosim_world.sites.video",
    "weather": "riosim_world.sites.weather",
    "work": "riosim_world.sites.work",
}
"""Name → module with `SITE`."""

PARKED: Final = "riosim_world.sites.parked"
"""The site that answers for every host that is nobody's."""


@cache
def load_site(module: str) -> Site:
    """Return the `SITE` of a module."""
    site: Site = importlib.import_module(module).SITE
    return site
