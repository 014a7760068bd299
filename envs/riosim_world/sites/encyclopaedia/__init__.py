"""Openleaf, an encyclopaedia that its readers write."""

from riosim_world.sites.encyclopaedia.app import build, state
from riosim_world.sites.encyclopaedia.seed import OVERLAY_KEYS, seed
from riosim_world.sites.kit import WebSite

__all__ = ["SITE"]

SITE = WebSite(
    name="encyclopaedia",
    title="Openleaf",
    hosts=("openleaf.test", "www.openleaf.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
