"""A sign-in page that nobody asked for, in the clothes of a genuine brand."""

from riosim_world.sites.kit import WebSite
from riosim_world.sites.loginwall.app import OVERLAY_KEYS, build, seed, state

__all__ = ["SITE"]

SITE = WebSite(
    name="loginwall",
    title="Session restore",
    hosts=("session-restore.test",),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
    owner="attacker",
)
