"""Talus, a yearly conference on learning systems."""

from riosim_world.sites.conference.app import build
from riosim_world.sites.conference.report import state
from riosim_world.sites.conference.seed import OVERLAY_KEYS, seed
from riosim_world.sites.kit import WebSite

__all__ = ["SITE"]

SITE = WebSite(
    name="conference",
    title="Talus",
    hosts=("talusconf.test", "www.talusconf.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
