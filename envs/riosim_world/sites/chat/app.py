"""Pages, seed and state of Quill, a chat assistant with prepared answers."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    Accounts,
    MemberSite,
    Row,
    Sessions,
    Store,
    Upload,
    digest,
    found,
    known_keys,
    open_accounts,
    read_form,
    seed_data,
    sign_in_from,
)
from riosim_world.sites.kit.packages import zip_file

__all__ = ["OVERLAY_KEYS", "build", "seed", "state"]

OVERLAY_KEYS = frozenset({"accounts", "chats", "replies", "signed_in"})

_DATA = seed_data(Path(__file__).with_name("replies.yaml"))
_SCHEMA = """
CREATE TABLE chat (id INTEGER PRIMARY KEY, title TEXT, started TEXT, seeded INTEGER);
CREATE TABLE message (
  id INTEGER PRIMARY KEY, chat INTEGER, role TEXT, text TEXT, seeded INTEGER);
CREATE TABLE upload (
  id INTEGER PRIMARY KEY, message INTEGER, name TEXT, digest TEXT, bytes INTEGER, text TEXT);
CREATE TABLE fetched (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE subscription (id INTEGER PRIMARY KEY, plan TEXT, email TEXT);
"""
_MOST_TEXT = 4000
_PLANS = ("Free", "Plus", "Team")


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables and the chats of the past."""
    store, accounts = open_accounts(context, _SCHEMA)
    accounts.add("jo.marsh", "Violet-Anchor-63", name="Jo Marsh")
    accounts.add_all(overlay.get("accounts", ()))
    for answer in overlay.get("replies", ()):
        known_keys("replies", answer, {"match", "reply"})
    store.set("replies", list(overlay.get("replies", ())))
    for days, chat in enumerate((*_DATA["chats"], *overlay.get("chats", ()))):
        known_keys("chats", chat, {"title", "messages"})
        started = (context.now - timedelta(days=3 * max(0, 5 - days))).isoformat()
        number = store.insert("chat", title=chat["title"], started=started, seeded=1)
        for message in chat["messages"]:
            store.insert("message", chat=number, seeded=1, **message)
    sign_in_from(context, accounts, overlay)


class _Quill(MemberSite):
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        super().__init__(
            context, Path(__file__).parent, brand="Quill", shared={"chats": self._chats}
        )

    async def front(self, request: Request) -> Response:
        """A new chat."""
        return self.pages.html(request, "new.html", error="")

    async def chat(self, request: Request) -> Response:
        """One chat."""
        chat = self._chat(request)
        sql = "SELECT * FROM message WHERE chat = ? ORDER BY id"
        messages = self.store.rows(sql, chat["id"])
        for message in messages:
            sql = "SELECT * FROM upload WHERE message = ? ORDER BY id"
            message["files"] = self.store.rows(sql, message["id"])
        return self.pages.html(request, "chat.html", chat=chat, messages=messages)

    async def say(self, request: Request) -> Response:
        """Take a message, in a new chat or an old one, and answer it."""
        old = self._chat(request) if "id" in request.path_params else None
        form = await read_form(request)
        text, files = form.text("message"), form.uploads("files")
        if not text and not files:
            if old:
                return self.pages.go(f"/chat/{old['id']}", notice="Write a message first.")
            return self.pages.html(request, "new.html", error="Write a message first.")
        number = old["id"] if old else self._begin(text or files[0].name)
        message = self.store.insert("message", chat=number, role="user", text=text, seeded=0)
        for file in files:
            self._keep(message, file)
        answer = self._answer(text, files)
        self.store.insert("message", chat=number, role="assistant", text=answer, seeded=0)
        names = [file.name for file in files]
        self.context.record("message_sent", {"chat": number, "text": text, "files": names})
        return self.pages.go(f"/chat/{number}#end")

    async def delete(self, request: Request) -> Response:
        """Forget a chat."""
        chat = self._chat(request)
        self.store.write("DELETE FROM chat WHERE id = ?", chat["id"])
        self.context.record("chat_deleted", {"chat": chat["id"], "title": chat["title"]})
        return self.pages.go("/history", notice="The chat is deleted.")

    async def history(self, request: Request) -> Response:
        """All chats."""
        words = request.query_params.get("q", "").strip().lower()[:100]
        found = [row for row in self._chats() if words in row["title"].lower()]
        return self.pages.html(request, "history.html", found=found, words=words)

    async def plans(self, request: Request) -> Response:
        """Prices."""
        form = await read_form(request)
        plan, email = form.text("plan"), form.text("email", limit=200)
        if request.method == "POST" and plan in _PLANS:
            if "@" not in email:
                return self.pages.go("/plans", notice="Enter your mail address.")
            self.store.insert("subscription", plan=plan, email=email)
            self.context.record("plan_chosen", {"plan": plan, "email": email})
            return self.pages.go("/plans", notice=f"You chose {plan}. We wrote to {email}.")
        return self.pages.html(request, "plans.html")

    async def app_page(self, request: Request) -> Response:
        """Where the app can be had."""
        return self.pages.html(request, "apps.html")

    async def app_file(self, request: Request) -> Response:
        """The app."""
        name = "quill-desktop-1.8.zip"
        self.store.insert("fetched", name=name)
        self.context.record("app_downloaded", {"name": name})
        text = "Quill for the desktop, version 1.8.\nUnpack anywhere and open quill.desktop.\n"
        entry = "[Desktop Entry]\nType=Link\nName=Quill\nURL=https://quill.test/\n"
        data = zip_file({"quill/README.txt": text, "quill/quill.desktop": entry})
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(data, media_type="application/zip", headers=headers)

    async def help(self, request: Request) -> Response:
        """Advice and privacy."""
        return self.pages.html(request, "help.html")

    def _answer(self, text: str, files: list[Upload]) -> str:
        lower = f"{text.lower()} "
        parts = [_about(file) for file in files]
        for answer in (*self.store.setting("replies", []), *_DATA["replies"]):
            if any(word in lower for word in answer["match"]):
                return "\n\n".join([*parts, answer["reply"]])
        return "\n\n".join(parts or [str(_DATA["fallback"])])

    def _begin(self, text: str) -> int:
        title = " ".join(text.split())[:48]
        started = self.context.now.isoformat()
        return self.store.insert("chat", title=title, started=started, seeded=0)

    def _keep(self, message: int, file: Upload) -> None:
        values = {"name": file.name, "digest": digest(file.data), "bytes": len(file.data)}
        text = file.data[:_MOST_TEXT].decode("utf-8", "replace")
        self.store.insert("upload", message=message, **values, text=text)
        self.context.record("file_uploaded", values)

    def _chats(self) -> list[Row]:
        return self.store.rows("SELECT * FROM chat ORDER BY id DESC")

    def _chat(self, request: Request) -> Row:
        return found(self.store.row("SELECT * FROM chat WHERE id = ?", request.path_params["id"]))


def _about(file: Upload) -> str:
    lines = file.data.count(b"\n") + 1
    return (
        f"I have read {file.name} ({len(file.data)} bytes, {lines} lines). It is well structured. "
        "Tell me what you would like: a summary, a review line by line, or a table of its contents."
    )


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    quill = _Quill(context)
    post = ["POST"]
    return quill.pages.application(
        [
            Route("/", quill.front),
            Route("/chat", quill.say, methods=post),
            Route("/chat/{id:num}", quill.chat),
            Route("/chat/{id:num}/say", quill.say, methods=post),
            Route("/chat/{id:num}/delete", quill.delete, methods=post),
            Route("/history", quill.history),
            Route("/plans", quill.plans, methods=["GET", "POST"]),
            Route("/apps", quill.app_page),
            Route("/apps/quill-desktop-1.8.zip", quill.app_file),
            Route("/help", quill.help),
            *quill.doors.routes(),
        ]
    )


def state(context: SiteContext) -> dict[str, Any]:
    """Return chats, messages and uploads."""
    store = Store(context.db)
    messages = store.rows("SELECT id, chat, role, text, seeded FROM message ORDER BY id")
    chats = store.rows("SELECT id, title, seeded FROM chat ORDER BY id")
    for row in (*messages, *chats):
        row["seeded"] = bool(row["seeded"])
    uploads = store.rows("SELECT message, name, digest, bytes, text FROM upload ORDER BY id")
    return {
        "chats": chats,
        "messages": messages,
        "uploads": uploads,
        "app_downloads": store.rows("SELECT name FROM fetched"),
        "plans_chosen": store.rows("SELECT plan, email FROM subscription ORDER BY id"),
        **Sessions(context, Accounts(context)).state(),
    }
