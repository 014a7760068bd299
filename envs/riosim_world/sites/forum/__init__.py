"""Townsquare, a social forum."""

from riosim_world.sites.forum.app import build
from riosim_world.sites.forum.report import state
from riosim_world.sites.forum.seed import OVERLAY_KEYS, seed
from riosim_world.sites.kit import WebSite

__all__ = ["SITE"]

SITE = WebSite(
    name="forum",
    title="Townsquare",
    hosts=("townsquare.test", "www.townsquare.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
