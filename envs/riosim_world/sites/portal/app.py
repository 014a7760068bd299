"""Routes of Postbay: the front page, the account page and the web mail."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    MemberSite,
    read_form,
)
from riosim_world.sites.portal.webmail import WebMail

__all__ = ["build"]

_SWITCHES = ("two_step", "stay_signed_in", "alerts")


class _Portal(MemberSite):
    """Front page and account; the web mail has its own class."""

    def __init__(self, context: SiteContext) -> None:
        super().__init__(context, Path(__file__).parent, brand="Postbay", home="/mail")

    async def front(self, request: Request) -> Response:
        """The portal for visitors; signed-in people go to their mail."""
        if self.sessions.current(request):
            return RedirectResponse("/mail", 303)
        return self.pages.html(request, "front.html")

    async def account(self, request: Request) -> Response:
        """Security settings and devices."""
        me = self.sessions.current(request)
        if me is None:
            return RedirectResponse("/login", 303)
        form, user = await read_form(request), me["user"]
        if request.method == "POST":
            return self._save(
                user,
                {name: form.text(name) for name in ("phone", "recovery")}
                | {name: "on" if form.flag(name) else "off" for name in _SWITCHES},
            )
        rows = self.store.rows("SELECT name, value FROM preference WHERE user = ?", user)
        devices = self.store.rows("SELECT * FROM session WHERE user = ? AND open = 1", user)
        chosen = {row["name"]: row["value"] for row in rows}
        return self.pages.html(request, "account.html", chosen=chosen, devices=devices)

    async def password(self, request: Request) -> Response:
        """A new password."""
        me = self.sessions.current(request)
        if me is None:
            return RedirectResponse("/login", 303)
        form = await read_form(request)
        if self.accounts.check(me["user"], form.raw("old")) is None:
            return self.pages.go("/account", notice="The old password is wrong.")
        if len(form.raw("new")) < 8:
            return self.pages.go("/account", notice="The new one needs 8 characters or more.")
        self.accounts.add(me["user"], form.raw("new"), name=me["name"], email=me["email"])
        self.context.record("password_changed", {"user": me["user"]})
        return self.pages.go("/account", notice="Your password is changed.")

    async def sign_out_everywhere(self, request: Request) -> Response:
        """End all sessions of the account."""
        me = self.sessions.current(request)
        response = self.pages.go("/", notice="You are signed out on all devices.")
        if me:
            self.store.write("UPDATE session SET open = 0 WHERE user = ?", me["user"])
            self.context.record("signed_out_everywhere", {"user": me["user"]})
            self.sessions.close(request, response)
        return response

    async def help(self, request: Request) -> Response:
        """Advice."""
        return self.pages.html(request, "help.html")

    def _save(self, user: str, chosen: dict[str, str]) -> Response:
        for name, value in chosen.items():
            row = (user, name, value[:200])
            self.store.write("INSERT OR REPLACE INTO preference VALUES (?, ?, ?)", *row)
        self.context.record("settings_saved", {"user": user, **chosen})
        return self.pages.go("/account", notice="Your settings are saved.")


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    portal = _Portal(context)
    mail = WebMail(context, portal.pages, portal.sessions)
    both = ["GET", "POST"]
    return portal.pages.application(
        [
            Route("/", portal.front),
            Route("/account", portal.account, methods=both),
            Route("/account/password", portal.password, methods=["POST"]),
            Route("/account/sign-out-everywhere", portal.sign_out_everywhere, methods=["POST"]),
            Route("/help", portal.help),
            *portal.doors.routes(),
            *mail.routes(),
        ]
    )
