"""Pages of channels, threads and direct messages."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from riosim_world.sites.kit import Form, Row, found, read_form, whole
from riosim_world.sites.work.desk import Desk, slug_of
from riosim_world.sites.work.people import is_admin
from riosim_world.sites.work.shelf import FROM_MESSAGES
from riosim_world.sites.work.talk import REACTIONS, direct_room

__all__ = ["TalkPages"]

_LONGEST = 4_000
_AT_ONCE = 30
_NO_END = 999_999_999


class TalkPages:
    """The handlers; all state is in the database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._talk = desk.talk

    def routes(self) -> list[BaseRoute]:
        """Return the addresses of these pages."""
        mine, both, post = self._desk.mine, ["GET", "POST"], ["POST"]
        return [
            Route("/channels", mine(self.browse), methods=both),
            Route("/channel/{slug}", mine(self.channel), methods=both),
            Route("/channel/{slug}/about", mine(self.about)),
            Route("/channel/{slug}/{what}", mine(self.change), methods=post),
            Route("/direct/{user}", mine(self.direct), methods=both),
            Route("/message/{id:num}", mine(self.thread), methods=both),
            Route("/message/{id:num}/edit", mine(self.edit), methods=both),
            Route("/message/{id:num}/{what}", mine(self.act), methods=post),
        ]

    async def browse(self, request: Request, me: Row) -> Response:
        """All channels, and a form for another one."""
        form = await read_form(request)
        slug, topic = slug_of(form.text("name", limit=80)), form.text("topic", limit=200)
        error = ""
        if request.method == "POST":
            taken = self._desk.store.row("SELECT 1 FROM channel WHERE slug = ?", slug)
            if me["role"] == "guest":
                raise HTTPException(403)
            if slug and not taken:
                self._talk.open_channel(me, slug, topic, private=form.flag("private"))
                return self._desk.pages.go(f"/channel/{slug}", notice=f"#{slug} is open.")
            error = "That channel exists already." if slug else "A channel needs a name."
        rows = self._talk.channels(me)
        return self._desk.show(request, "channels.html", me, rows=rows, error=error, form=form)

    async def channel(self, request: Request, me: Row) -> Response:
        """What is said in a channel; a form to say something."""
        channel = self._channel(request, me)
        room = f"#{channel['slug']}"
        here = f"/channel/{channel['slug']}"
        if request.method == "POST":
            if not channel["joined"]:
                self._talk.join(me, channel["slug"], me["user"])
            return await self._say(request, me, room, here)
        return self._room(request, me, room, here, channel=channel, partner=None)

    async def direct(self, request: Request, me: Row) -> Response:
        """What two members say to each other."""
        partner = found(self._desk.people.find(request.path_params["user"]))
        room = direct_room(me["user"], partner["user"])
        here = f"/direct/{partner['user']}"
        if request.method == "POST":
            return await self._say(request, me, room, here)
        return self._room(request, me, room, here, channel=None, partner=partner)

    async def about(self, request: Request, me: Row) -> Response:
        """Who is in a channel, and what it is for."""
        channel = self._channel(request, me)
        members = self._talk.members(channel["slug"])
        inside = {row["user"] for row in members}
        others = [row for row in self._desk.people.active() if row["user"] not in inside]
        values = {"channel": channel, "members": members, "others": others}
        return self._desk.show(request, "about.html", me, room=f"#{channel['slug']}", **values)

    async def change(self, request: Request, me: Row) -> Response:
        """Join, leave, add and remove people, set the topic."""
        channel, what = self._channel(request, me), request.path_params["what"]
        slug, form = channel["slug"], await read_form(request)
        here = f"/channel/{slug}"
        if what == "join":
            self._talk.join(me, slug, me["user"])
            return self._desk.pages.go(here, notice=f"You are in #{slug} now.")
        if what == "leave":
            self._talk.leave(me, slug, me["user"])
            return self._desk.pages.go("/channels", notice=f"You left #{slug}.")
        if not channel["joined"]:
            raise HTTPException(403)
        if what == "topic":
            self._talk.set_topic(me, slug, form.text("topic", limit=200))
            return self._desk.pages.go(f"{here}/about", notice="The topic is changed.")
        return self._membership(me, channel, what, form)

    async def thread(self, request: Request, me: Row) -> Response:
        """One message and what is answered to it."""
        post = self._post(request, me)
        top = found(self._talk.find(me, post["parent"])) if post["parent"] else post
        here = f"/message/{top['id']}"
        if request.method == "POST":
            return await self._say(request, me, top["room"], here, parent=top)
        values = {"top": top, "replies": self._talk.replies(top["id"]), "here": here}
        partner = self._partner(me, top["room"])
        return self._desk.show(
            request, "thread.html", me, room=top["room"], partner=partner, **values
        )

    async def edit(self, request: Request, me: Row) -> Response:
        """Say it otherwise."""
        post = self._post(request, me)
        if post["author"] != me["user"]:
            raise HTTPException(403)
        body = (await read_form(request)).text("body", limit=_LONGEST)
        if request.method == "POST" and body:
            self._talk.edit(me, post, body)
            notice = "The message is changed."
            return self._desk.pages.go(self._beside(me, post), notice=notice)
        error = "A message cannot be empty." if request.method == "POST" else ""
        values = {"post": post, "error": error, "back": self._beside(me, post)}
        return self._desk.show(request, "edit_post.html", me, room=post["room"], **values)

    async def act(self, request: Request, me: Row) -> Response:
        """React, pin, delete."""
        post, what = self._post(request, me), request.path_params["what"]
        form = await read_form(request)
        back = self._beside(me, post)
        if what == "react":
            if form.text("name") not in REACTIONS:
                raise HTTPException(400)
            self._talk.react(me, post, form.text("name"))
            return self._desk.pages.go(f"{back}#m{post['id']}")
        if what == "pin":
            self._talk.pin(me, post)
            said = "no longer pinned" if post["pinned"] else "pinned"
            return self._desk.pages.go(back, notice=f"The message is {said}.")
        if what != "delete":
            raise HTTPException(404)
        if not self._talk.may_change(me, post):
            raise HTTPException(403)
        self._talk.delete(me, post)
        room = self._address(me, post["room"])
        return self._desk.pages.go(back if post["parent"] else room, notice="Deleted.")

    def _room(
        self,
        request: Request,
        me: Row,
        room: str,
        here: str,
        *,
        channel: Row | None,
        partner: Row | None,
    ) -> Response:
        before = whole(request.query_params.get("before", ""), default=_NO_END)
        posts = self._talk.posts(room, before=before, size=_AT_ONCE + 1)
        earlier = posts[1]["id"] if len(posts) > _AT_ONCE else 0
        self._talk.see(me, room)
        return self._desk.show(
            request,
            "room.html",
            me,
            room=room,
            here=here,
            channel=channel,
            partner=partner,
            posts=posts[-_AT_ONCE:],
            pinned=self._talk.pinned(room),
            earlier=earlier,
            later=before != _NO_END,
        )

    async def _say(
        self, request: Request, me: Row, room: str, here: str, *, parent: Row | None = None
    ) -> Response:
        form = await read_form(request)
        body, files = form.text("body", limit=_LONGEST), form.uploads("file")[:1]
        kept = self._desk.shelf.upload(me, FROM_MESSAGES, files, room=room)
        file = kept[0] if kept else 0
        if not (body or file):
            return self._desk.pages.go(here, notice="Write something first.")
        number = self._talk.say(me, room, body, parent=parent, file=file)
        self._talk.see(me, room)
        return self._desk.pages.go(f"{here}#m{number}")

    def _membership(self, me: Row, channel: Row, what: str, form: Form) -> Response:
        slug = channel["slug"]
        member = found(self._desk.people.find(form.text("user", limit=200)))
        if what not in ("add", "remove"):
            raise HTTPException(404)
        if what == "add":
            self._talk.join(me, slug, member["user"])
            notice = f"{member['name']} is in #{slug} now."
        else:
            if not (is_admin(me) or channel["made_by"] == me["user"]):
                raise HTTPException(403)
            self._talk.leave(me, slug, member["user"])
            notice = f"{member['name']} is no longer in #{slug}."
        return self._desk.pages.go(f"/channel/{slug}/about", notice=notice)

    def _channel(self, request: Request, me: Row) -> Row:
        return found(self._talk.channel(me, request.path_params["slug"]))

    def _post(self, request: Request, me: Row) -> Row:
        return found(self._talk.find(me, request.path_params["id"]))

    def _partner(self, me: Row, room: str) -> Row | None:
        if room.startswith("#"):
            return None
        pair = room[1:].split("|")
        return self._desk.people.find(pair[1] if pair[0] == me["user"].lower() else pair[0])

    def _address(self, me: Row, room: str) -> str:
        partner = self._partner(me, room)
        return f"/direct/{partner['user']}" if partner else f"/channel/{room[1:]}"

    def _beside(self, me: Row, post: Row) -> str:
        """Return the page on which a post stands."""
        return f"/message/{post['parent']}" if post["parent"] else self._address(me, post["room"])
