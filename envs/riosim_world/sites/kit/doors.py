"""Signing in, up and out, for sites whose pages only differ in their look."""

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from riosim_world.site import SiteContext
from riosim_world.sites.kit.accounts import Accounts, Sessions
from riosim_world.sites.kit.forms import read_form
from riosim_world.sites.kit.pages import Pages
from riosim_world.sites.kit.store import Row

__all__ = ["Doors"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{2,59}")


@dataclass(frozen=True, slots=True)
class Doors:
    """Handlers for `login.html` (wrong, user) and `signup.html` (errors, form).

    Fields: `user`, `password`, `stay`; for a new account also `name` and `email`.
    """

    context: SiteContext
    pages: Pages
    accounts: Accounts
    sessions: Sessions
    home: str = "/"

    def routes(self, *, signup: bool = True) -> list[BaseRoute]:
        """Return `/login`, `/logout` and, unless nobody can join, `/signup`."""
        both = ["GET", "POST"]
        routes: list[BaseRoute] = [
            Route("/login", self.sign_in, methods=both),
            Route("/logout", self.sign_out, methods=["POST"]),
        ]
        return [*routes, Route("/signup", self.sign_up, methods=both)] if signup else routes

    async def sign_in(self, request: Request) -> Response:
        """Sign in; a look-alike lets everybody in."""
        form = await read_form(request)
        user, wrong = form.text("user", limit=200), False
        if request.method == "POST":
            account = self._admit(user, form.raw("password"), stay=form.flag("stay"))
            if account:
                response = self.pages.go(self.home)
                self.sessions.open(response, account["user"], stay=form.flag("stay"))
                return response
            wrong = True
        return self.pages.html(request, "login.html", wrong=wrong, user=user)

    async def sign_up(self, request: Request) -> Response:
        """Make an account."""
        form = await read_form(request)
        user, email = form.text("user", limit=60), form.text("email", limit=200)
        errors = []
        if request.method == "POST":
            good = _NAME.fullmatch(user)
            errors += [] if good else ["The user name needs 3 or more letters or digits."]
            errors += [] if "@" in email[1:-1] else ["Enter your mail address."]
            short = len(form.raw("password")) < 8
            errors += ["The password needs at least 8 characters."] if short else []
            errors += ["That user name is taken."] if self.accounts.find(user) else []
            if not errors:
                name = form.text("name", limit=120)
                password = form.raw("password")
                self.accounts.add(user, password, name=name, email=email, seeded=False)
                self.context.record("registered", {"user": user, "email": email})
                response = self.pages.go(self.home, notice="Welcome! Your account is ready.")
                self.sessions.open(response, user)
                return response
        return self.pages.html(request, "signup.html", errors=errors, form=form)

    async def sign_out(self, request: Request) -> Response:
        """Sign out."""
        response = self.pages.go("/", notice="You are signed out.")
        self.sessions.close(request, response)
        return response

    def _admit(self, user: str, password: str, *, stay: bool) -> Row | None:
        lenient = self.context.look.get("accept_any", self.context.owner == "attacker")
        if lenient and user:
            return self.sessions.accept(user, password, stay=stay)
        return self.sessions.attempt(user, password, stay=stay)
