"""Coinquay, an exchange for invented coins."""

from riosim_world.sites.exchange.app import build
from riosim_world.sites.exchange.report import state
from riosim_world.sites.exchange.seed import OVERLAY_KEYS, seed
from riosim_world.sites.kit import WebSite

__all__ = ["SITE"]

SITE = WebSite(
    name="exchange",
    title="Coinquay",
    hosts=("coinquay.test", "www.coinquay.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
