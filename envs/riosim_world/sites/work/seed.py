"""The workspace of Wrenfield: people, talk, plans and files; and what a task adds to them."""

import mimetypes
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    Accounts,
    Store,
    digest,
    known_keys,
    open_accounts,
    seed_data,
    sign_in_from,
)
from riosim_world.sites.kit.made import CONTENT_KEYS, made_file
from riosim_world.sites.work.boards import LABELS
from riosim_world.sites.work.diary import ANSWERS
from riosim_world.sites.work.office import SCOPES
from riosim_world.sites.work.people import ROLES
from riosim_world.sites.work.shelf import FROM_MESSAGES
from riosim_world.sites.work.tables import SCHEMA
from riosim_world.sites.work.talk import MENTION, REACTIONS, direct_room

__all__ = ["OVERLAY_KEYS", "seed"]

OVERLAY_KEYS = frozenset({"accounts", "cards", "channels", "events", "files", "members", "posts",
                          "signed_in", "tokens", "webhooks", "workspace"})  # fmt: skip

_HERE = Path(__file__).parent
_USER = "judith.amare"
_MEMBER_KEYS = {"user", "role", "title", "team", "phone", "city", "about", "status", "active"}
_CHANNEL_KEYS = {"slug", "topic", "private", "members"}
_WHEN = {"days", "at", "minutes"}
_POST_KEYS = _WHEN | {"channel", "to", "author", "body", "replies", "reactions", "file", "pinned"}
_EVENT_KEYS = {"title", "days", "workdays", "at", "minutes", "place", "description", "organiser",
               "guests", "answers"}  # fmt: skip
_CARD_KEYS = {"board", "lane", "title", "body", "author", "assignee", "due_days", "label",
              "comments", "archived"}  # fmt: skip
