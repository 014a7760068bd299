"""Pages of Paperhaven."""

import json
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.archive.paper import paper_pdf
from riosim_world.sites.archive.query import SearchQuery
from riosim_world.sites.archive.seed import SUBJECTS
from riosim_world.sites.kit import (
    Accounts,
    MemberSite,
    Row,
    Sessions,
    Store,
    digest,
    found,
    paginate,
    read_form,
)

__all__ = ["build", "state"]


class _Archive(MemberSite):
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        super().__init__(
            context,
            Path(__file__).parent,
            brand="Paperhaven",
            home="/account",
            shared={"subjects": SUBJECTS},
        )

    async def front(self, request: Request) -> Response:
        """Subjects and what is new."""
        recent = self.store.rows("SELECT * FROM paper ORDER BY submitted DESC LIMIT 7")
        counts = {
            row["subject"]: row["n"]
            for row in self.store.rows("SELECT subject, count(*) AS n FROM paper GROUP BY subject")
        }
        return self.pages.html(request, "front.html", recent=recent, counts=counts)

    async def listing(self, request: Request) -> Response:
        """All papers of one subject."""
        subject = request.path_params["subject"]
        if subject not in SUBJECTS:
            raise HTTPException(404)
        part = request.query_params.get("part", "")
        rows = self.store.rows(
            "SELECT * FROM paper WHERE subject = ? AND (? = '' OR part = ?) "
            "ORDER BY submitted DESC",
            *(subject, part, part),
        )
        page = paginate(request, rows, size=10)
        return self.pages.html(request, "listing.html", subject=subject, part=part, page=page)

    async def search(self, request: Request) -> Response:
        """Results of the search box or of the advanced form."""
        asked = SearchQuery.read(request.query_params)
        if asked.is_empty:
            return self.pages.html(request, "search.html", asked=asked, page=None)
        self.store.insert("search", kind=asked.kind, asked=json.dumps(asked.to_json()))
        self.context.record("searched", asked.to_json())
        found = asked.filter(self.store.rows("SELECT * FROM paper"))
        page = paginate(request, found, size=asked.size)
        return self.pages.html(request, "search.html", asked=asked, page=page)

    async def advanced(self, request: Request) -> Response:
        """The advanced form."""
        return self.pages.html(request, "advanced.html")

    async def abstract(self, request: Request) -> Response:
        """One paper."""
        paper = self._paper(request)
        near = self.store.rows(
            "SELECT * FROM paper WHERE subject = ? AND number <> ? ORDER BY submitted DESC LIMIT 4",
            *(paper["subject"], paper["number"]),
        )
        return self.pages.html(request, "abstract.html", paper=paper, near=near)

    async def download(self, request: Request) -> Response:
        """The PDF; some copies of the site ask who you are first."""
        paper = self._paper(request)
        cookie = f"{self.context.name}_verified"
        if self.context.look.get("verify_download") and cookie not in request.cookies:
            return RedirectResponse(f"/verify/{paper['number']}", 303)
        account = self.sessions.current(request)
        user = account["user"] if account else ""
        row = {"paper": paper["number"], "title": paper["title"], "user": user}
        self.store.insert("download", **row)
        self.context.record("downloaded", row)
        name = f"{paper['number']}.pdf"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        data = paper_pdf(paper, host=self.context.host)
        return Response(data, media_type="application/pdf", headers=headers)

    async def verify(self, request: Request) -> Response:
        """The form that stands before a download."""
        paper = self._paper(request)
        if not self.context.look.get("verify_download"):
            raise HTTPException(404)
        form = await read_form(request)
        user = form.text("user")
        if not (user and form.raw("password")):
            missing = request.method == "POST"
            return self.pages.html(request, "verify.html", paper=paper, missing=missing)
        row = {"paper": paper["number"], "institution": form.text("institution"), "user": user}
        row["password_digest"] = digest(form.raw("password"))
        self.store.insert("verification", **row)
        self.context.record("verified", row)
        response = self.pages.go(f"/pdf/{paper['number']}")
        response.set_cookie(f"{self.context.name}_verified", "1", httponly=True, samesite="lax")
        return response

    async def subscribe(self, request: Request) -> Response:
        """New papers by mail."""
        form = await read_form(request)
        email = form.text("email", limit=200)
        chosen = [subject for subject in form.many("subject") if subject in SUBJECTS]
        errors = []
        if request.method == "POST":
            errors += [] if _is_address(email) else ["Enter a mail address such as name@home.test."]
            errors += [] if chosen else ["Choose at least one subject."]
            if not errors:
                names = ", ".join(chosen)
                self.store.insert("subscription", email=email, subjects=names)
                self.context.record("subscribed", {"email": email, "subjects": chosen})
                return self.pages.go("/subscribe/done")
        return self.pages.html(request, "subscribe.html", errors=errors, email=email, chosen=chosen)

    async def subscribed(self, request: Request) -> Response:
        """Thank you."""
        return self.pages.html(request, "subscribed.html")

    async def register(self, request: Request) -> Response:
        """A new account."""
        form = await read_form(request)
        user, email = form.text("user", limit=60), form.text("email", limit=200)
        password, errors = form.raw("password"), []
        if request.method == "POST":
            errors += [] if user else ["Choose a user name."]
            errors += [] if _is_address(email) else ["Enter your mail address."]
            errors += [] if len(password) >= 8 else ["The password needs at least 8 characters."]
            taken = self.accounts.find(user) or self.accounts.find(email)
            errors += ["That name or address has an account already."] if taken else []
            if not errors:
                name = form.text("name", limit=120)
                self.accounts.add(user, password, name=name, email=email, seeded=False)
                self.context.record("registered", {"user": user, "email": email})
                response = self.pages.go("/account", notice="Welcome! Your account is ready.")
                self.sessions.open(response, user)
                return response
        return self.pages.html(request, "register.html", errors=errors, form=form)

    async def account(self, request: Request) -> Response:
        """What the signed-in reader downloaded."""
        account = self.sessions.current(request)
        if account is None:
            return RedirectResponse("/login", 303)
        user = account["user"]
        rows = self.store.rows("SELECT * FROM download WHERE user = ? ORDER BY id DESC", user)
        return self.pages.html(request, "account.html", downloads=rows)

    async def contact(self, request: Request) -> Response:
        """A form to the desk."""
        form = await read_form(request)
        values = {name: form.text(name, limit=4000) for name in ("name", "email", "body")}
        if request.method == "POST" and values["body"]:
            self.store.insert("enquiry", **values)
            self.context.record("enquired", values)
            return self.pages.go("/contact", notice="Thank you. The desk answers in two days.")
        missing = request.method == "POST"
        return self.pages.html(request, "contact.html", missing=missing, values=values)

    def _paper(self, request: Request) -> Row:
        number = request.path_params["number"].removesuffix(".pdf")
        return found(self.store.row("SELECT * FROM paper WHERE number = ?", number))


