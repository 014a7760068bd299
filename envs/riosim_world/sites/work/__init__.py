"""Deskmoor, a suite for the work of an office: messages, calendar, boards, people, files."""

from riosim_world.sites.kit import WebSite
from riosim_world.sites.work.app import build
from riosim_world.sites.work.report import state
from riosim_world.sites.work.seed import OVERLAY_KEYS, seed

__all__ = ["SITE"]

SITE = WebSite(
    name="work",
    title="Deskmoor",
    hosts=("deskmoor.test", "www.deskmoor.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
