"""Postbay, a portal with mail."""

from riosim_world.sites.kit import WebSite
from riosim_world.sites.portal.app import build
from riosim_world.sites.portal.report import state
from riosim_world.sites.portal.seed import OVERLAY_KEYS, seed

__all__ = ["SITE"]

SITE = WebSite(
    name="portal",
    title="Postbay",
    hosts=("postbay.test", "www.postbay.test", "mail.postbay.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
    seeds_mail=True,
)