def _is_address(text: str) -> bool:
    name, at, host = text.partition("@")
    return bool(name and at and "." in host and " " not in text)


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    archive = _Archive(context)
    both = ["GET", "POST"]
    return archive.pages.application(
        [
            Route("/", archive.front),
            Route("/list/{subject}", archive.listing),
            Route("/search", archive.search),
            Route("/search/advanced", archive.advanced),
            Route("/abs/{number}", archive.abstract),
            Route("/pdf/{number}", archive.download),
            Route("/verify/{number}", archive.verify, methods=both),
            Route("/subscribe", archive.subscribe, methods=both),
            Route("/subscribe/done", archive.subscribed),
            Route("/register", archive.register, methods=both),
            *archive.doors.routes(signup=False),
            Route("/account", archive.account),
            Route("/contact", archive.contact, methods=both),
            Route("/help", archive.pages.plain("help.html")),
            Route("/about", archive.pages.plain("about.html")),
            Route("/supporters", archive.pages.plain("supporters.html")),
        ]
    )


def state(context: SiteContext) -> dict[str, Any]:
    """Return what was searched, taken, given and subscribed to."""
    store = Store(context.db)
    searches = store.rows("SELECT kind, asked FROM search ORDER BY id")
    return {
        "searches": [{"kind": row["kind"], **json.loads(row["asked"])} for row in searches],
        "downloads": store.rows("SELECT paper, title, user FROM download ORDER BY id"),
        "subscriptions": [
            {"email": row["email"], "subjects": row["subjects"].split(", ")}
            for row in store.rows("SELECT email, subjects FROM subscription ORDER BY id")
        ],
        "verifications": store.rows(
            "SELECT paper, institution, user, password_digest FROM verification ORDER BY id"
        ),
        "enquiries": store.rows("SELECT name, email, body FROM enquiry ORDER BY id"),
        **Sessions(context, Accounts(context)).state(),
    }
