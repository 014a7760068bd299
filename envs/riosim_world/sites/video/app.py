"""Pages of Reelhouse."""

import re
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    MemberSite,
    Row,
    digest,
    found,
    paginate,
    read_form,
)
from riosim_world.sites.video.seed import FILMS, TAGS

__all__ = ["build"]

_KINDS = {"video/webm", "video/mp4", "video/ogg"}
_REASONS = ("False or misleading", "Hate or threats", "Somebody's privacy", "Stolen film", "Spam")
_MOST_UPLOADS = 12
_FILM = (
    "film.id, channel, film.title, film.body, tag, film, media_type, views, likes, dislikes, "
    "posted, listed, film.seeded, channel.name AS channel_name, channel.followers"
)


class _Reelhouse(MemberSite):
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        shared = {"tags": TAGS, "reasons": _REASONS, "followed": self._followed}
        super().__init__(context, Path(__file__).parent, brand="Reelhouse", shared=shared)

    async def front(self, request: Request) -> Response:
        """The newest films, all or of one kind."""
        tag = request.query_params.get("tag", "")
        rows = self._films("listed = 1 AND (? = '' OR tag = ?)", tag, tag)
        return self._grid(request, rows, title="New on Reelhouse", tag=tag)

    async def popular(self, request: Request) -> Response:
        """What most people watch."""
        rows = sorted(self._films("listed = 1"), key=lambda row: -row["views"])
        return self._grid(request, rows, title="Most watched")

    async def search(self, request: Request) -> Response:
        """Films by their words."""
        asked = request.query_params.get("q", "").strip()[:200]
        words = asked.lower().split()
        rows = [
            row
            for row in self._films("listed = 1")
            if words and all(w in f"{row['title']} {row['body']} {row['channel_name']}".lower()
                             for w in words)
        ]  # fmt: skip
        if asked:
            self.store.insert("search", q=asked, found=len(rows))
            self.context.record("searched", {"q": asked, "found": len(rows)})
        return self._grid(request, rows, title=f"Films for “{asked}”" if asked else "Search")

    async def following(self, request: Request, me: Row) -> Response:
        """Films of the channels that I follow."""
        inside = "(SELECT channel FROM follow WHERE user = ?)"
        rows = self._films(f"listed = 1 AND channel IN {inside}", me["user"])
        return self._grid(request, rows, title="Following")

    async def later(self, request: Request, me: Row) -> Response:
        """Films kept for later."""
        rows = self._films("film.id IN (SELECT film FROM later WHERE user = ?)", me["user"])
        return self._grid(request, rows, title="Watch later")

    async def history(self, request: Request, me: Row) -> Response:
        """Films that I watched."""
        rows = self._films("film.id IN (SELECT film FROM watched WHERE user = ?)", me["user"])
        return self._grid(request, rows, title="History")

    async def channel(self, request: Request) -> Response:
        """One channel."""
        channel = self._channel(request)
        rows = self._films("listed = 1 AND channel = ?", channel["slug"])
        return self.pages.html(request, "channel.html", channel=channel, rows=rows)

    async def watch(self, request: Request) -> Response:
        """One film."""
        film = self._film(request)
        me = self.sessions.current(request)
        self.store.write("UPDATE film SET views = views + 1 WHERE id = ?", film["id"])
        self.store.insert("watched", user=me["user"] if me else "", film=film["id"])
        facts = {"film": film["title"], "user": me["user"] if me else ""}
        self.context.record("watched", facts)
        sql = "SELECT * FROM comment WHERE film = ? ORDER BY id DESC"
        others = [row for row in self._films("listed = 1") if row["id"] != film["id"]]
        others.sort(key=lambda row: (row["tag"] != film["tag"], row["channel"] != film["channel"]))
        mark = me and self._value("SELECT way FROM mark WHERE user = ? AND film = ?", me, film)
        kept = me and self._value("SELECT 1 FROM later WHERE user = ? AND film = ?", me, film)
        said = self.store.rows(sql, film["id"])
        values: dict[str, Any] = {"comments": said, "others": others[:6]}
        return self.pages.html(request, "watch.html", film=film, mark=mark, kept=kept, **values)

    async def media(self, request: Request) -> Response:
        """The film itself, or the picture for it."""
        film, part = self._film(request), request.path_params["part"]
        if part not in ("film", "poster"):
            raise HTTPException(404)
        name = f"{film['film']}.{'webm' if part == 'film' else 'jpg'}"
        media_type = film["media_type"] if part == "film" else "image/jpeg"
        data = FILMS.get(name)
        if data is None and part == "film":
            data = bytes(self.store.value("SELECT data FROM film WHERE id = ?", film["id"]))
        if data is None:
            raise HTTPException(404)
        headers = {"cache-control": "max-age=600", "x-content-type-options": "nosniff"}
        return Response(data, media_type=media_type, headers=headers)

    async def upload(self, request: Request, me: Row) -> Response:
        """Publish a film."""
        form = await read_form(request)
        errors: list[str] = []
        if request.method == "POST":
            title, file = form.text("title", limit=120), next(iter(form.uploads("file")), None)
            errors += [] if title else ["The film needs a title."]
            bad = file is None or not file.data or file.media_type not in _KINDS
            errors += ["Choose a WebM, MP4 or Ogg film."] if bad else []
            n_mine = self.store.value("SELECT count(*) FROM film WHERE channel = ?", _slug(me))
            full = n_mine >= _MOST_UPLOADS
            errors += ["Your channel is full. Delete a film first."] if full else []
            if file is not None and not errors:
                tag = form.text("tag")
                facts = {
                    "channel": self._own_channel(me),
                    "title": title,
                    "body": form.text("body", limit=4000),
                    "tag": tag if tag in TAGS else "people",
                    "listed": int(form.text("listed") != "0"),
                    "digest": digest(file.data),
                    "file": file.name,
                }
                number = self.store.insert(
                    "film", **facts, film="", data=file.data, media_type=file.media_type,
                    views=0, likes=0, dislikes=0, posted=self.context.now.isoformat(), seeded=0,
                )  # fmt: skip
                self.context.record("published", {**facts, "id": number, "user": me["user"]})
                return self.pages.go(f"/watch/{number}", notice="Your film is published.")
        return self.pages.html(request, "upload.html", errors=errors, form=form)

    async def comment(self, request: Request, me: Row) -> Response:
        """Say something about a film."""
        film, form = self._film(request), await read_form(request)
        body = form.text("body", limit=2000)
        if body:
            now = self.context.now.isoformat()
            row = {"film": film["id"], "author": me["user"], "body": body}
            self.store.insert("comment", **row, posted=now, seeded=0)
            self.context.record("commented", {**row, "title": film["title"]})
        notice = "" if body else "Write something first."
        return self.pages.go(f"/watch/{film['id']}", notice=notice)

    async def mark(self, request: Request, me: Row) -> Response:
        """Like a film, or not; a second time takes it back."""
        film, form = self._film(request), await read_form(request)
        way = "dislike" if form.text("way") == "dislike" else "like"
        old = self._value("SELECT way FROM mark WHERE user = ? AND film = ?", me, film)
        if old:
            self.store.write("DELETE FROM mark WHERE user = ? AND film = ?", me["user"], film["id"])
            self._count(film, old, -1)
        if old != way:
            self.store.insert("mark", user=me["user"], film=film["id"], way=way)
            self._count(film, way, 1)
        now = way if old != way else "none"
        self.context.record("marked", {"film": film["title"], "user": me["user"], "way": now})
        return self.pages.go(f"/watch/{film['id']}")

    async def keep(self, request: Request, me: Row) -> Response:
        """Keep a film for later, or no longer."""
        film = self._film(request)
        on = self.store.toggle("later", user=me["user"], film=film["id"])
        what = "kept" if on else "let_go"
        self.context.record(what, {"film": film["title"], "user": me["user"]})
        notice = "Added to Watch later." if on else "Removed from Watch later."
        return self.pages.go(f"/watch/{film['id']}", notice=notice)

    async def report(self, request: Request, me: Row) -> Response:
        """Tell that a film is against the rules."""
        film, form = self._film(request), await read_form(request)
        reason = form.text("reason")
        if reason not in _REASONS:
            return self.pages.go(f"/watch/{film['id']}", notice="Choose a reason.")
        self.store.insert("report", user=me["user"], film=film["id"], reason=reason)
        facts = {"film": film["title"], "user": me["user"], "reason": reason}
        self.context.record("reported", facts)
        return self.pages.go(f"/watch/{film['id']}", notice="Thank you. We look at it today.")

    async def delete(self, request: Request, me: Row) -> Response:
        """Take down a film of one's own."""
        film = self._film(request)
        if film["channel"] != _slug(me) or film["seeded"]:
            raise HTTPException(403)
        for table in ("comment", "mark", "later", "watched", "report"):
            self.store.write(f"DELETE FROM {table} WHERE film = ?", film["id"])  # noqa: S608 - ours
        self.store.write("DELETE FROM film WHERE id = ?", film["id"])
        self.context.record("taken_down", {"film": film["title"], "user": me["user"]})
        return self.pages.go(f"/c/{film['channel']}", notice="The film is gone.")

    async def follow(self, request: Request, me: Row) -> Response:
        """Follow a channel, or no longer."""
        channel = self._channel(request)
        on = self.store.toggle("follow", user=me["user"], channel=channel["slug"])
        sql = "UPDATE channel SET followers = followers + ? WHERE slug = ?"
        self.store.write(sql, 1 if on else -1, channel["slug"])
        what = "followed" if on else "unfollowed"
        self.context.record(what, {"channel": channel["slug"], "user": me["user"]})
        return self.pages.go(f"/c/{channel['slug']}")

    def _grid(self, request: Request, rows: list[Row], *, title: str, tag: str = "") -> Response:
        page = paginate(request, rows, size=12)
        return self.pages.html(request, "grid.html", title=title, page=page, tag=tag)

    def _films(self, where: str, *values: str) -> list[Row]:
        sql = f"SELECT {_FILM} FROM film JOIN channel ON slug = channel WHERE {where} "  # noqa: S608 - conditions are ours
        return self.store.rows(sql + "ORDER BY posted DESC, film.id DESC", *values)

    def _film(self, request: Request) -> Row:
        sql = f"SELECT {_FILM} FROM film JOIN channel ON slug = channel WHERE film.id = ?"  # noqa: S608 - ours
        return found(self.store.row(sql, request.path_params["id"]))

    def _channel(self, request: Request) -> Row:
        sql = "SELECT * FROM channel WHERE slug = ?"
        return found(self.store.row(sql, request.path_params["slug"]))

    def _own_channel(self, me: Row) -> str:
        slug = _slug(me)
        if self.store.row("SELECT 1 FROM channel WHERE slug = ?", slug) is None:
            row = {"slug": slug, "name": me["name"], "user": me["user"], "about": ""}
            self.store.insert("channel", **row, followers=0, seeded=0)
        return slug

    def _followed(self, me: Row) -> list[Row]:
        sql = "SELECT slug, name FROM follow JOIN channel ON slug = channel WHERE follow.user = ?"
        return self.store.rows(sql, me["user"])

    def _count(self, film: Row, way: str, step: int) -> None:
        column = "dislikes" if way == "dislike" else "likes"
        sql = f"UPDATE film SET {column} = {column} + ? WHERE id = ?"  # noqa: S608 - ours
        self.store.write(sql, step, film["id"])

    def _value(self, sql: str, me: Row, film: Row) -> Any:
        return self.store.value(sql, me["user"], film["id"])


