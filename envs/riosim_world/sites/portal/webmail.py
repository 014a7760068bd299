"""The web mail of Postbay, over the world's mailboxes."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from riosim_world.letter import Letter
from riosim_world.maildir import FOLDERS
from riosim_world.message import MailFile
from riosim_world.room import FullError
from riosim_world.site import SiteContext
from riosim_world.sites.kit import Form, Pages, Sessions, Store, digest, paginate, read_form
from riosim_world.sites.kit.safe_html import safe_html

__all__ = ["WebMail"]

_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")
_Page = Callable[[Request, str], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class WebMail:
    """Handlers of `/mail`; each needs somebody signed in."""

    context: SiteContext
    pages: Pages
    sessions: Sessions

    @property
    def store(self) -> Store:
        """The site's rows."""
        return Store(self.context.db)

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the web mail."""
        both, post = ["GET", "POST"], ["POST"]
        return [
            Route("/mail", self._mine(self.folder)),
            Route("/mail/search", self._mine(self.search)),
            Route("/mail/compose", self._mine(self.compose), methods=both),
            Route("/mail/{folder}", self._mine(self.folder)),
            Route("/mail/message/{key}", self._mine(self.message)),
            Route("/mail/message/{key}/file/{index:num}", self._mine(self.file)),
            Route("/mail/message/{key}/act", self._mine(self.act), methods=post),
        ]

    async def folder(self, request: Request, user: str) -> Response:
        """The letters of a folder, of a label, or the starred ones."""
        folder = request.path_params.get("folder", "INBOX")
        if folder not in (*self.context.mail.folders(user), *FOLDERS, "Starred"):
            raise HTTPException(404)
        label = request.query_params.get("label", "")
        wanted = [folder] if folder != "Starred" and not label else self.context.mail.folders(user)
        letters = [letter for name in wanted for letter in self.context.mail.list(user, name)]
        if folder == "Starred":
            letters = [letter for letter in letters if "flagged" in letter.flags]
        if label:
            sql = "SELECT key FROM labelled WHERE user = ? AND label = ?"
            keys = {row["key"] for row in self.store.rows(sql, user, label)}
            letters = [letter for letter in letters if letter.key in keys]
        return self._list(request, user, letters, title=label or folder)

    async def search(self, request: Request, user: str) -> Response:
        """Letters that hold the words."""
        words = request.query_params.get("q", "").strip().lower()[:200]
        letters = [
            letter
            for name in self.context.mail.folders(user)
            for letter in self.context.mail.list(user, name)
            if words in f"{letter.mail.subject} {letter.mail.sender} {letter.mail.text}".lower()
        ]
        return self._list(request, user, letters, title=f"Search: {words}")

    async def message(self, request: Request, user: str) -> Response:
        """One letter; opening it is reading it."""
        letter = self.context.mail.open(user, request.path_params["key"])
        if letter is None:
            raise HTTPException(404)
        name, address = parseaddr(letter.mail.sender)
        sql = "SELECT label FROM labelled WHERE user = ? AND key = ?"
        values = self._frame(user, letter.folder) | {
            "letter": letter,
            "sender_name": name or address,
            "sender_address": address,
            "html": safe_html(letter.mail.html) if letter.mail.html else None,
            "worn": [row["label"] for row in self.store.rows(sql, user, letter.key)],
            "rules": self.store.rows("SELECT * FROM rule WHERE user = ? ORDER BY label", user),
        }
        return self.pages.html(request, "message.html", **values)

    async def file(self, request: Request, user: str) -> Response:
        """An attachment."""
        letter = self._letter(request, user)
        index = request.path_params["index"]
        if index >= len(letter.mail.files):
            raise HTTPException(404)
        file = letter.mail.files[index]
        row = {"user": user, "message_id": letter.mail.message_id, "name": file.name}
        self.store.insert("taken", **row, digest=digest(file.data))
        self.context.record("attachment_downloaded", row)
        name = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
        headers = {"content-disposition": name, "x-content-type-options": "nosniff"}
        return Response(file.data, media_type="application/octet-stream", headers=headers)

    async def act(self, request: Request, user: str) -> Response:
        """Star, label, move or delete a letter."""
        letter, form = self._letter(request, user), await read_form(request)
        what, mail = form.text("do"), self.context.mail
        here = f"/mail/message/{letter.key}"
        folder = f"/mail/{quote(letter.folder)}"
        row = {"user": user, "message_id": letter.mail.message_id, "subject": letter.mail.subject}
        if what == "star":
            on = "flagged" not in letter.flags
            mail.mark(user, letter.key, "flagged", on=on)
            self.context.record("starred" if on else "unstarred", row)
            back = form.text("back")
            inside = back.startswith("/mail") and back.isprintable()
            return self.pages.go(back if inside else here)
        if what == "unread":
            mail.mark(user, letter.key, "seen", on=False)
            return self.pages.go(folder, notice="Marked as unread.")
        if what == "label":
            return self._label(user, letter, form.text("label", limit=60), here)
        if what == "delete":
            if letter.folder == "Trash":
                mail.delete(user, letter.key)
            else:
                mail.move(user, letter.key, "Trash")
            self.context.record("deleted", row | {"from_folder": letter.folder})
            return self.pages.go(folder, notice="The message is deleted.")
        target = form.text("folder")
        if what != "move" or mail.move(user, letter.key, target) is None:
            raise HTTPException(400)
        self.context.record("moved", row | {"to_folder": target})
        return self.pages.go(folder, notice=f"Moved to {target}.")

    async def compose(self, request: Request, user: str) -> Response:
        """Write, answer or forward a letter."""
        form = await read_form(request)
        kind = form.text("kind") or request.query_params.get("kind", "new")
        key = form.text("answers") or request.query_params.get("key", "")
        letter = self.context.mail.get(user, key) if key else None
        errors: list[str] = []
        if request.method == "POST":
            draft = {name: form.text(name) for name in ("to", "cc", "subject", "body")}
            to, cc = _ADDRESS.findall(draft["to"]), _ADDRESS.findall(draft["cc"])
            errors += [] if to else ["Enter at least one mail address under To."]
            if not errors:
                return self._send(user, kind, letter, (to, cc), draft, form)
        else:
            draft = _draft(kind, letter) | {"cc": ""}
            draft["to"] = request.query_params.get("to", draft["to"])[:300]
        values = self._frame(user, "") | {"draft": draft, "kind": kind, "letter": letter}
        return self.pages.html(request, "compose.html", errors=errors, **values)

    def _send(
        self,
        user: str,
        kind: str,
        letter: Letter | None,
        recipients: tuple[list[str], list[str]],
        draft: dict[str, str],
        form: Form,
    ) -> Response:
        files = [MailFile(up.name, up.media_type, up.data) for up in form.uploads("files")]
        if letter and kind == "forward":
            files += letter.mail.files
        answers = letter.mail.message_id if letter else ""
        try:
            self.context.mail.send(
                user,
                to=recipients[0],
                cc=recipients[1],
                subject=draft["subject"] or "(no subject)",
                text=draft["body"],
                files=files,
                in_reply_to=answers,
            )
        except FullError:
            return self.pages.go("/mail", notice="Your mailbox is full. The message was not sent.")
        if letter and kind == "reply":
            self.context.mail.mark(user, letter.key, "answered", on=True)
        row = {
            "user": user,
            "kind": kind if kind in ("reply", "forward") else "new",
            "answers": answers,
            "recipients": ", ".join(recipients[0]),
            "cc": ", ".join(recipients[1]),
            "subject": draft["subject"],
            "body": draft["body"],
            "files": ", ".join(file.name for file in files),
        }
        self.store.insert("outgoing", **row)
        self.context.record("mail_sent", row)
        return self.pages.go("/mail", notice="Your message is sent.")

    def _label(self, user: str, letter: Letter, label: str, here: str) -> Response:
        if not label:
            return self.pages.go(here, notice="Choose or type a label.")
        self.store.write("INSERT OR IGNORE INTO label VALUES (?, ?)", user, label)
        key = (user, letter.key, label)
        where = "user = ? AND key = ? AND label = ?"
        gone = self.store.write(f"DELETE FROM labelled WHERE {where}", *key)  # noqa: S608 - ours
        if not gone:
            row = (user, letter.key, letter.mail.message_id, letter.mail.subject, label)
            self.store.write("INSERT INTO labelled VALUES (?, ?, ?, ?, ?)", *row)
        what = "unlabelled" if gone else "labelled"
        data = {"user": user, "message_id": letter.mail.message_id, "label": label}
        self.context.record(what, data)
        notice = f"Label {label} {'removed' if gone else 'added'}."
        return self.pages.go(
            here, notice=notice + ("" if gone else self._obey(user, letter, label))
        )

    def _obey(self, user: str, letter: Letter, label: str) -> str:
        """Forward what got a label that has a rule; return what to say about it."""
        sql = "SELECT forward_to FROM rule WHERE user = ? AND label = ?"
        to = self.store.value(sql, user, label)
        if to is None:
            return ""
        draft, files = _draft("forward", letter), list(letter.mail.files)
        answers = letter.mail.message_id
        try:
            self.context.mail.send(
                user, to=[to], subject=draft["subject"], text=draft["body"], files=files
            )
        except FullError:
            return " Your mailbox is full, so its rule was not followed."
        row = {"user": user, "kind": "rule", "answers": answers, "recipients": to, "cc": ""}
        row |= {"subject": draft["subject"], "body": draft["body"]}
        self.store.insert("outgoing", **row, files=", ".join(file.name for file in files))
        self.context.record("mail_sent", row)
        return f" Forwarded to {to} by your rule."

    def _list(self, request: Request, user: str, letters: list[Letter], *, title: str) -> Response:
        page = paginate(request, letters, size=25)
        rows = self.store.rows("SELECT key, label FROM labelled WHERE user = ?", user)
        worn: dict[str, list[str]] = {}
        for row in rows:
            worn.setdefault(row["key"], []).append(row["label"])
        name = "Inbox" if title == "INBOX" else title
        values = self._frame(user, title) | {"page": page, "title": name, "worn": worn}
        return self.pages.html(request, "folder.html", **values)

    def _frame(self, user: str, here: str) -> dict[str, Any]:
        labels = self.store.rows("SELECT name FROM label WHERE user = ? ORDER BY name", user)
        return {
            "here": here,
            "folders": self.context.mail.folders(user) or list(FOLDERS),
            "unread": self.context.mail.unread(user),
            "labels": [row["name"] for row in labels],
            "person": lambda sender: parseaddr(sender)[0] or parseaddr(sender)[1] or sender,
        }

    def _letter(self, request: Request, user: str) -> Letter:
        letter = self.context.mail.get(user, request.path_params["key"])
        if letter is None:
            raise HTTPException(404)
        return letter

    def _mine(self, page: _Page) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            me = self.sessions.current(request)
            if me is None:
                return RedirectResponse("/login", 303)
            return await page(request, me["user"])

        return handle


def _draft(kind: str, letter: Letter | None) -> dict[str, str]:
    if letter is None:
        return {"to": "", "subject": "", "body": ""}
    mail = letter.mail
    text = mail.text or safe_html(mail.html).striptags()
    if kind == "forward":
        head = (
            f"---------- Forwarded message ----------\nFrom: {mail.sender}\nSubject: {mail.subject}"
        )
        return {"to": "", "subject": f"Fwd: {mail.subject}", "body": f"\n\n{head}\n\n{text}"}
    quoted = "\n".join(f"> {line}" for line in text.splitlines()[:60])
    to = parseaddr(mail.reply_to or mail.sender)[1]
    subject = mail.subject if mail.subject.lower().startswith("re:") else f"Re: {mail.subject}"
    return {"to": to, "subject": subject, "body": f"\n\n{mail.sender} wrote:\n{quoted}"}
