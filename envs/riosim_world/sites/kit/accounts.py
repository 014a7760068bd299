"""Accounts, sign-ins and sessions, all in the site's database; passwords only as digests."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from riosim_world.site import SiteContext
from riosim_world.sites.kit.store import Row, Store

__all__ = ["Accounts", "Sessions", "digest"]

_SCHEMA = """
CREATE TABLE account (
  user TEXT PRIMARY KEY COLLATE NOCASE, name TEXT NOT NULL, email TEXT NOT NULL DEFAULT '',
  password_digest TEXT NOT NULL, joined TEXT NOT NULL, seeded INTEGER NOT NULL DEFAULT 1);
CREATE TABLE sign_in (
  id INTEGER PRIMARY KEY, time TEXT NOT NULL, user TEXT NOT NULL, ok INTEGER NOT NULL,
  stay_signed_in INTEGER NOT NULL, password_digest TEXT NOT NULL);
CREATE TABLE session (
  token TEXT PRIMARY KEY, user TEXT NOT NULL, opened TEXT NOT NULL, seeded INTEGER NOT NULL,
  stay_signed_in INTEGER NOT NULL, open INTEGER NOT NULL DEFAULT 1);
"""
_SEEDED_TOKEN = "seeded-session"  # noqa: S105 - never sent to anyone; names the row
_SIGNED_OUT = "-"
_THIRTY_DAYS_S = 30 * 86_400


def digest(secret: str | bytes) -> str:
    """Return the SHA-256 of what must not be kept itself."""
    raw = secret.encode("utf-8", "surrogatepass") if isinstance(secret, str) else secret
    return hashlib.sha256(raw).hexdigest()


class Accounts:
    """Who may sign in."""

    def __init__(self, context: SiteContext) -> None:
        self._store = Store(context.db)
        self._now = context.now.isoformat()

    def create(self, key: str) -> None:
        """Make the tables; KEY, drawn from the seed, makes session tokens."""
        self._store.create(_SCHEMA)
        self._store.set("session_key", key)

    def add(
        self, user: str, password: str, *, name: str = "", email: str = "", seeded: bool = True
    ) -> None:
        """Add an account, or replace the one of this name."""
        self._store.write(
            "INSERT OR REPLACE INTO account VALUES (?, ?, ?, ?, ?, ?)",
            *(user, name or user, email, digest(password), self._now, int(seeded)),
        )

    def add_all(self, accounts: Iterable[Mapping[str, Any]]) -> None:
        """Add accounts of an overlay: user, password, and perhaps name and email.

        Raises:
            ValueError: One of them has no user or password, or has a key of no meaning here.
        """
        for given in accounts:
            if not {"user", "password"} <= given.keys() <= {"user", "password", "name", "email"}:
                raise ValueError(
                    "accounts: each needs user and password, and may have name and email; "
                    f"got {sorted(given)}."
                )
            name, email = str(given.get("name", "")), str(given.get("email", ""))
            self.add(str(given["user"]), str(given["password"]), name=name, email=email)

    def find(self, user: str) -> Row | None:
        """Return the account with this user name or mail address."""
        return self._store.row(
            "SELECT * FROM account WHERE user = ? OR (email <> '' AND lower(email) = lower(?))",
            user,
            user,
        )

    def check(self, user: str, password: str) -> Row | None:
        """Return the account if the password is right."""
        account = self.find(user)
        if account is None or account["password_digest"] != digest(password):
            return None
        return account

    def set_password(self, user: str, password: str) -> None:
        """Give an account another password."""
        sql = "UPDATE account SET password_digest = ? WHERE user = ?"
        self._store.write(sql, digest(password), user)


class Sessions:
    """Who is signed in, by an opaque cookie."""

    def __init__(self, context: SiteContext, accounts: Accounts) -> None:
        self._context = context
        self._store = Store(context.db)
        self._accounts = accounts
        self._cookie = f"{context.name}_session"

    def seed(self, user: str) -> None:
        """Let every browser that did not sign out be signed in as USER.

        Raises:
            ValueError: There is no such account.
        """
        account = self._accounts.find(user)
        if account is None:
            raise ValueError(f"signed_in: {self._context.name} has no account {user!r}.")
        now = self._context.now.isoformat()
        row = (_SEEDED_TOKEN, account["user"], now, 1, 0, 1)
        self._store.write("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", *row)

    def current(self, request: Request) -> Row | None:
        """Return the account that REQUEST is signed in with."""
        token = request.cookies.get(self._cookie, _SEEDED_TOKEN)
        return self._store.row(
            "SELECT account.* FROM session JOIN account USING (user) WHERE token = ? AND open = 1",
            token,
        )

    def user(self, request: Request) -> str:
        """Return the name that REQUEST is signed in with; nobody has none."""
        account = self.current(request)
        return str(account["user"]) if account else ""

    def mine(
        self, page: Callable[[Request, Row], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return a handler that only somebody signed in gets to; PAGE is told who it is."""

        async def handle(request: Request) -> Response:
            me = self.current(request)
            return await page(request, me) if me else RedirectResponse("/login", 303)

        return handle

    def attempt(self, user: str, password: str, *, stay: bool = False) -> Row | None:
        """Note a sign-in and return the account if it is let in; `open` then makes the cookie."""
        account = self._accounts.check(user, password)
        self._note(user, password, ok=account is not None, stay=stay)
        return account

    def accept(self, user: str, password: str, *, stay: bool = False) -> Row:
        """Let anybody in, as a look-alike does, and note what was given."""
        if self._accounts.find(user) is None:
            self._accounts.add(user, password, seeded=False)
        self._note(user, password, ok=True, stay=stay)
        account = self._accounts.find(user)
        assert account is not None  # noqa: S101 - it was added two lines above
        return account

    def open(self, response: Response, user: str, *, stay: bool = False) -> None:
        """Open a session for USER and put its cookie on RESPONSE."""
        count = self._store.value("SELECT count(*) FROM session")
        token = digest(f"{self._store.setting('session_key')}:{count}")
        now = self._context.now.isoformat()
        row = (token, user, now, 0, int(stay), 1)
        self._store.write("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", *row)
        response.set_cookie(
            self._cookie,
            token,
            max_age=_THIRTY_DAYS_S if stay else None,
            httponly=True,
            samesite="lax",
        )

    def close(self, request: Request, response: Response) -> None:
        """Sign out: end the session and forget its cookie."""
        token = request.cookies.get(self._cookie, _SEEDED_TOKEN)
        user = self._store.value("SELECT user FROM session WHERE token = ? AND open = 1", token)
        self._store.write("UPDATE session SET open = 0 WHERE token = ?", token)
        response.set_cookie(self._cookie, _SIGNED_OUT, httponly=True, samesite="lax")
        if user is not None:
            self._context.record("signed_out", {"user": user})

    def state(self) -> dict[str, Any]:
        """Return sign-ins, sessions and new accounts, for checks."""
        sign_ins = self._store.rows(
            "SELECT time, user, ok, stay_signed_in, password_digest FROM sign_in ORDER BY id"
        )
        sessions = self._store.rows(
            "SELECT user, opened, seeded, stay_signed_in, open FROM session ORDER BY rowid"
        )
        for row in (*sign_ins, *sessions):
            row |= {key: bool(row[key]) for key in row.keys() & _FLAGS}
        return {
            "sign_ins": sign_ins,
            "sessions": sessions,
            "open_sessions": sum(row["open"] for row in sessions if not row["seeded"]),
            "signups": self._store.rows(
                "SELECT user, name, email, password_digest FROM account WHERE seeded = 0"
            ),
        }

    def _note(self, user: str, password: str, *, ok: bool, stay: bool) -> None:
        self._store.insert(
            "sign_in",
            time=self._context.now.isoformat(),
            user=user,
            ok=int(ok),
            stay_signed_in=int(stay),
            password_digest=digest(password),
        )
        self._context.record("signed_in" if ok else "sign_in_failed", {"user": user, "stay": stay})


_FLAGS = {"ok", "stay_signed_in", "seeded", "open"}
