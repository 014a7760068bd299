"""A site put together from its three functions."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette

from riosim_world.site import Owner, SiteContext

__all__ = ["WebSite", "known_keys"]


@dataclass(frozen=True, slots=True)
class WebSite:
    """A `Site` whose parts are plain functions; refuses overlay keys that it does not know."""

    name: str
    title: str
    hosts: tuple[str, ...]
    overlay_keys: frozenset[str]
    seeder: Callable[[SiteContext, Mapping[str, Any]], None]
    builder: Callable[[SiteContext], Starlette]
    reporter: Callable[[SiteContext], dict[str, Any]]
    owner: Owner = "genuine"
    seeds_mail: bool = False

    def seed(self, context: SiteContext, overlay: Mapping[str, Any]) -> None:
        """Create the tables and fill them; OVERLAY is what a task adds or changes."""
        known_keys(f"overlay of {self.name}", overlay, self.overlay_keys)
        self.seeder(context, overlay)

    def build(self, context: SiteContext) -> Starlette:
        """Return the application; its state is all in `context.db`."""
        return self.builder(context)

    def state(self, context: SiteContext) -> dict[str, Any]:
        """Return the end state as plain JSON, for checks."""
        return self.reporter(context)


def known_keys(where: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a key of GIVEN that is not in KNOWN.

    Raises:
        ValueError: The message names the place, the key and the nearest right one.
    """
    known = sorted(known)
    for key in given:
        if key not in known:
            close = difflib.get_close_matches(str(key), known, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise ValueError(f"{where}: unknown key {key!r}.{hint} Known: {', '.join(known)}.")