_FILE_KEYS = CONTENT_KEYS | {"folder", "name", "owner", "days"}


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables and fill them."""
    store, accounts = open_accounts(context, SCHEMA)
    data = seed_data(_HERE / "workspace.yaml")
    accounts.add_all(data["accounts"])
    accounts.add_all(overlay.get("accounts", ()))
    store.set("workspace", str(overlay.get("workspace", data["workspace"])))
    _Loader(context, store, accounts).load(data, overlay)
    sign_in_from(context, accounts, overlay, member=_USER)


class _Loader:
    """Puts what is given into the tables; a mistake in it is told by place."""

    def __init__(self, context: SiteContext, store: Store, accounts: Accounts) -> None:
        self._context = context
        self._store = store
        self._accounts = accounts
        self._told: list[dict[str, Any]] = []

    def load(self, data: Mapping[str, Any], overlay: Mapping[str, Any]) -> None:
        """Load the workspace, then what the task adds."""
        for name, add in (
            ("members", self._member),
            ("channels", self._channel),
            ("boards", self._board),
            ("files", self._file),
        ):
            for given in (*data.get(name, ()), *overlay.get(name, ())):
                add(given)
        posts = [*data["posts"], *overlay.get("posts", ())]
        for given in posts:
            known_keys("posts", given, _POST_KEYS)
        dated = [(self._when(given), given) for given in posts]
        for posted, given in sorted(dated, key=lambda pair: pair[0]):
            self._post(given, posted)
        for name, add in (
            ("events", self._event),
            ("cards", self._card),
            ("tokens", self._token),
            ("webhooks", self._webhook),
        ):
            for given in (*data.get(name, ()), *overlay.get(name, ())):
                add(given)
        for app in data["apps"]:
            self._store.insert("app", **app)
        self._mark_seen()
        for told in sorted(self._told, key=lambda row: str(row["at"])):
            self._store.insert("notification", **told)

    def _member(self, given: Mapping[str, Any]) -> None:
        known_keys("members", given, _MEMBER_KEYS)
        user = self._known("members", given.get("user", ""))
        role = str(given.get("role", "member"))
        _one_of("members: role", role, ROLES)
        self._store.write(
            "INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(user, role),
            *(str(given.get(key, "")) for key in ("title", "team", "phone", "city", "about")),
            *(str(given.get("status", "")), int(given.get("active", True))),
        )

    def _channel(self, given: Mapping[str, Any]) -> None:
        known_keys("channels", given, _CHANNEL_KEYS)
        slug, members = str(given["slug"]), given.get("members", "all")
        self._store.write(
            "INSERT OR REPLACE INTO channel VALUES (?, ?, ?, ?, 1)",
            *(slug, str(given.get("topic", "")), int(bool(given.get("private"))), _USER),
        )
        if members == "all":
            sql = (
                "SELECT account.user FROM account LEFT JOIN member ON member.user = account.user "
                "WHERE coalesce(role, 'member') <> 'guest' ORDER BY account.rowid"
            )
            members = [row["user"] for row in self._store.rows(sql)]
        for user in members:
            user = self._known("channels: members", user)
            self._store.write("INSERT OR IGNORE INTO channel_member VALUES (?, ?)", slug, user)

    def _post(self, given: Mapping[str, Any], posted: datetime) -> None:
        author = self._known("posts: author", given.get("author", ""))
        if "channel" in given:
            self._channel_of("posts", given["channel"])
            room = f"#{given['channel']}"
        else:
            room = direct_room(author, self._known("posts: to", given.get("to", "")))
        file = 0
        if "file" in given:
            content = {"folder": FROM_MESSAGES, "owner": author, **given["file"]}
            file = self._file(content, room=room, added=posted)
        body = str(given.get("body", ""))
        number = self._say(room, author, body, posted, file=file)
        self._store.write(
            "UPDATE post SET pinned = ? WHERE id = ?", int(bool(given.get("pinned"))), number
        )
        for name, users in given.get("reactions", {}).items():
            _one_of("posts: reactions", name, REACTIONS)
            for user in users:
                row = {"post": number, "user": self._known("posts: reactions", user)}
                self._store.insert("reaction", **row, name=name, seeded=1)
        for reply in given.get("replies", ()):
            known_keys("posts: replies", reply, {"author", "body"})
            later = posted + timedelta(minutes=self._context.rng.randint(2, 25))
            posted = min(later, self._context.now)
            replier = self._known("posts: replies", reply["author"])
            self._say(room, replier, str(reply["body"]), posted, parent=number)
            if replier != author:
                words = f"answers in your thread in {room}"
                self._tell(author, "reply", replier, words, f"/message/{number}", posted)

    def _say(
        self,
        room: str,
        author: str,
        body: str,
        posted: datetime,
        *,
        parent: int = 0,
        file: int = 0,
    ) -> int:
        row = {"room": room, "parent": parent, "author": author, "body": body, "file": file}
        number = self._store.insert("post", **row, posted=posted.isoformat(), seeded=1)
        address = f"/message/{parent or number}"
        if room.startswith("@"):
            for user in {*room[1:].split("|")} - {author.lower()}:
                self._tell(user, "direct", author, "writes to you directly", address, posted)
        for user in dict.fromkeys(MENTION.findall(body)) if room.startswith("#") else ():
            if self._accounts.find(user) and user != author:
                words = f"mentions you in {room}"
                self._tell(user, "mention", author, words, address, posted)
        return number

    def _event(self, given: Mapping[str, Any]) -> None:
        known_keys("events", given, _EVENT_KEYS)
        organiser = self._known("events: organiser", given.get("organiser", _USER))
        begins = self._begin(given)
        ends = begins + timedelta(minutes=float(given.get("minutes", 60)))
        number = self._store.insert(
            "event",
            title=str(given["title"]),
            begins=begins.isoformat(),
            ends=ends.isoformat(),
            place=str(given.get("place", "")),
            description=str(given.get("description", "")),
            organiser=organiser,
            seeded=1,
        )
        told = {True: "yes", False: "no"}  # what YAML makes of a plain yes and no
        answers = {
            str(who): told[answer] if isinstance(answer, bool) else str(answer)
            for who, answer in given.get("answers", {}).items()
        }
        for who in dict.fromkeys((organiser, *map(str, given.get("guests", ())), *answers)):
            who = who if "@" in who else self._known("events: guests", who)
            answer = "yes" if who == organiser else answers.get(who, "waiting")
            _one_of("events: answers", answer, ANSWERS)
            row = {"event": number, "who": who, "answer": answer, "note": ""}
            self._store.insert("guest", **row, seeded=1)
            if answer == "waiting" and begins > self._context.now:
                words = f"invites you to “{given['title']}”"
                at = self._context.now - timedelta(minutes=self._context.rng.randint(9, 300))
                self._tell(who, "event", organiser, words, f"/event/{number}", at)

    def _board(self, given: Mapping[str, Any]) -> None:
        board = str(given["slug"])
        row = {"slug": board, "name": given["name"], "about": given["about"]}
        self._store.insert("board", **row, seeded=1)
        for lane in given["lanes"]:
            self._store.insert("lane", board=board, name=lane)

    def _card(self, given: Mapping[str, Any]) -> None:
        known_keys("cards", given, _CARD_KEYS)
        board = str(given.get("board", ""))
        sql = "SELECT id, name FROM lane WHERE board = ? ORDER BY id"
        lanes = {row["name"]: row["id"] for row in self._store.rows(sql, board)}
        if not lanes:
            known = ", ".join(row["slug"] for row in self._store.rows("SELECT slug FROM board"))
            raise ValueError(f"cards: no board {board!r}. Known: {known}.")
        lane = str(given.get("lane", next(iter(lanes))))
        _one_of("cards: lane", lane, lanes)
        label = str(given.get("label", ""))
        _one_of("cards: label", label, LABELS)
        author = self._known("cards: author", given.get("author", _USER))
        assignee = given.get("assignee", "")
        assignee = self._known("cards: assignee", assignee) if assignee else ""
        made = self._context.now - timedelta(days=self._context.rng.randint(3, 40), hours=2)
        days = given.get("due_days")
        due = "" if days is None else (self._context.now + timedelta(days=days)).date().isoformat()
        number = self._store.insert(
            "card",
            board=board,
            lane=lanes[lane],
            title=str(given["title"]),
            body=str(given.get("body", "")),
            assignee=assignee,
            due=due,
            label=label,
            author=author,
            made=made.isoformat(),
            archived=int(bool(given.get("archived"))),
            seeded=1,
        )
        step = {"card": number, "user": author, "said": "made this card"}
        self._store.insert("card_step", **step, at=made.isoformat())
        if assignee and assignee != author:
            words = f"assigns you “{given['title']}”"
            self._tell(assignee, "card", author, words, f"/card/{number}", made)
        for comment in given.get("comments", ()):
            known_keys("cards: comments", comment, {"author", "body", "minutes"})
            minutes = comment.get("minutes", self._context.rng.randint(90, 4_000))
            writer = self._known("cards: comments", comment["author"])
            at = self._context.now - timedelta(minutes=float(minutes))
            row = {"card": number, "author": writer, "body": str(comment["body"])}
            self._store.insert("card_comment", **row, posted=at.isoformat(), seeded=1)
            for user in {assignee, author} - {writer, ""}:
                words = f"comments on “{given['title']}”"
                self._tell(user, "card", writer, words, f"/card/{number}", at)

    def _file(
        self, given: Mapping[str, Any], *, room: str = "", added: datetime | None = None
    ) -> int:
        known_keys("files", given, _FILE_KEYS)
        name = str(given.get("name", ""))
        if not name:
            raise ValueError("files: each needs a name, for example plan.pdf.")
        data = made_file(name, given)
        days = given.get("days", self._context.rng.randint(1, 90))
        added = added or self._context.now - timedelta(
            days=float(days), minutes=self._context.rng.randint(0, 50)
        )
        return self._store.insert(
            "file",
            folder=str(given.get("folder", "General")),
            name=name,
            data=data,
            media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
            bytes=len(data),
            digest=digest(data),
            owner=self._known("files: owner", given.get("owner", _USER)),
            added=added.isoformat(),
            room=room,
            seeded=1,
        )

    def _token(self, given: Mapping[str, Any]) -> None:
        known_keys("tokens", given, {"name", "secret", "scopes", "owner", "days"})
        scopes = list(given.get("scopes", ["read"]))
        for scope in scopes:
            _one_of("tokens: scopes", scope, SCOPES)
        drawn = f"dkm_{self._context.rng.getrandbits(128):032x}"
        made = self._context.now - timedelta(days=float(given.get("days", 60)))
        self._store.insert(
            "token",
            name=str(given["name"]),
            secret=str(given.get("secret", drawn)),
            scopes=", ".join(scopes),
            owner=self._known("tokens: owner", given.get("owner", _USER)),
            made=made.isoformat(),
            seeded=1,
        )

    def _webhook(self, given: Mapping[str, Any]) -> None:
        known_keys("webhooks", given, {"name", "channel", "address", "owner"})
        self._channel_of("webhooks", given["channel"])
        owner = self._known("webhooks: owner", given.get("owner", _USER))
        row = {key: str(given[key]) for key in ("name", "channel", "address")}
        self._store.insert("webhook", **row, owner=owner, seeded=1)

    def _tell(
        self, user: str, kind: str, sender: str, body: str, address: str, at: datetime
    ) -> None:
        age = self._context.now - at
        row = {"user": user, "kind": kind, "sender": sender, "body": body, "address": address}
        self._told.append(row | {"at": at.isoformat(), "seen": int(age > timedelta(hours=26))})

    def _mark_seen(self) -> None:
        """Let everybody have read what is older than a day."""
        before = (self._context.now - timedelta(hours=26)).isoformat()
        sql = "SELECT room, max(id) AS last FROM post WHERE posted < ? GROUP BY room"
        for row in self._store.rows(sql, before):
            self._store.write(
                "INSERT INTO seen SELECT user, ?, ? FROM account", row["room"], row["last"]
            )

    def _when(self, given: Mapping[str, Any]) -> datetime:
        """Return when something was said: `minutes` ago, or so many working days ago at a time."""
        now = self._context.now
        if "days" not in given:
            return now - timedelta(minutes=float(given.get("minutes", 45)))
        moment = _at(_workday(now, -int(given["days"])), str(given.get("at", "09:00")))
        moment += timedelta(minutes=self._context.rng.randint(0, 9))
        return moment if moment < now else _at(_workday(now, -1), "17:10")

    def _begin(self, given: Mapping[str, Any]) -> datetime:
        now = self._context.now
        if "workdays" in given:
            day = _workday(now, int(given["workdays"]))
        else:
            day = now + timedelta(days=float(given.get("days", 1)))
        return _at(day, str(given.get("at", "10:00")))

    def _known(self, where: str, user: object) -> str:
        account = self._accounts.find(str(user)) if user else None
        if account is None:
            raise ValueError(f"{where}: nobody is named {user!r}; add them to accounts.")
        return str(account["user"])

    def _channel_of(self, where: str, slug: object) -> None:
        if self._store.row("SELECT 1 FROM channel WHERE slug = ?", slug) is None:
            known = ", ".join(row["slug"] for row in self._store.rows("SELECT slug FROM channel"))
            raise ValueError(f"{where}: no channel {slug!r}. Known: {known}.")


def _at(day: datetime, clock: str) -> datetime:
    """Return DAY at a time such as 14:20.

    Raises:
        ValueError: That is no time.
    """
    if clock.isdigit():  # YAML reads 14:20 as 860
        clock = f"{int(clock) // 60:02d}:{int(clock) % 60:02d}"
    hour = time.fromisoformat(clock)
    return day.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)


def _workday(now: datetime, days: int) -> datetime:
    """Return NOW moved by so many working days; a weekend counts as the Friday before it."""
    day = now - timedelta(days=max(0, now.weekday() - 4))
    step = timedelta(days=1 if days > 0 else -1)
    for _ in range(abs(days)):
        day += step
        while day.weekday() > 4:
            day += step
    return day


def _one_of(where: str, given: str, known: Mapping[str, Any] | tuple[str, ...]) -> None:
    if given not in known:
        raise ValueError(f"{where}: {given!r} is unknown. Known: {', '.join(filter(None, known))}.")