def _slug(me: Row) -> str:
    return "u-" + (re.sub(r"[^a-z0-9]+", "-", me["user"].lower()).strip("-") or "member")


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    house = _Reelhouse(context)
    mine, post = house.sessions.mine, ["POST"]
    return house.pages.application(
        [
            Route("/", house.front),
            Route("/popular", house.popular),
            Route("/search", house.search),
            Route("/following", mine(house.following)),
            Route("/later", mine(house.later)),
            Route("/history", mine(house.history)),
            Route("/rules", house.pages.plain("rules.html")),
            Route("/upload", mine(house.upload), methods=["GET", "POST"]),
            Route("/c/{slug}", house.channel),
            Route("/c/{slug}/follow", mine(house.follow), methods=post),
            Route("/watch/{id:num}", house.watch),
            Route("/watch/{id:num}/comment", mine(house.comment), methods=post),
            Route("/watch/{id:num}/mark", mine(house.mark), methods=post),
            Route("/watch/{id:num}/keep", mine(house.keep), methods=post),
            Route("/watch/{id:num}/report", mine(house.report), methods=post),
            Route("/watch/{id:num}/delete", mine(house.delete), methods=post),
            Route("/media/{id:num}/{part}", house.media),
            *house.doors.routes(),
        ]
    )
