"""The copies of sites that are served: who they are, and their state.

A copy is seeded once for a (seed, now, overlay, look); every episode gets a copy of that database.
Sites are seeded when first asked for, unless somebody gave them an overlay, a look or mail: then at
the reset, so that a mistake is told to whoever made it.
"""

import hashlib
import json
import random
import shutil
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from riosim_world.mailbox import MailStore
from riosim_world.repository import Push, Repositories
from riosim_world.room import Room
from riosim_world.site import Owner, Site, SiteContext

__all__ = ["Copy", "CopyPlan", "Moment", "Pristines"]

_MOST_PRISTINES = 64

Record = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Moment:
    """What makes a world: its seed and its fixed time."""

    seed: int
    now: datetime


@dataclass(frozen=True, slots=True)
class CopyPlan:
    """Which site is served where, for whom."""

    name: str  # of the copy: the site's name, or the look-alike's
    site: Site
    owner: Owner
    hosts: tuple[str, ...]
    overlay: Mapping[str, Any] = field(default_factory=dict)
    look: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Pristine:
    db: sqlite3.Connection
    repos: Repositories
    letters: list[dict[str, Any]]
    digest: str
    n_pages: int


class _SeedMailer:
    """Notes what a site delivers while it is seeded."""

    def __init__(self) -> None:
        self.letters: list[dict[str, Any]] = []

    def deliver(self, **letter: Any) -> None:
        self.letters.append(letter)


class Pristines:
    """Freshly seeded databases, kept to be copied."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Pristine] = OrderedDict()

    def get(self, key: str, make: Callable[[], _Pristine]) -> _Pristine:
        """Return the one under KEY, made now if need be; the longest unused make room."""
        if key not in self._kept:
            self._kept[key] = make()
            if len(self._kept) > _MOST_PRISTINES:
                _, old = self._kept.popitem(last=False)
                old.db.close()
        self._kept.move_to_end(key)
        return self._kept[key]

    def close(self) -> None:
        """Close all databases."""
        for pristine in self._kept.values():
            pristine.db.close()
        self._kept.clear()


class Copy:
    """One served copy of a site: its application and state, made when first asked for."""

    def __init__(
        self,
        plan: CopyPlan,
        moment: Moment,
        *,
        pristines: Pristines,
        room: Room,
        mail: MailStore,
        directory: Mapping[str, str],
        folder: Path,
        record: Record,
        on_push: Callable[[Push], None],
    ) -> None:
        self.plan = plan
        self._moment = moment
        self._pristines = pristines
        self._room = room
        self._mail = mail
        self._directory = directory
        self._folder = folder
        self._record = record
        self._on_push = on_push
        self._context: SiteContext | None = None
        self._app: Starlette | None = None

    @property
    def host(self) -> str:
        """The main host name."""
        return self.plan.hosts[0]

    @property
    def seeds_mail(self) -> bool:
        """Whether seeding puts letters into mailboxes."""
        return bool(getattr(self.plan.site, "seeds_mail", False))

    def application(self) -> Starlette:
        """Return the application, seeded and built now if it was not yet, for one request."""
        db = self._open().db
        if self._app is None:
            self._app = self.plan.site.build(self._open())
        self._room.share(self.plan.name, db, n_seeded_pages=self._pristine().n_pages)
        return self._app

    def state(self) -> dict[str, Any]:
        """Return the end state as plain JSON."""
        return self.plan.site.state(self._open())

    def prepare(self, *, with_mail: bool = True) -> None:
        """Seed it now, and deliver the letters that belong to it.

        Raises:
            ValueError: The overlay or the look is wrong; the message names the site and the key.
        """
        pristine = self._pristine()
        if self.seeds_mail and with_mail:
            for letter in pristine.letters:
                self._mail.deliver(**letter)

    def seed_more(self, overlay: Mapping[str, Any]) -> None:
        """Give an open copy what a task adds while the episode runs.

        Raises:
            ValueError: The site cannot take more, or a key is wrong.
        """
        more: Callable[..., None] | None = getattr(self.plan.site, "seed_more", None)
        if more is None:
            raise ValueError(f"{self.plan.name}: the site takes no overlay during an episode.")
        more(self._open(), overlay)

    def digest(self) -> str:
        """Return the SHA-256 of how it was seeded and what changed since."""
        return hashlib.sha256(f"{self._key()}\0{self._changes()}".encode()).hexdigest()

    def is_touched(self) -> bool:
        """Whether anything in it differs from how it was seeded."""
        return self._changes() != ""

    def _changes(self) -> str:
        if self._context is None:
            return ""
        pristine = self._pristine()
        rows, repos = _content_digest(self._context.db), self._context.repos.digest()
        return "" if (rows, repos) == (pristine.digest, pristine.repos.digest()) else rows + repos

    def close(self) -> None:
        """Throw the state away."""
        if self._context is not None:
            self._context.db.close()
            shutil.rmtree(self._folder, ignore_errors=True)
        self._context = self._app = None

    # --- seeding

    def _open(self) -> SiteContext:
        if self._context is None:
            pristine = self._pristine()
            db = sqlite3.connect(":memory:", check_same_thread=False)
            pristine.db.backup(db)
            repos = pristine.repos.copy(self._folder)
            repos.on_push = self._on_push
            context = self._make_context(db, repos, self._mail, "use")
            self._context = context
        return self._context

    def _pristine(self) -> _Pristine:
        return self._pristines.get(self._key(), self._seed)

    def _seed(self) -> _Pristine:
        db = sqlite3.connect(":memory:", check_same_thread=False)
        repos, mailer = Repositories(self._folder), _SeedMailer()
        context = self._make_context(db, repos, mailer, "seed")
        try:
            self.plan.site.seed(context, self.plan.overlay)
        except BaseException:
            db.close()
            raise
        db.commit()
        n_pages = int(db.execute("PRAGMA page_count").fetchone()[0])
        return _Pristine(db, repos, mailer.letters, _content_digest(db), n_pages)

    def _make_context(
        self, db: sqlite3.Connection, repos: Repositories, mailer: Any, purpose: str
    ) -> SiteContext:
        seeding = purpose == "seed"
        return SiteContext(
            name=self.plan.site.name,
            owner=self.plan.owner,
            host=self.host,
            db=db,
            now=self._moment.now,
            rng=random.Random(f"{self._moment.seed}:{self.plan.site.name}:{purpose}"),  # noqa: S311 - a world, not a secret
            directory=self._directory,
            record=(lambda what, data: None) if seeding else self._record,
            mailer=mailer,
            look=self.plan.look,
            mail=self._mail,
            repos=repos,
        )

    def _key(self) -> str:
        plan = self.plan
        boxes = [(b.address, b.name) for b in self._mail.boxes()] if self.seeds_mail else []
        parts: Iterable[Any] = (
            plan.site.name, plan.owner, plan.hosts, self._moment.seed,
            self._moment.now.isoformat(), dict(plan.overlay), dict(plan.look), boxes,
        )  # fmt: skip
        return json.dumps(list(parts), sort_keys=True, default=str)


def _content_digest(db: sqlite3.Connection) -> str:
    """Return the SHA-256 of every row of every table, whatever their order."""
    total = hashlib.sha256()
    tables = db.execute(
        "SELECT name, sql FROM sqlite_master"
        " WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
    ).fetchall()
    for name, sql in tables:
        total.update(f"{name}\0{sql}\n".encode())
        quoted = name.replace('"', '""')
        rows = db.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - quoted, own names
        for text in sorted(map(repr, rows)):
            total.update(text.encode("utf-8", "replace"))
    return total.hexdigest()
