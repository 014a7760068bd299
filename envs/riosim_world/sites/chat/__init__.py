"""Quill, a chat assistant."""

from riosim_world.sites.chat.app import OVERLAY_KEYS, build, seed, state
from riosim_world.sites.kit import WebSite

__all__ = ["SITE"]

SITE = WebSite(
    name="chat",
    title="Quill",
    hosts=("quill.test", "www.quill.test"),
    overlay_keys=OVERLAY_KEYS,
    seeder=seed,
    builder=build,
    reporter=state,
)
