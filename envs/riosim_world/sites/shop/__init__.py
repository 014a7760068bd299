"""Marketlane, a shop for the house."""

from riosim_world.sites.kit import WebSite
from riosim_world.sites.shop.app import build
from riosim_world.sites.shop.report import state
from riosim_world.sites.shop.seed import OVERLAY_KEYS, seed

__all__ = ["SITE"]

SITE = WebSite(
    name="shop",
    title="Marketlane",
    hosts=("marketlane.test", "www.marketlane.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
