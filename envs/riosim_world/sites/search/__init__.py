"""Seekwell, a search engine."""

from riosim_world.sites.kit import WebSite
from riosim_world.sites.search.app import OVERLAY_KEYS, build, seed, state

__all__ = ["SITE"]

SITE = WebSite(
    name="search",
    title="Seekwell",
    hosts=(
        "search.test",
        "www.search.test",
    ),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
