"""Pages and state of the Daily Courier."""

from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    Accounts,
    MemberSite,
    Row,
    Sessions,
    Store,
    found,
    paginate,
    read_form,
    whole,
)
from riosim_world.sites.news.seed import LETTERS, SECTIONS, TOPICS

__all__ = ["build", "state"]

_ALL = "SELECT * FROM article ORDER BY rank, posted DESC"


class _Paper(MemberSite):
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        super().__init__(
            context, Path(__file__).parent, brand="Daily Courier", shared={"sections": SECTIONS}
        )

    async def front(self, request: Request) -> Response:
        """The front page."""
        rows = self.store.rows(_ALL)
        by_section = {key: [row for row in rows[1:] if row["section"] == key] for key in SECTIONS}
        return self.pages.html(
            request, "front.html", top=rows[:4], by_section=by_section, most=self._most_read()
        )

    async def section(self, request: Request) -> Response:
        """All of one section."""
        key = request.path_params["section"]
        if key not in SECTIONS:
            raise HTTPException(404)
        rows = [row for row in self.store.rows(_ALL) if row["section"] == key]
        page = paginate(request, rows, size=8)
        return self.pages.html(request, "section.html", key=key, page=page, most=self._most_read())

    async def article(self, request: Request) -> Response:
        """One article with what readers say."""
        row = self._article(request)
        user = self.sessions.user(request)
        sql = "SELECT * FROM comment WHERE article = ? ORDER BY likes DESC, id"
        near = "SELECT * FROM article WHERE section = ? AND slug <> ? ORDER BY posted DESC LIMIT 3"
        saved = self.store.row(
            "SELECT 1 FROM saved WHERE user = ? AND article = ?", user, row["slug"]
        )
        return self.pages.html(
            request,
            "article.html",
            article=row,
            comments=self.store.rows(sql, row["slug"]),
            near=self.store.rows(near, row["section"], row["slug"]),
            saved=saved is not None,
            most=self._most_read(),
        )

    async def comment(self, request: Request) -> Response:
        """A reader's comment."""
        row, user = self._article(request), self.sessions.user(request)
        if not user:
            return RedirectResponse("/login", 303)
        body = (await read_form(request)).text("body", limit=2000)
        if not body:
            return self.pages.go(f"/article/{row['slug']}", notice="Write something first.")
        now = self.context.now.isoformat()
        values = {"article": row["slug"], "author": user, "body": body}
        self.store.insert("comment", posted=now, likes=0, seeded=0, **values)
        self.context.record("commented", values)
        return self.pages.go(f"/article/{row['slug']}", notice="Your comment is published.")

    async def like(self, request: Request) -> Response:
        """Agree with a comment, or no longer."""
        row, user = self._article(request), self.sessions.user(request)
        if not user:
            return RedirectResponse("/login", 303)
        number = whole((await read_form(request)).text("comment"))
        sql = "SELECT 1 FROM comment WHERE id = ? AND article = ?"
        if self.store.row(sql, number, row["slug"]) is None:
            raise HTTPException(404)
        on = self.store.toggle("liked", user=user, comment=number)
        step = 1 if on else -1
        self.store.write("UPDATE comment SET likes = likes + ? WHERE id = ?", step, number)
        self.context.record("liked", {"user": user, "comment": number, "on": on})
        return self.pages.go(f"/article/{row['slug']}#c{number}")

    async def save(self, request: Request) -> Response:
        """Keep an article for later, or no longer."""
        row, user = self._article(request), self.sessions.user(request)
        if not user:
            return RedirectResponse("/login", 303)
        values = {"user": user, "article": row["slug"]}
        on = self.store.toggle("saved", **values)
        self.context.record("saved", values | {"on": on})
        notice = "Saved. Find it under Saved articles." if on else "No longer saved."
        return self.pages.go(f"/article/{row['slug']}", notice=notice)

    async def send(self, request: Request) -> Response:
        """Recommend an article by mail."""
        row = self._article(request)
        form = await read_form(request)
        email, note = form.text("email", limit=200), form.text("note", limit=500)
        if request.method == "POST" and "@" in email[1:-1]:
            values = {"article": row["slug"], "email": email, "note": note}
            self.store.insert("sent", **values)
            self.context.record("sent", values)
            address = f"https://{self.context.host}/article/{row['slug']}"
            self.context.mailer.deliver(
                sender=f"Daily Courier <readers@{self.context.host}>",
                to=email,
                subject=f"Recommended: {row['title']}",
                text=f"{note}\n\n{row['title']}\n{row['lead']}\n\n{address}\n".lstrip(),
            )
            return self.pages.go(f"/article/{row['slug']}", notice="The article is on its way.")
        missing = request.method == "POST"
        given = {"email": email, "note": note}
        return self.pages.html(request, "send.html", article=row, missing=missing, given=given)

    async def kept(self, request: Request) -> Response:
        """What the reader saved."""
        user = self.sessions.user(request)
        if not user:
            return RedirectResponse("/login", 303)
        sql = "SELECT * FROM article WHERE slug IN (SELECT article FROM saved WHERE user = ?)"
        return self.pages.html(request, "saved.html", rows=self.store.rows(sql, user))

    async def search(self, request: Request) -> Response:
        """Articles that hold all the words."""
        words = request.query_params.get("q", "").strip()[:200]
        rows: list[Row] = []
        if words:
            for row in self.store.rows("SELECT * FROM article ORDER BY posted DESC"):
                text = f"{row['title']} {row['lead']} {row['body']} {row['author']}".lower()
                if all(word in text for word in words.lower().split()):
                    rows.append(row)
            self.store.insert("search", q=words, found=len(rows))
            self.context.record("searched", {"q": words, "found": len(rows)})
        page = paginate(request, rows, size=8)
        return self.pages.html(request, "search.html", words=words, page=page)

    async def letters(self, request: Request) -> Response:
        """Newsletters."""
        form = await read_form(request)
        email = form.text("email", limit=200)
        chosen = [key for key in form.many("letter") if key in LETTERS]
        errors: list[str] = []
        if request.method == "POST":
            errors += [] if "@" in email[1:-1] else ["Enter your mail address."]
            errors += [] if chosen else ["Choose at least one letter."]
            if not errors:
                self.store.insert("subscription", email=email, letters=", ".join(chosen))
                self.context.record("subscribed", {"email": email, "letters": chosen})
                return self.pages.go("/newsletters", notice="Thank you. The next letter is yours.")
        return self.pages.html(
            request, "letters.html", letters=LETTERS, errors=errors, email=email, chosen=chosen
        )

    async def contact(self, request: Request) -> Response:
        """Tell the paper something."""
        form = await read_form(request)
        values = {name: form.text(name, limit=4000) for name in ("name", "email", "topic", "body")}
        if request.method == "POST" and values["body"]:
            self.store.insert("tip", **values)
            self.context.record("tipped", values)
            return self.pages.go("/contact", notice="Thank you. The desk reads every letter.")
        missing = request.method == "POST"
        return self.pages.html(
            request, "contact.html", missing=missing, values=values, topics=TOPICS
        )

    async def about(self, request: Request) -> Response:
        """Who makes the paper."""
        return self.pages.html(request, "about.html")

    def _article(self, request: Request) -> Row:
        slug = request.path_params["slug"]
        return found(self.store.row("SELECT * FROM article WHERE slug = ?", slug))

    def _most_read(self) -> list[Row]:
        return self.store.rows("SELECT * FROM article ORDER BY reads DESC LIMIT 5")


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    paper = _Paper(context)
    both, post = ["GET", "POST"], ["POST"]
    return paper.pages.application(
        [
            Route("/", paper.front),
            Route("/section/{section}", paper.section),
            Route("/article/{slug}", paper.article),
            Route("/article/{slug}/comment", paper.comment, methods=post),
            Route("/article/{slug}/like", paper.like, methods=post),
            Route("/article/{slug}/save", paper.save, methods=post),
            Route("/article/{slug}/send", paper.send, methods=both),
            Route("/saved", paper.kept),
            Route("/search", paper.search),
            Route("/newsletters", paper.letters, methods=both),
            Route("/contact", paper.contact, methods=both),
            Route("/about", paper.about),
            *paper.doors.routes(),
        ]
    )


def state(context: SiteContext) -> dict[str, Any]:
    """Return what readers wrote, kept, sent and subscribed to."""
    store = Store(context.db)
    comments = store.rows(
        "SELECT id, article, author, body, likes, seeded FROM comment ORDER BY id"
    )
    for row in comments:
        row["seeded"] = bool(row["seeded"])
    return {
        "comments": comments,
        "likes": store.rows("SELECT user, comment FROM liked"),
        "saved": store.rows("SELECT user, article FROM saved"),
        "sent": store.rows("SELECT article, email, note FROM sent ORDER BY id"),
        "subscriptions": store.rows("SELECT email, letters FROM subscription ORDER BY id"),
        "tips": store.rows("SELECT name, email, topic, body FROM tip ORDER BY id"),
        "searches": store.rows("SELECT q, found FROM search ORDER BY id"),
        **Sessions(context, Accounts(context)).state(),
    }
