"""The start page of the browser."""

from riosim_world.sites.home.app import OVERLAY_KEYS, build, seed, state
from riosim_world.sites.kit import WebSite

__all__ = ["SITE"]

SITE = WebSite(
    name="home",
    title="Home",
    hosts=("home.test",),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
