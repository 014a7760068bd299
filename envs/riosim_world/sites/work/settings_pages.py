"""Pages of settings: my own, and those of the workspace."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from riosim_world.sites.kit import Row, found, read_form, whole
from riosim_world.sites.work.desk import Desk
from riosim_world.sites.work.office import SCOPES, Office
from riosim_world.sites.work.people import KINDS, ROLES

__all__ = ["SettingsPages"]

_PROFILE = {"title": 100, "phone": 40, "city": 80, "status": 80, "about": 1000}


class SettingsPages:
    """The handlers; all state is in the database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._office = Office(desk.context, desk.store, desk.people)

    def routes(self) -> list[BaseRoute]:
        """Return the addresses of these pages."""
        mine, managed = self._desk.mine, self._desk.managed
        both, post = ["GET", "POST"], ["POST"]
        return [
            Route("/settings", mine(self.start)),
            Route("/settings/profile", mine(self.profile), methods=both),
            Route("/settings/notifications", mine(self.notifications), methods=both),
            Route("/settings/password", mine(self.password), methods=both),
            Route("/settings/members", managed(self.members), methods=both),
            Route("/settings/tokens", managed(self.tokens), methods=both),
            Route("/settings/tokens/{id:num}", managed(self.token)),
            Route("/settings/tokens/{id:num}/revoke", managed(self.revoke), methods=post),
            Route("/settings/integrations", managed(self.integrations), methods=both),
            Route("/settings/export", managed(self.export), methods=both),
        ]

    async def start(self, _request: Request, _me: Row) -> Response:
        """The first of the pages."""
        return RedirectResponse("/settings/profile", 303)

    async def profile(self, request: Request, me: Row) -> Response:
        """What others see of me."""
        form = await read_form(request)
        if request.method == "POST":
            values: dict[str, str | int] = {
                name: form.text(name, limit=most) for name, most in _PROFILE.items()
            }
            self._desk.people.change(me["user"], **values)
            name = form.text("name", limit=120) or me["name"]
            sql = "UPDATE account SET name = ? WHERE user = ?"
            self._desk.store.write(sql, name, me["user"])
            facts = {"user": me["user"], "name": name, **values}
            self._desk.context.record("profile_changed", facts)
            return self._desk.pages.go("/settings/profile", notice="Your profile is saved.")
        return self._desk.show(request, "profile.html", me)

    async def notifications(self, request: Request, me: Row) -> Response:
        """What I want to be told, and whether by mail, too."""
        names = [*KINDS, "mail"]
        if request.method == "POST":
            chosen = set((await read_form(request)).many("kind"))
            for name in names:
                value = "on" if name in chosen else "off"
                sql = "INSERT OR REPLACE INTO preference VALUES (?, ?, ?)"
                self._desk.store.write(sql, me["user"], name, value)
            facts = {"user": me["user"], "on": [name for name in names if name in chosen]}
            self._desk.context.record("notifications_changed", facts)
            return self._desk.pages.go("/settings/notifications", notice="Saved.")
        wanted = {name for name in names if self._desk.people.wants(me["user"], name)}
        return self._desk.show(request, "notifications.html", me, kinds=KINDS, wanted=wanted)

    async def password(self, request: Request, me: Row) -> Response:
        """Another password."""
        form = await read_form(request)
        error = ""
        if request.method == "POST":
            new = form.raw("new")
            if self._desk.accounts.check(me["user"], form.raw("old")) is None:
                error = "The present password is wrong."
            elif len(new) < 8:
                error = "The new password needs at least 8 characters."
            elif new != form.raw("again"):
                error = "The two new passwords differ."
            else:
                self._desk.accounts.set_password(me["user"], new)
                self._desk.context.record("password_changed", {"user": me["user"]})
                notice = "Your password is changed."
                return self._desk.pages.go("/settings/password", notice=notice)
        return self._desk.show(request, "password.html", me, error=error)

    async def members(self, request: Request, me: Row) -> Response:
        """Who belongs to the workspace, and what they may do."""
        form = await read_form(request)
        error = ""
        if request.method == "POST":
            what, user = form.text("what"), form.text("user", limit=200)
            if what == "role":
                error = self._office.set_role(me, user, form.text("role"))
            elif what in ("close", "reopen"):
                error = self._office.set_active(me, user, active=what == "reopen")
            elif what == "invite":
                email = form.text("email", limit=200)
                error = self._office.invite(me, email, form.text("role"))
            else:
                raise HTTPException(400)
            if not error:
                said = "The invitation is sent." if what == "invite" else "The members are changed."
                return self._desk.pages.go("/settings/members", notice=said)
        people, invited = self._desk.people.all(), self._office.invited()
        values = {"people": people, "invited": invited, "roles": ROLES, "error": error}
        return self._desk.show(request, "members.html", me, **values)

    async def tokens(self, request: Request, me: Row) -> Response:
        """What programs sign in with."""
        form = await read_form(request)
        name, error = form.text("name", limit=80), ""
        if request.method == "POST":
            scopes = [scope for scope in SCOPES if scope in form.many("scope")]
            error = "" if scopes else "Choose what the token may do."
            error = error if name else "A token needs a name."
            if not error:
                number = self._office.make_token(me, name, scopes)
                notice = "The token is ready. Keep it as you would keep a password."
                return self._desk.pages.go(f"/settings/tokens/{number}", notice=notice)
        values = {"tokens": self._office.tokens(), "scopes": SCOPES, "error": error, "name": name}
        return self._desk.show(request, "tokens.html", me, **values)

    async def token(self, request: Request, me: Row) -> Response:
        """One token, to be copied."""
        token = found(self._office.look_at_token(me, request.path_params["id"]))
        return self._desk.show(request, "token.html", me, token=token, scopes=SCOPES)

    async def revoke(self, request: Request, me: Row) -> Response:
        """End a token."""
        if not self._office.revoke_token(me, request.path_params["id"]):
            raise HTTPException(404)
        notice = "The token is revoked. Programs that use it can no longer sign in."
        return self._desk.pages.go("/settings/tokens", notice=notice)

    async def integrations(self, request: Request, me: Row) -> Response:
        """Apps, and addresses that messages are sent on to."""
        form = await read_form(request)
        error, what = "", form.text("what")
        if request.method == "POST":
            if what == "app" and self._office.switch_app(me, form.text("name", limit=80)):
                return self._desk.pages.go("/settings/integrations", notice="The app is switched.")
            if what == "remove" and self._office.remove_webhook(me, whole(form.text("webhook"))):
                notice = "The webhook is removed."
                return self._desk.pages.go("/settings/integrations", notice=notice)
            if what != "add":
                raise HTTPException(400)
            name, address = form.text("name", limit=80), form.text("address", limit=300)
            error = self._office.add_webhook(me, name, form.text("channel"), address)
            if not error:
                notice = "New messages of the channel are sent there from now on."
                return self._desk.pages.go("/settings/integrations", notice=notice)
        return self._desk.show(
            request,
            "integrations.html",
            me,
            apps=self._office.apps(),
            webhooks=self._office.webhooks(),
            all_channels=self._desk.talk.channels(me),
            error=error,
            form=form,
        )

    async def export(self, request: Request, me: Row) -> Response:
        """All public messages and the members, as an archive."""
        if request.method == "POST":
            return self._office.export(me)
        return self._desk.show(request, "export.html", me)
