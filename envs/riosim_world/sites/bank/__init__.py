"""Harborline Bank."""

from riosim_world.sites.bank.app import build, state
from riosim_world.sites.bank.seed import OVERLAY_KEYS, seed
from riosim_world.sites.kit import WebSite

__all__ = ["SITE"]

SITE = WebSite(
    name="bank",
    title="Harborline Bank",
    hosts=("harborline.test", "www.harborline.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
