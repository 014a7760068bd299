"""Codeberth, a code forge."""

from riosim_world.sites.forge.app import build, state
from riosim_world.sites.forge.seed import OVERLAY_KEYS, seed
from riosim_world.sites.kit import WebSite

__all__ = ["SITE"]

SITE = WebSite(
    name="forge",
    title="Codeberth",
    hosts=("codeberth.test", "www.codeberth.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
