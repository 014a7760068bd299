"""Reelhouse: films of everybody."""

from riosim_world.sites.kit import WebSite
from riosim_world.sites.video.app import build
from riosim_world.sites.video.report import state
from riosim_world.sites.video.seed import OVERLAY_KEYS, seed

__all__ = ["SITE"]

SITE = WebSite(
    name="video",
    title="Reelhouse",
    hosts=("reelhouse.test", "www.reelhouse.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
