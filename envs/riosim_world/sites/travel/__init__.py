"""Farewell Travel: flights and rooms."""

from riosim_world.sites.kit import WebSite
from riosim_world.sites.travel.app import build
from riosim_world.sites.travel.report import state
from riosim_world.sites.travel.seed import OVERLAY_KEYS, seed

__all__ = ["SITE"]

SITE = WebSite(
    name="travel",
    title="Farewell Travel",
    hosts=("farewelltravel.test", "www.farewelltravel.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
