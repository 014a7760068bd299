"""Pages of Deskmoor that belong to no part alone, and the application."""

from datetime import timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Row, found, paginate
from riosim_world.sites.work.board_pages import BoardPages
from riosim_world.sites.work.desk import Desk
from riosim_world.sites.work.diary_pages import DiaryPages
from riosim_world.sites.work.settings_pages import SettingsPages
from riosim_world.sites.work.shelf_pages import ShelfPages
from riosim_world.sites.work.talk_pages import TalkPages

__all__ = ["build"]

_MOST_FOUND = 40


class _Start:
    """Front, today, people, search, activity."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        """Return the addresses of these pages."""
        mine = self._desk.mine
        return [
            Route("/", self.front),
            Route("/help", self._desk.pages.plain("help.html")),
            Route("/today", mine(self.today)),
            Route("/people", mine(self.people)),
            Route("/people/{user}", mine(self.person)),
            Route("/search", mine(self.search)),
            Route("/activity", mine(self.activity)),
            Route("/activity/read", mine(self.read), methods=["POST"]),
        ]

    async def front(self, request: Request) -> Response:
        """What this is; whoever is signed in goes to today's page."""
        if self._desk.sessions.current(request):
            return RedirectResponse("/today", 303)
        return self._desk.pages.html(request, "front.html")

    async def today(self, request: Request, me: Row) -> Response:
        """What the day holds for me."""
        today = self._desk.context.now.date()
        events = self._desk.diary.between(me, today, today + timedelta(days=1))
        told = self._desk.people.told(me["user"])
        return self._desk.show(
            request,
            "today.html",
            me,
            events=events,
            waiting=self._desk.diary.waiting(me),
            cards=self._desk.boards.mine(me),
            told=told[:6],
        )

    async def people(self, request: Request, me: Row) -> Response:
        """Who works here."""
        words = request.query_params.get("q", "").strip()[:100]
        team = request.query_params.get("team", "")[:80]
        everybody = self._desk.people.active()
        rows = [row for row in everybody if team in ("", row["team"]) and _holds(row, words)]
        teams = sorted({row["team"] for row in everybody if row["team"]})
        page = paginate(request, rows, size=24)
        return self._desk.show(
            request, "people.html", me, page=page, words=words, team=team, teams=teams
        )

    async def person(self, request: Request, me: Row) -> Response:
        """One member."""
        person = found(self._desk.people.find(request.path_params["user"]))
        both = [row for row in self._desk.talk.channels(me) if row["joined"]]
        theirs = {row["slug"] for row in self._desk.talk.channels(person) if row["joined"]}
        return self._desk.show(
            request,
            "person.html",
            me,
            person=person,
            shared=[row for row in both if row["slug"] in theirs],
            cards=self._desk.boards.mine(person)[:8],
        )

    async def search(self, request: Request, me: Row) -> Response:
        """Messages, events, cards, files and people that hold all the words."""
        asked = request.query_params.get("q", "").strip()[:200]
        words = asked.lower().split()
        results: dict[str, list[Row]] = {}
        if words:
            desk = self._desk
            cards = [card for board in desk.boards.all() for card in _all_cards(desk, board)]
            events = desk.store.rows("SELECT * FROM event WHERE cancelled = 0 ORDER BY begins DESC")
            results = {
                "messages": desk.talk.found(me, words, most=_MOST_FOUND),
                "people": [row for row in desk.people.active() if _holds(row, asked)],
                "events": _with(words, events, "title", "place", "description"),
                "cards": _with(words, cards, "title", "body"),
                "files": _with(words, desk.shelf.listed(me), "name", "folder"),
            }
        return self._desk.show(request, "search.html", me, asked=asked, found=results)

    async def activity(self, request: Request, me: Row) -> Response:
        """What I am told."""
        page = paginate(request, self._desk.people.told(me["user"]), size=25)
        return self._desk.show(request, "activity.html", me, page=page)

    async def read(self, _request: Request, me: Row) -> Response:
        """Note that I have seen all of it."""
        sql = "UPDATE notification SET seen = 1 WHERE user = ?"
        self._desk.store.write(sql, me["user"])
        self._desk.context.record("notifications_read", {"user": me["user"]})
        return self._desk.pages.go("/activity")


def _all_cards(desk: Desk, board: Row) -> list[Row]:
    return [*desk.boards.cards(board["slug"]), *desk.boards.cards(board["slug"], archived=True)]


def _with(words: list[str], rows: list[Row], *fields: str) -> list[Row]:
    def holds(row: Row) -> bool:
        text = " ".join(row[field] for field in fields).lower()
        return all(word in text for word in words)

    return [row for row in rows if holds(row)][:_MOST_FOUND]


def _holds(member: Row, text: str) -> bool:
    keys = ("name", "user", "title", "team", "city", "email")
    said = " ".join(member[key] for key in keys).lower()
    return all(word in said for word in text.lower().split())


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    desk = Desk(context)
    parts = (_Start, TalkPages, DiaryPages, BoardPages, ShelfPages, SettingsPages)
    routes = [route for part in parts for route in part(desk).routes()]
    return desk.pages.application([*routes, *desk.doors.routes()])
