"""Routes and state of Codeberth."""

import json
import re
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.forge.repository_pages import RepositoryPages
from riosim_world.sites.kit import (
    Accounts,
    MemberSite,
    Row,
    Sessions,
    Store,
    paginate,
    read_form,
)

__all__ = ["build", "state"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")
_GIT = ("/info/refs", "/git-upload-pack", "/git-receive-pack", "/HEAD")


class _Forge(MemberSite):
    """Pages outside repositories."""

    def __init__(self, context: SiteContext) -> None:
        super().__init__(context, Path(__file__).parent, brand="Codeberth")

    async def front(self, request: Request) -> Response:
        """The front page, or the signed-in person's own."""
        me = self.sessions.current(request)
        top = self.store.rows(
            "SELECT * FROM repository WHERE private = 0 ORDER BY stars DESC LIMIT 4"
        )
        if me is None:
            return self.pages.html(request, "front.html", top=top)
        mine = self._owned(me["user"], me)
        issues = self.store.rows(
            "SELECT * FROM issue WHERE kind = 'issue' ORDER BY seeded, id DESC LIMIT 6"
        )
        return self.pages.html(request, "dashboard.html", mine=mine, top=top, issues=issues)

    async def explore(self, request: Request) -> Response:
        """Public repositories, all or those that hold the words."""
        words = request.query_params.get("q", "").strip()[:200]
        rows = self.store.rows("SELECT * FROM repository WHERE private = 0 ORDER BY stars DESC")
        found = [
            row
            for row in rows
            if words.lower() in f"{row['name']} {row['about']} {row['topics']}".lower()
        ]
        page = paginate(request, found, size=10)
        return self.pages.html(request, "explore.html", words=words, page=page)

    async def person(self, request: Request) -> Response:
        """Somebody's repositories."""
        account = self.accounts.find(request.path_params["owner"])
        if account is None:
            raise HTTPException(404)
        rows = self._owned(account["user"], self.sessions.current(request))
        return self.pages.html(request, "person.html", person=account, rows=rows)

    async def new(self, request: Request) -> Response:
        """A new repository."""
        me = self.sessions.current(request)
        if me is None:
            return RedirectResponse("/login", 303)
        form = await read_form(request)
        name, errors = form.text("name"), []
        if request.method == "POST":
            full = f"{me['user']}/{name}"
            good = _NAME.fullmatch(name) and not name.endswith(".git") and ".." not in name
            errors += [] if good else ["A name has letters, digits, dots and dashes."]
            taken = self.store.row("SELECT 1 FROM repository WHERE name = ?", full)
            errors += ["You have a repository of that name."] if taken else []
            if not errors:
                row = {"name": full, "owner": me["user"], "about": form.text("about", limit=300)}
                private = int(form.text("visibility") == "private")
                self.store.insert(
                    "repository", **row, topics="", stars=0, private=private, seeded=0
                )
                self.context.repos.create(full)
                self.context.record("repository_created", row | {"private": bool(private)})
                return self.pages.go(f"/{full}", notice="Your repository is ready.")
        return self.pages.html(request, "new.html", errors=errors, form=form)

    async def pricing(self, request: Request) -> Response:
        """Plans."""
        form = await read_form(request)
        if request.method == "POST":
            self._choose("plan_chosen", {"plan": form.text("plan", limit=30)})
            return self.pages.go("/signup", notice="Create an account to go on.")
        return self.pages.html(request, "pricing.html")

    async def contact(self, request: Request) -> Response:
        """A message to support."""
        form = await read_form(request)
        given = {name: form.text(name, limit=4000) for name in ("name", "email", "body")}
        if request.method == "POST" and given["body"]:
            self._choose("support_asked", given)
            return self.pages.go("/contact", notice="Thank you. Support answers within a day.")
        missing = request.method == "POST"
        return self.pages.html(request, "contact.html", missing=missing, given=given)

    def allow(self, repo: str, user: str | None, password: str | None, write: bool) -> bool:  # noqa: FBT001 - the port's form
        """Say who may fetch and push."""
        row = self.store.row("SELECT * FROM repository WHERE name = ?", repo.removesuffix(".git"))
        if row is None:
            return False
        account = self.accounts.check(user, password) if user and password else None
        owner = account is not None and account["user"].lower() == row["owner"].lower()
        return owner or not (write or row["private"])

    def _owned(self, user: str, me: Row | None) -> list[Row]:
        rows = self.store.rows("SELECT * FROM repository WHERE owner = ? COLLATE NOCASE", user)
        own = me is not None and me["user"].lower() == user.lower()
        return [row for row in rows if own or not row["private"]]

    def _choose(self, kind: str, data: dict[str, Any]) -> None:
        self.store.insert("choice", kind=kind, data=json.dumps(data))
        self.context.record(kind, data)


def build(context: SiteContext) -> Starlette:
    """Return the application; git clients are served at `/<owner>/<name>.git`."""
    forge = _Forge(context)
    inside = RepositoryPages(context, forge.pages, forge.sessions)
    git = context.repos.application(forge.allow)
    both = ["GET", "POST"]
    return forge.pages.application(
        [
            Route("/", forge.front),
            *forge.doors.routes(),
            Route("/explore", forge.explore),
            Route("/search", forge.explore),
            Route("/features", forge.pages.plain("features.html")),
            Route("/deckhand", forge.pages.plain("deckhand.html")),
            Route("/pricing", forge.pricing, methods=both),
            Route("/contact", forge.contact, methods=both),
            Route("/new", forge.new, methods=both),
            *(Route("/{owner}/{name}" + end, git) for end in _GIT),
            Route("/{owner}", forge.person),
            *inside.routes(),
        ]
    )


def state(context: SiteContext) -> dict[str, Any]:
    """Return repositories with files and commits, issues, and who joined."""
    store = Store(context.db)
    sql = "SELECT name, owner, about, private, seeded FROM repository"
    known = {row["name"]: row for row in store.rows(sql)}
    repositories = [row | known.get(row["name"], {}) for row in context.repos.state()]
    issues = store.rows(
        "SELECT repo, number, kind, title, body, author, seeded FROM issue ORDER BY id"
    )
    replies = store.rows(
        "SELECT issue.repo, issue.number, reply.author, reply.body, reply.seeded FROM reply "
        "JOIN issue ON issue.id = reply.issue ORDER BY reply.id"
    )
    for row in (*issues, *replies, *repositories):
        row |= {key: bool(row[key]) for key in row.keys() & {"seeded", "private"}}
    choices = store.rows("SELECT kind, data FROM choice ORDER BY id")
    return {
        "repositories": repositories,
        "issues": issues,
        "replies": replies,
        "stars": store.rows("SELECT user, repo FROM star"),
        "choices": [{"kind": row["kind"], **json.loads(row["data"])} for row in choices],
        **Sessions(context, Accounts(context)).state(),
    }
