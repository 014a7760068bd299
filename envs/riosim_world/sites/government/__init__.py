"""Larkfield Services: offices, forms and appointments."""

from riosim_world.sites.government.app import build, state
from riosim_world.sites.government.seed import OVERLAY_KEYS, seed
from riosim_world.sites.kit import WebSite

__all__ = ["SITE"]

SITE = WebSite(
    name="government",
    title="Larkfield Services",
    hosts=("services.larkfield.test", "www.services.larkfield.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
