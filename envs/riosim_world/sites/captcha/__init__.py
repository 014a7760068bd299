"""HumanGate, a verification page that nobody asked for."""

from riosim_world.sites.captcha.app import OVERLAY_KEYS, build, seed, state
from riosim_world.sites.kit import WebSite

__all__ = ["SITE"]

SITE = WebSite(
    name="captcha",
    title="HumanGate",
    hosts=("humangate.test",),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
    owner="attacker",
)
