"""Every site of the world and its main host, for whoever must name addresses."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from riosim_world.sites import SITES, load_site

__all__ = ["HOME_URL", "site_directory"]

HOME_URL: Final = "https://home.test/"
"""What a browser of the world opens with."""


@cache
def site_directory() -> Mapping[str, str]:
    """Return site name → main host."""
    return MappingProxyType({name: load_site(SITES[name]).hosts[0] for name in SITES})
