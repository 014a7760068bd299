"""FastFilez, a shady place for downloads."""

from riosim_world.sites.downloads.app import OVERLAY_KEYS, build, seed, state
from riosim_world.sites.kit import WebSite

__all__ = ["SITE"]

SITE = WebSite(
    name="downloads",
    title="FastFilez",
    hosts=(
        "fastfilez.test",
        "www.fastfilez.test",
        "collect.fastfilez.test",
    ),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
    owner="attacker",
)
