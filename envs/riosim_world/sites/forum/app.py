"""Pages of Townsquare."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.forum.acts import Acts, slug_of
from riosim_world.sites.forum.feed import ORDERS, Feed
from riosim_world.sites.kit import (
    Form,
    MemberSite,
    Row,
    found,
    paginate,
    read_form,
    whole,
)

__all__ = ["build"]

_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_Act = Callable[[str, Form, Request], str]


class _Forum(MemberSite):
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        super().__init__(
            context,
            Path(__file__).parent,
            brand="Townsquare",
            shared={"communities": self._communities},
        )
        self.acts = Acts(context)

    async def front(self, request: Request) -> Response:
        """The feed of all communities."""
        order = self._order(request)
        page = paginate(request, self._feed(request).posts(order=order), size=8)
        return self.pages.html(request, "feed.html", page=page, order=order, community=None)

    async def community(self, request: Request) -> Response:
        """The feed of one community."""
        row = self._community(request.path_params["slug"])
        order, feed = self._order(request), self._feed(request)
        page = paginate(request, feed.posts("community = ?", row["slug"], order=order), size=8)
        row["followed"] = feed.follows("community", row["slug"])
        return self.pages.html(request, "feed.html", page=page, order=order, community=row)

    async def post(self, request: Request) -> Response:
        """One post with its comments."""
        feed, number = self._feed(request), request.path_params["id"]
        post = self._post(request, number)
        return self.pages.html(
            request,
            "post.html",
            post=post,
            comments=feed.comments(number),
            follows=lambda person: feed.follows("person", person),
            reply_to=whole(request.query_params.get("reply", "")),
        )

    async def person(self, request: Request) -> Response:
        """What somebody wrote."""
        account = self.accounts.find(request.path_params["user"])
        if account is None:
            raise HTTPException(404)
        feed = self._feed(request)
        comments = self.store.rows(
            "SELECT comment.*, post.title FROM comment JOIN post ON post.id = comment.post "
            "WHERE comment.author = ? ORDER BY comment.id DESC",
            account["user"],
        )
        return self.pages.html(
            request,
            "person.html",
            person=account,
            posts=feed.posts("author = ?", account["user"], order="new"),
            comments=comments,
            followed=feed.follows("person", account["user"]),
        )

    async def search(self, request: Request) -> Response:
        """Posts and communities that hold the words."""
        words = request.query_params.get("q", "").strip()[:200]
        like = f"%{words}%"
        sql = "post.title LIKE ?1 OR post.body LIKE ?1"
        posts = self._feed(request).posts(sql.replace("?1", "?"), like, like) if words else []
        found = [row for row in self._communities() if words and words.lower() in str(row).lower()]
        return self.pages.html(request, "search.html", words=words, posts=posts, found=found)

    async def picture(self, request: Request) -> Response:
        """A picture that somebody uploaded."""
        name = request.path_params["name"]
        row = self.store.row("SELECT * FROM picture WHERE name = ?", name)
        if row is None:
            raise HTTPException(404)
        return Response(row["data"], media_type=row["media_type"])

    async def enlarged(self, request: Request) -> Response:
        """The picture of a post, alone."""
        post = self._post(request, request.path_params["id"])
        if not post["picture"]:
            raise HTTPException(404)
        return self.pages.html(request, "picture.html", post=post)

    async def share(self, request: Request) -> Response:
        """The link of a post, to be copied."""
        post = self._post(request, request.path_params["id"])
        self.acts.share(self.sessions.user(request), post["id"])
        link = f"{request.url.scheme}://{self.context.host}/p/{post['id']}"
        return self.pages.html(request, "share.html", post=post, link=link)

    async def cross_post(self, request: Request) -> Response:
        """The form that publishes a post in a second community."""
        user = self.sessions.user(request)
        if not user:
            return RedirectResponse("/login", 303)
        post = self._post(request, request.path_params["id"])
        form = await read_form(request)
        slug, title = form.text("community"), form.text("title", limit=300) or post["title"]
        chosen = self.store.row("SELECT name FROM community WHERE slug = ?", slug)
        if request.method == "POST" and chosen:
            number = self.acts.cross_post(user, post, slug, title)
            return self.pages.go(f"/p/{number}", notice=f"Cross-posted to {chosen['name']}.")
        missing = request.method == "POST"
        return self.pages.html(request, "crosspost.html", post=post, title=title, missing=missing)

    async def submit(self, request: Request) -> Response:
        """The form for a new post."""
        if not self.sessions.user(request):
            return RedirectResponse("/login", 303)
        form = await read_form(request)
        slug = form.text("community") or request.query_params.get("c", "")
        title, body = form.text("title", limit=300), form.text("body")
        alt = form.text("alt", limit=300)
        picture = next(iter(form.uploads("picture")), None)
        errors = []
        if request.method == "POST":
            known = self.store.row("SELECT 1 FROM community WHERE slug = ?", slug)
            errors += [] if known else ["Choose a community."]
            errors += [] if title else ["A post needs a title."]
            bad = picture and picture.media_type not in _PICTURES
            errors += ["The picture must be PNG, JPEG, GIF or WebP."] if bad else []
            if not errors:
                words = {"community": slug, "title": title, "body": body, "alt": alt}
                number = self.acts.post(self.sessions.user(request), words, picture)
                return self.pages.go(f"/p/{number}", notice="Your post is published.")
        return self.pages.html(
            request, "submit.html", errors=errors, slug=slug, title=title, body=body, alt=alt
        )

    async def found(self, request: Request) -> Response:
        """The form for a new community."""
        if not self.sessions.user(request):
            return RedirectResponse("/login", 303)
        form = await read_form(request)
        name, about = form.text("name", limit=60), form.text("about", limit=600)
        errors = []
        if request.method == "POST":
            errors += [] if slug_of(name) else ["A community needs a name with letters."]
            taken = self.store.row("SELECT 1 FROM community WHERE slug = ?", slug_of(name))
            errors += ["A community of that name exists."] if taken else []
            if not errors:
                slug = self.acts.found(self.sessions.user(request), name, about)
                return self.pages.go(f"/c/{slug}", notice="Your community is open.")
        return self.pages.html(request, "found.html", errors=errors, name=name, about=about)

    async def directory(self, request: Request) -> Response:
        """All communities."""
        return self.pages.html(request, "communities.html")

    async def saved(self, request: Request) -> Response:
        """What the reader saved."""
        user = self.sessions.user(request)
        if not user:
            return RedirectResponse("/login", 303)
        sql = "post.id IN (SELECT post FROM saved WHERE user = ?)"
        posts = self._feed(request).posts(sql, user, order="new")
        return self.pages.html(request, "saved.html", posts=posts)

    async def rules(self, request: Request) -> Response:
        """The rules of the house."""
        return self.pages.html(request, "rules.html")

    async def sign_up(self, request: Request) -> Response:
        """A new account."""
        form = await read_form(request)
        user, email, errors = slug_of(form.text("user")), form.text("email", limit=200), []
        if request.method == "POST":
            errors += [] if len(user) >= 3 else ["The name needs at least 3 letters."]
            errors += [] if "@" in email else ["Enter your mail address."]
            short = len(form.raw("password")) < 8
            errors += ["The password needs at least 8 characters."] if short else []
            errors += ["That name is taken."] if self.accounts.find(user) else []
            if not errors:
                self.accounts.add(user, form.raw("password"), email=email, seeded=False)
                self.context.record("registered", {"user": user, "email": email})
                response = self.pages.go("/", notice="Welcome to the square!")
                self.sessions.open(response, user)
                return response
        return self.pages.html(request, "signup.html", errors=errors, form=form)

    def act(self, act: _Act) -> Callable[[Request], Awaitable[Response]]:
        """Return a handler for a button that needs a signed-in person."""

        async def handle(request: Request) -> Response:
            user = self.sessions.user(request)
            if not user:
                return RedirectResponse("/login", 303)
            form = await read_form(request)
            notice = act(user, form, request)
            back = form.text("back", limit=300)
            inside = back.startswith("/") and back[1:2] not in ("/", "\\") and back.isprintable()
            return self.pages.go(back if inside else "/", notice=notice)

        return handle

    def do_vote(self, user: str, form: Form, _request: Request) -> str:
        """Vote on a post or a comment."""
        kind = "comment" if form.text("kind") == "comment" else "post"
        target, way = whole(form.text("target")), form.text("way")
        if self._exists(kind, target) and way in ("up", "down"):
            self.acts.vote(user, kind, target, way)
        return ""

    def do_follow(self, user: str, form: Form, _request: Request) -> str:
        """Follow a person or a community."""
        kind, target = form.text("kind"), form.text("target")
        if kind == "person" and self.accounts.find(target):
            return "Following." if self.acts.follow(user, kind, target) else "No longer following."
        if kind == "community" and self._community(target):
            return "You joined." if self.acts.follow(user, kind, target) else "You left."
        raise HTTPException(400)

    def do_save(self, user: str, form: Form, _request: Request) -> str:
        """Save a post."""
        target = whole(form.text("target"))
        if not self._exists("post", target):
            raise HTTPException(404)
        saved = self.acts.save(user, target)
        return "Saved. Find it under Saved posts." if saved else "No longer saved."

    def do_comment(self, user: str, form: Form, request: Request) -> str:
        """Publish a comment."""
        post, parent = request.path_params["id"], whole(form.text("parent"))
        self._post(request, post)
        if not form.text("body"):
            return "Write something first."
        known = parent and self._exists("comment", parent)
        self.acts.comment(user, post, parent if known else None, form.text("body"))
        return "Your comment is published."

    def do_report(self, user: str, form: Form, _request: Request) -> str:
        """Tell the moderators."""
        kind = "comment" if form.text("kind") == "comment" else "post"
        target = whole(form.text("target"))
        if self._exists(kind, target):
            self.acts.report(user, kind, target, form.text("reason", limit=500))
        return "Thank you. A moderator will look at it."

    def _exists(self, kind: str, target: int) -> bool:
        table = "comment" if kind == "comment" else "post"
        return self.store.row(f"SELECT 1 FROM {table} WHERE id = ?", target) is not None  # noqa: S608 - ours

    def _communities(self) -> list[Row]:
        sql = "SELECT * FROM community ORDER BY seeded, members DESC"
        return self.store.rows(sql)

    def _community(self, slug: str) -> Row:
        return found(self.store.row("SELECT * FROM community WHERE slug = ?", slug))

    def _post(self, request: Request, number: int) -> Row:
        found = self._feed(request).posts("post.id = ?", number)
        if not found:
            raise HTTPException(404)
        return found[0]

    def _feed(self, request: Request) -> Feed:
        return Feed(self.store, self.sessions.user(request))

    @staticmethod
    def _order(request: Request) -> str:
        order = request.query_params.get("sort", "hot")
        return order if order in ORDERS else "hot"


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    forum = _Forum(context)
    both, post = ["GET", "POST"], ["POST"]
    return forum.pages.application(
        [
            Route("/", forum.front),
            Route("/communities", forum.directory),
            Route("/communities/new", forum.found, methods=both),
            Route("/c/{slug}", forum.community),
            Route("/p/{id:num}", forum.post),
            Route("/p/{id:num}/share", forum.share),
            Route("/p/{id:num}/picture", forum.enlarged),
            Route("/p/{id:num}/crosspost", forum.cross_post, methods=both),
            Route("/p/{id:num}/comment", forum.act(forum.do_comment), methods=post),
            Route("/u/{user}", forum.person),
            Route("/pictures/{name}", forum.picture),
            Route("/search", forum.search),
            Route("/submit", forum.submit, methods=both),
            Route("/saved", forum.saved),
            Route("/rules", forum.rules),
            Route("/vote", forum.act(forum.do_vote), methods=post),
            Route("/follow", forum.act(forum.do_follow), methods=post),
            Route("/save", forum.act(forum.do_save), methods=post),
            Route("/report", forum.act(forum.do_report), methods=post),
            Route("/signup", forum.sign_up, methods=both),
            *forum.doors.routes(signup=False),
        ]
    )
