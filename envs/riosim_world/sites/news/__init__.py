"""The Daily Courier, a newspaper."""

from riosim_world.sites.kit import WebSite
from riosim_world.sites.news.app import build, state
from riosim_world.sites.news.seed import OVERLAY_KEYS, seed

__all__ = ["SITE"]

SITE = WebSite(
    name="news",
    title="Daily Courier",
    hosts=("dailycourier.test", "www.dailycourier.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
