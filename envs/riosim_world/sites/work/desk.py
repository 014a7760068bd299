"""What all pages of Deskmoor need: who asks, what the frame around a page shows."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from riosim_world.site import SiteContext
from riosim_world.sites.kit import MemberSite, Row
from riosim_world.sites.kit.files import file_kind, kind_words, size_words
from riosim_world.sites.kit.words import filters
from riosim_world.sites.work.boards import LABELS, Boards
from riosim_world.sites.work.diary import ANSWERS, Diary
from riosim_world.sites.work.people import People, is_admin
from riosim_world.sites.work.shelf import Shelf
from riosim_world.sites.work.talk import REACTIONS, Talk

__all__ = ["Desk", "Handler", "PageOf", "slug_of"]

Handler = Callable[[Request], Awaitable[Response]]
PageOf = Callable[[Request, Row], Awaitable[Response]]

_TAG = re.compile(r"(<[^>]*>)")
_NAMED = re.compile(r"(?<![\w/.@])@([A-Za-z0-9][A-Za-z0-9._-]{1,58}[A-Za-z0-9])")


def slug_of(text: str) -> str:
    """Return TEXT as it may stand in an address."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40]


class Desk(MemberSite):
    """The parts of one copy of the site."""

    def __init__(self, context: SiteContext) -> None:
        shared = {
            "workspace": lambda: self.store.setting("workspace"),
            "written": self._written,
            "kind_of": file_kind,
            "kind_words": kind_words,
            "size": size_words,
            "is_admin": is_admin,
            "labels": LABELS,
            "answers": ANSWERS,
            "reactions": REACTIONS,
        }
        here = Path(__file__).parent
        super().__init__(context, here, brand="Deskmoor", home="/today", shared=shared)
        self.people = People(context, self.store)
        self.talk = Talk(context, self.store, self.people)
        self.diary = Diary(context, self.store, self.people)
        self.boards = Boards(context, self.store, self.people)
        self.shelf = Shelf(context, self.store, self.talk)
        self._prose = filters(context.now)["prose"]

    def show(self, request: Request, template: str, me: Row, **values: Any) -> Response:
        """Render a page inside the frame."""
        told = self.people.told(me["user"])
        frame: dict[str, Any] = {
            "me": me,
            "names": self.people.names(),
            "channels": [row for row in self.talk.channels(me) if row["joined"]],
            "partners": self.talk.partners(me)[:8],
            "boards": self.boards.all(),
            "unseen": sum(not row["seen"] for row in told),
            "room": "",
        }
        return self.pages.html(request, template, **(frame | values))

    def mine(self, page: PageOf) -> Handler:
        """Return a handler that only members get to."""

        async def handle(request: Request) -> Response:
            account = self.sessions.current(request)
            me = self.people.find(account["user"]) if account else None
            if me is None:
                return RedirectResponse("/login", 303)
            if not me["active"]:
                return self.pages.html(request, "closed.html", status=403)
            return await page(request, me)

        return handle

    def managed(self, page: PageOf) -> Handler:
        """Return a handler that only those get to who look after the workspace."""

        async def handle(request: Request, me: Row) -> Response:
            if is_admin(me):
                return await page(request, me)
            return self.show(request, "settings_closed.html", me, status=403)

        return self.mine(handle)

    def _written(self, text: str) -> Markup:
        """Write what somebody typed: paragraphs, links, and the names of members."""
        users = {user.lower(): name for user, name in self.people.names().items()}

        def name(found: re.Match[str]) -> str:
            user = found[1]
            if user.lower() not in users:
                return found[0]
            link = Markup('<a class="named" href="/people/{}">@{}</a>')
            return str(link.format(user, users[user.lower()]))

        inside, parts = 0, []
        for part in _TAG.split(str(self._prose(text))):
            inside += part.startswith("<a ") - (part == "</a>")
            parts.append(part if inside or part.startswith("<") else _NAMED.sub(name, part))
        return Markup("".join(parts))  # noqa: S704 - the prose is escaped, the names by `format`
