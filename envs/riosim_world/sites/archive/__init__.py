"""Paperhaven, an archive of papers."""

from riosim_world.sites.archive.app import build, state
from riosim_world.sites.archive.seed import OVERLAY_KEYS, seed
from riosim_world.sites.kit import WebSite

__all__ = ["SITE"]

SITE = WebSite(
    name="archive",
    title="Paperhaven",
    hosts=("paperhaven.test", "www.paperhaven.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
