"""What a site of the world is, and what it is given.

A site is a package `riosim_world.sites.<name>` with a module-level `SITE: Site`. The world gives
each served copy (genuine or look-alike) its own context, so a look-alike is the same application
with another owner, host and database.

`seed` and `build` are given different contexts of the same copy: `seed` runs once for a (seed, now,
overlay) and its database is copied into every episode, so it must leave nothing but rows in
`context.db` (and `repos.create`, `mailer.deliver`). Handlers may be sync or async; `db` may be used
from any thread. What a handler raises by mistake is a 500 and a defect of the site.
"""

import random
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from starlette.applications import Starlette

from riosim_world.mailbox import MailStore
from riosim_world.repository import Repositories

__all__ = ["Mailer", "Owner", "Site", "SiteContext"]

Owner = Literal["genuine", "attacker", "parked"]


class Mailer(Protocol):
    """Delivers mail inside the world."""

    def deliver(
        self,
        *,
        sender: str,
        to: str,
        subject: str,
        text: str,
        html: str = "",
        minutes_ago: int = 0,
    ) -> None:
        """Put a message into the mailbox of TO; unknown mailboxes swallow it, recorded.

        MINUTES_AGO dates it, counted from the fixed moment of the world.
        """
        ...


@dataclass(frozen=True, slots=True)
class SiteContext:
    """All that a site may use; it opens no file, socket or clock of its own."""

    name: str  # the site's name, for example "archive"; the same for its look-alikes
    owner: Owner
    host: str  # the main host name this copy is served on
    db: sqlite3.Connection  # in memory, empty at build; fixed by the seed and the overlay
    now: datetime  # the world's fixed moment, with zone
    rng: random.Random  # seeded; the same seed gives the same world
    directory: Mapping[str, str]  # site name → its genuine host, for links between sites
    record: Callable[[str, Mapping[str, Any]], None]  # emits site.changed {what, …}
    mailer: Mailer
    look: Mapping[str, Any]  # what a look-alike shows differently (brand text, extra forms)
    mail: MailStore = field(default_factory=MailStore)
    """The world's mailboxes, for a web mail: list, get, open, mark, move, append, send.

    They live outside `db`. In `seed`, only `mail.boxes()` may be used, to learn who has a mailbox;
    letters for them go through `mailer.deliver`. A site that does so sets `seeds_mail = True`, and
    is then seeded at every reset instead of at its first request.
    """
    repos: Repositories = field(default_factory=Repositories)
    """Git repositories of this copy of the site, for a forge.

    In `seed`, call `repos.create(name, commits)`; in the application, read them with `files`,
    `read`, `log`, change them with `commit`, and mount `repos.application(allow)` for git clients.
    """


class Site(Protocol):
    """One web application."""

    name: str
    title: str  # the invented brand
    hosts: tuple[str, ...]  # first one is the main one

    def seed(self, context: SiteContext, overlay: Mapping[str, Any]) -> None:
        """Create the tables and fill them; OVERLAY is what a task adds or changes.

        Raises:
            ValueError: The overlay has a key that the site does not know; the message names it.
        """
        ...

    def build(self, context: SiteContext) -> Starlette:
        """Return the application; its state is all in `context.db`."""
        ...

    def state(self, context: SiteContext) -> dict[str, Any]:
        """Return the end state as plain JSON, for checks."""
        ...
