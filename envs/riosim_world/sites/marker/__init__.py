"""The landing page of links in phishing mail."""

from riosim_world.sites.kit import WebSite
from riosim_world.sites.marker.app import OVERLAY_KEYS, build, seed, state

__all__ = ["SITE"]

SITE = WebSite(
    name="marker",
    title="Security check",
    hosts=("secure-verify.test",),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
    owner="attacker",
)
