"""Pages and state of Openleaf."""

import difflib
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.encyclopaedia.markup import render, slug_of, title_of
from riosim_world.sites.encyclopaedia.seed import FRONT
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

_LATEST = (
    "SELECT article.*, version.number, version.text, version.author, version.made FROM article "
    "JOIN version ON version.slug = article.slug AND version.number = "
    "(SELECT max(number) FROM version AS v WHERE v.slug = article.slug) "
)


class _Encyclopaedia(MemberSite):
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        super().__init__(context, Path(__file__).parent, brand="Openleaf")

    async def front(self, request: Request) -> Response:
        """Article of the day, facts, categories."""
        rows = self.store.rows(_LATEST + "ORDER BY title")
        day = self._find(FRONT["of_the_day"])
        return self.pages.html(
            request,
            "front.html",
            day=day,
            lead=render(day["text"], self._exists).lead if day else "",
            facts=FRONT["did_you_know"],
            count=len(rows),
            categories=self._categories(),
            recent=self._changes(6),
        )

    async def article(self, request: Request) -> Response:
        """One article, as it is or as it was."""
        row = self._article(request)
        version = request.query_params.get("version", "")
        old = None
        if version.isascii() and version.isdigit() and len(version) < 10:
            old = self._version(row["slug"], int(version))
            row["text"] = old["text"]
        user = self.sessions.user(request)
        sql = "SELECT 1 FROM watch WHERE user = ? AND slug = ?"
        watched = self.store.row(sql, user, row["slug"]) is not None
        return self.pages.html(
            request,
            "article.html",
            article=row,
            made=render(row["text"], self._exists),
            facts=[line.split(": ", 1) for line in row["facts"].splitlines()],
            sources=row["sources"].splitlines(),
            old=old,
            watched=watched,
        )

    async def edit(self, request: Request) -> Response:
        """The editor; anybody may write, signed in or not."""
        slug = self._slug(request)
        row = self._find(slug) or {"slug": slug, "title": title_of(slug), "text": ""}
        form = await read_form(request)
        text, summary = form.text("text"), form.text("summary", limit=200)
        wrong = False
        if request.method == "POST":
            if text and form.text("act") == "save":
                self._save(request, row, text, summary)
                return self.pages.go(f"/wiki/{row['slug']}", notice="Your change is published.")
            wrong = not text
        else:
            text = row["text"]
        preview = render(text, self._exists) if request.method == "POST" and text else None
        return self.pages.html(
            request,
            "edit.html",
            article=row,
            text=text,
            summary=summary,
            preview=preview,
            wrong=wrong,
        )

    async def history(self, request: Request) -> Response:
        """All versions."""
        row = self._article(request)
        sql = "SELECT * FROM version WHERE slug = ? ORDER BY number DESC"
        versions = self.store.rows(sql, row["slug"])
        return self.pages.html(request, "history.html", article=row, versions=versions)

    async def change(self, request: Request) -> Response:
        """What one version changed."""
        row = self._article(request)
        number = request.path_params["number"]
        new = self._version(row["slug"], number)
        before = self._version(row["slug"], number - 1)["text"] if number > 1 else ""
        lines = [
            (line[:1], line[2:])
            for line in difflib.ndiff(before.splitlines(), new["text"].splitlines())
            if line[:1] in "+- " and line[2:].strip()
        ]
        return self.pages.html(request, "change.html", article=row, version=new, lines=lines)

    async def talk(self, request: Request) -> Response:
        """What writers say about an article."""
        row = self._article(request)
        if request.method == "POST":
            body = (await read_form(request)).text("body", limit=4000)
            if body:
                now = self.context.now.isoformat()
                values = {"slug": row["slug"], "author": self._signature(request), "body": body}
                self.store.insert("talk", made=now, seeded=0, **values)
                self.context.record("talked", values)
                return self.pages.go(f"/talk/{row['slug']}", notice="Your remark is published.")
        sql = "SELECT * FROM talk WHERE slug = ? ORDER BY id"
        remarks = self.store.rows(sql, row["slug"])
        return self.pages.html(request, "talk.html", article=row, remarks=remarks)

    async def watch(self, request: Request) -> Response:
        """Follow an article, or no longer."""
        row, user = self._article(request), self.sessions.user(request)
        if not user:
            return RedirectResponse("/login", 303)
        on = self.store.toggle("watch", user=user, slug=row["slug"])
        self.context.record("watched", {"user": user, "slug": row["slug"], "on": on})
        notice = "It is on your watchlist." if on else "No longer on your watchlist."
        return self.pages.go(f"/wiki/{row['slug']}", notice=notice)

    async def watchlist(self, request: Request) -> Response:
        """What the writer follows."""
        user = self.sessions.user(request)
        if not user:
            return RedirectResponse("/login", 303)
        watched = self.store.rows("SELECT slug FROM watch WHERE user = ? ORDER BY slug", user)
        rows = [self._find(row["slug"]) for row in watched]
        return self.pages.html(request, "watchlist.html", rows=rows)

    async def recent(self, request: Request) -> Response:
        """The latest changes everywhere."""
        page = paginate(request, self._changes(300), size=25)
        return self.pages.html(request, "recent.html", page=page)

    async def category(self, request: Request) -> Response:
        """All articles of a category."""
        name = title_of(request.path_params["name"])
        rows = self.store.rows(_LATEST + "WHERE category = ? ORDER BY title", name)
        if not rows:
            raise HTTPException(404)
        return self.pages.html(request, "category.html", name=name, rows=rows)

    async def search(self, request: Request) -> Response:
        """An article of that name, or those that hold the words."""
        words = request.query_params.get("q", "").strip()[:200]
        slug = slug_of(words) if words else ""
        hit = self._find(slug) if slug else None
        rows = self.store.rows(_LATEST + "ORDER BY title") if words else []
        parts = words.lower().split()
        found = [
            row for row in rows if all(p in f"{row['title']} {row['text']}".lower() for p in parts)
        ]
        if words:
            self.store.insert("search", q=words, found=len(found))
            self.context.record("searched", {"q": words, "found": len(found)})
        if hit and "all" not in request.query_params:
            return RedirectResponse(f"/wiki/{hit['slug']}", 303)
        for row in found:
            lead = render(row["text"], lambda _slug: False).lead
            row["snippet"] = lead.striptags()[:220]
        page = paginate(request, found, size=10)
        return self.pages.html(request, "search.html", words=words, slug=slug, hit=hit, page=page)

    async def lucky(self, request: Request) -> Response:
        """Some article, other than the one that the reader comes from."""
        rows = self.store.rows("SELECT slug FROM article ORDER BY slug")
        here = request.query_params.get("from", "")
        slugs = [row["slug"] for row in rows if row["slug"] != here]
        chosen = slugs[int(digest(here), 16) % len(slugs)]
        return RedirectResponse(f"/wiki/{chosen}", 303)

    async def about(self, request: Request) -> Response:
        """How it works."""
        return self.pages.html(request, "about.html")

    def _save(self, request: Request, row: Row, text: str, summary: str) -> None:
        slug = row["slug"]
        if not self._exists(slug):
            values = {"category": "New articles", "facts": "", "sources": ""}
            self.store.insert("article", slug=slug, title=row["title"], **values)
        sql = "SELECT coalesce(max(number), 0) FROM version WHERE slug = ?"
        change = {
            "slug": slug,
            "number": self.store.value(sql, slug) + 1,
            "author": self._signature(request),
            "summary": summary,
            "text": text,
        }
        now = self.context.now.isoformat()
        self.store.insert("version", made=now, seeded=0, **change)
        self.context.record("edited", change)

    def _slug(self, request: Request) -> str:
        slug = slug_of(request.path_params["slug"])
        if not slug:
            raise HTTPException(404)
        return slug

    def _find(self, slug: str) -> Row | None:
        return self.store.row(_LATEST + "WHERE article.slug = ?", slug)

    def _exists(self, slug: str) -> bool:
        return self.store.row("SELECT 1 FROM article WHERE slug = ?", slug) is not None

    def _article(self, request: Request) -> Row:
        return found(self._find(request.path_params["slug"]))

    def _version(self, slug: str, number: int) -> Row:
        sql = "SELECT * FROM version WHERE slug = ? AND number = ?"
        return found(self.store.row(sql, slug, number))

    def _changes(self, most: int) -> list[Row]:
        sql = "SELECT version.*, title FROM version JOIN article USING (slug) "
        return self.store.rows(sql + "ORDER BY made DESC, version.id DESC LIMIT ?", most)

    def _categories(self) -> list[Row]:
        sql = "SELECT category AS name, count(*) AS n FROM article GROUP BY category ORDER BY name"
        return self.store.rows(sql)

    def _signature(self, request: Request) -> str:
        return self.sessions.user(request) or "Guest"


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    site = _Encyclopaedia(context)
    both = ["GET", "POST"]
    return site.pages.application(
        [
            Route("/", site.front),
            Route("/wiki/{slug}", site.article),
            Route("/edit/{slug}", site.edit, methods=both),
            Route("/history/{slug}", site.history),
            Route("/history/{slug}/{number:num}", site.change),
            Route("/talk/{slug}", site.talk, methods=both),
            Route("/watch/{slug}", site.watch, methods=["POST"]),
            Route("/watchlist", site.watchlist),
            Route("/recent", site.recent),
            Route("/category/{name}", site.category),
            Route("/search", site.search),
            Route("/lucky", site.lucky),
            Route("/about", site.about),
            *site.doors.routes(),
        ]
    )


def state(context: SiteContext) -> dict[str, Any]:
    """Return changes, remarks, watched articles and searches."""
    store = Store(context.db)
    edits = store.rows(
        "SELECT slug, number, author, summary, text FROM version WHERE seeded = 0 ORDER BY id"
    )
    return {
        "edits": edits,
        "talks": store.rows("SELECT slug, author, body FROM talk WHERE seeded = 0 ORDER BY id"),
        "watches": store.rows("SELECT user, slug FROM watch"),
        "searches": store.rows("SELECT q, found FROM search ORDER BY id"),
        **Sessions(context, Accounts(context)).state(),
    }
