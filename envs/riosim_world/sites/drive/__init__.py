"""Stowhold, a drive for files."""

from riosim_world.sites.drive.app import build
from riosim_world.sites.drive.report import state
from riosim_world.sites.drive.seed import OVERLAY_KEYS, seed
from riosim_world.sites.kit import WebSite

__all__ = ["SITE"]

SITE = WebSite(
    name="drive",
    title="Stowhold",
    hosts=("stowhold.test", "www.stowhold.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
