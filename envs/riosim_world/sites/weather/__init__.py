"""Fairglass, the weather."""

from riosim_world.sites.kit import WebSite
from riosim_world.sites.weather.app import build, state
from riosim_world.sites.weather.seed import OVERLAY_KEYS, seed

__all__ = ["SITE"]

SITE = WebSite(
    name="weather",
    title="Fairglass",
    hosts=("fairglass.test", "www.fairglass.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
