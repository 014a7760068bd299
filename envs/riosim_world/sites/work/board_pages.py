"""Pages of boards and cards."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from riosim_world.sites.kit import Form, Row, found, read_form, whole
from riosim_world.sites.work.boards import LABELS
from riosim_world.sites.work.desk import Desk, slug_of

__all__ = ["BoardPages"]

_DAY = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", re.ASCII)


class BoardPages:
    """The handlers; all state is in the database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._boards = desk.boards

    def routes(self) -> list[BaseRoute]:
        """Return the addresses of these pages."""
        mine, both, post = self._desk.mine, ["GET", "POST"], ["POST"]
        return [
            Route("/boards", mine(self.all), methods=both),
            Route("/board/{slug}", mine(self.board)),
            Route("/board/{slug}/new", mine(self.new), methods=both),
            Route("/board/{slug}/archive", mine(self.archive)),
            Route("/card/{id:num}", mine(self.card)),
            Route("/card/{id:num}/edit", mine(self.edit), methods=both),
            Route("/card/{id:num}/{what}", mine(self.act), methods=post),
        ]

    async def all(self, request: Request, me: Row) -> Response:
        """The boards, and a form for another one."""
        form = await read_form(request)
        name, error = form.text("name", limit=80), ""
        if request.method == "POST":
            slug = slug_of(name)
            if slug and self._boards.find(slug) is None:
                self._boards.open_board(me, slug, name, form.text("about", limit=200))
                return self._desk.pages.go(f"/board/{slug}", notice=f"{name} is open.")
            error = "That board exists already." if slug else "A board needs a name."
        return self._desk.show(request, "boards.html", me, error=error, form=form)

    async def board(self, request: Request, me: Row) -> Response:
        """The cards of a board, column by column."""
        board = self._board(request)
        cards = self._boards.cards(board["slug"])
        lanes = [
            lane | {"cards": [card for card in cards if card["lane"] == lane["id"]]}
            for lane in self._boards.lanes(board["slug"])
        ]
        return self._desk.show(request, "board.html", me, board=board, lanes=lanes)

    async def archive(self, request: Request, me: Row) -> Response:
        """The cards that were put away."""
        board = self._board(request)
        cards = self._boards.cards(board["slug"], archived=True)
        return self._desk.show(request, "archive.html", me, board=board, cards=cards)

    async def new(self, request: Request, me: Row) -> Response:
        """Put a card on a board."""
        board, form = self._board(request), await read_form(request)
        lanes = self._boards.lanes(board["slug"])
        errors: list[str] = []
        if request.method == "POST":
            values, errors = self._values(form)
            wanted = whole(form.text("lane"))
            lane = wanted if wanted in {row["id"] for row in lanes} else lanes[0]["id"]
            if not errors:
                number = self._boards.add(me, board["slug"], lane=lane, **values)
                notice = "The card is on the board."
                return self._desk.pages.go(f"/card/{number}", notice=notice)
        return self._edited(
            request, me, board=board, lanes=lanes, card=None, form=form, errors=errors
        )

    async def card(self, request: Request, me: Row) -> Response:
        """One card: what is to do, who does it, what people say."""
        card = self._card(request)
        board = self._boards.find(card["board"])
        number = card["id"]
        return self._desk.show(
            request,
            "card.html",
            me,
            card=card,
            board=board,
            lanes=self._boards.lanes(card["board"]),
            people=self._desk.people.active(),
            comments=self._boards.comments(number),
            steps=self._boards.steps(number),
        )

    async def edit(self, request: Request, me: Row) -> Response:
        """Change what a card says."""
        card, form = self._card(request), await read_form(request)
        errors: list[str] = []
        if request.method == "POST":
            values, errors = self._values(form)
            if not errors:
                if values["assignee"] != card["assignee"]:
                    self._boards.change(me, card, assignee=values["assignee"])
                    card = self._card(request)
                self._boards.change(me, card, **values)
                return self._desk.pages.go(f"/card/{card['id']}", notice="The card is changed.")
        board = self._boards.find(card["board"])
        return self._edited(request, me, board=board, lanes=[], card=card, form=form, errors=errors)

    async def act(self, request: Request, me: Row) -> Response:
        """Comment, move, assign, put away."""
        card, what = self._card(request), request.path_params["what"]
        form, here = await read_form(request), f"/card/{card['id']}"
        if what == "comment":
            body = form.text("body", limit=4000)
            if body:
                self._boards.comment(me, card, body)
            notice = "Your comment is on the card." if body else "Write something first."
            return self._desk.pages.go(here, notice=notice)
        if what == "move":
            lanes = {lane["id"]: lane["name"] for lane in self._boards.lanes(card["board"])}
            lane = whole(form.text("lane"))
            if lane not in lanes:
                raise HTTPException(400)
            self._boards.change(me, card, lane=lane)
            return self._desk.pages.go(here, notice=f"Moved to {lanes[lane]}.")
        if what == "assign":
            user = form.text("assignee", limit=200)
            member = self._desk.people.find(user) if user else None
            self._boards.change(me, card, assignee=member["user"] if member else "")
            who = member["name"] if member else "nobody"
            return self._desk.pages.go(here, notice=f"The card belongs to {who}.")
        if what == "archive":
            self._boards.change(me, card, archived=1 - card["archived"])
            notice = "The card is back." if card["archived"] else "The card is in the archive."
            return self._desk.pages.go(f"/board/{card['board']}", notice=notice)
        raise HTTPException(404)

    def _edited(self, request: Request, me: Row, **values: object) -> Response:
        people = self._desk.people.active()
        return self._desk.show(request, "edit_card.html", me, people=people, **values)

    def _values(self, form: Form) -> tuple[dict[str, str], list[str]]:
        due, label = form.text("due", limit=10), form.text("label")
        member = self._desk.people.find(form.text("assignee", limit=200))
        values = {
            "title": form.text("title", limit=160),
            "body": form.text("body", limit=6000),
            "assignee": member["user"] if member else "",
            "due": due,
            "label": label if label in LABELS else "",
        }
        errors = [] if values["title"] else ["A card needs a title."]
        errors += [] if not due or _DAY.fullmatch(due) else ["Enter the day as 2026-05-31."]
        return values, errors

    def _board(self, request: Request) -> Row:
        return found(self._boards.find(request.path_params["slug"]))

    def _card(self, request: Request) -> Row:
        return found(self._boards.card(request.path_params["id"]))
