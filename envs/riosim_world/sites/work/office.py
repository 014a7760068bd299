"""How the workspace is run: members and roles, access tokens, apps and webhooks, export."""

import re
from typing import Final

from starlette.responses import Response

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Row, Store, digest
from riosim_world.sites.kit.files import file_response
from riosim_world.sites.kit.packages import zip_file
from riosim_world.sites.work.people import ROLES, People

__all__ = ["SCOPES", "Office", "masked"]

SCOPES: Final = {
    "read": "Read messages, events, cards and files",
    "write": "Write messages, events and cards",
    "members": "Read and change members",
    "admin": "Everything that an administrator may do",
}
_ADDRESS = re.compile(r"[^\s@<>\",;]{1,60}@[^\s@<>\",;]{3,80}")
_WEB = re.compile(r"https?://[^\s<>\"']{3,300}")


def masked(secret: str) -> str:
    """Return a token as a list shows it."""
    return f"{secret[:6]}{'•' * 12}{secret[-4:]}"


class Office:
    """What only those may change who look after the workspace; every change is recorded."""

    def __init__(self, context: SiteContext, store: Store, people: People) -> None:
        self._context = context
        self._store = store
        self._people = people

    def set_role(self, me: Row, user: str, role: str) -> str:
        """Give a member another role; return what is wrong, if anything is."""
        member = self._people.find(user)
        if member is None or role not in ROLES:
            return "Choose a member and a role."
        if "owner" in (member["role"], role) and me["role"] != "owner":
            return "Only an owner can make owners, or change their role."
        if member["role"] == "owner" != role and self._n_owners() < 2:
            return "A workspace needs an owner. Make somebody else one first."
        if member["role"] != role:
            self._people.change(member["user"], role=role)
            facts = {"member": member["user"], "from": member["role"], "role": role}
            self._context.record("role_changed", facts | {"user": me["user"]})
        return ""

    def set_active(self, me: Row, user: str, *, active: bool) -> str:
        """Close or reopen an account; return what is wrong, if anything is."""
        member = self._people.find(user)
        if member is None:
            return "Choose a member."
        if member["role"] == "owner" or member["user"] == me["user"]:
            return "Neither an owner's account nor your own can be closed here."
        self._people.change(member["user"], active=int(active))
        what = "member_reopened" if active else "member_closed"
        self._context.record(what, {"member": member["user"], "user": me["user"]})
        return ""

    def invite(self, me: Row, email: str, role: str) -> str:
        """Invite somebody by mail; return what is wrong, if anything is."""
        if not _ADDRESS.fullmatch(email):
            return "Enter the mail address of one person."
        if role not in ROLES or (role == "owner" and me["role"] != "owner"):
            return "Choose a role that you can give."
        values = {"email": email, "role": role, "by": me["user"]}
        self._store.insert("invited", seeded=0, **values)
        self._context.record("member_invited", values)
        workspace = self._store.setting("workspace")
        link = f"https://{self._context.host}/signup"
        self._context.mailer.deliver(
            sender=f"Deskmoor <people@{self._context.host}>",
            to=email,
            subject=f"You are invited to {workspace}",
            text=f"{me['name']} invites you to the workspace of {workspace}.\n\nJoin: {link}\n",
        )
        return ""

    def invited(self) -> list[Row]:
        """Return who was invited by mail."""
        return self._store.rows("SELECT * FROM invited ORDER BY id DESC")

    def tokens(self) -> list[Row]:
        """Return the access tokens, those in force first, each without its secret."""
        rows = self._store.rows("SELECT * FROM token ORDER BY revoked, id DESC")
        return [row | {"secret": masked(row["secret"])} for row in rows]

    def make_token(self, me: Row, name: str, scopes: list[str]) -> int:
        """Make an access token; return its number."""
        count = self._store.value("SELECT count(*) FROM token")
        secret = digest(f"{self._store.setting('session_key')}:token:{count}")[:32]
        number = self._store.insert(
            "token",
            name=name,
            secret=f"dkm_{secret}",
            scopes=", ".join(scopes),
            owner=me["user"],
            made=self._context.now.isoformat(),
            seeded=0,
        )
        facts = {"token": number, "name": name, "scopes": scopes, "user": me["user"]}
        self._context.record("token_made", facts)
        return number

    def look_at_token(self, me: Row, number: int) -> Row | None:
        """Return a token with its secret; that somebody looked is noted."""
        row = self._store.row("SELECT * FROM token WHERE id = ? AND revoked = 0", number)
        if row:
            self._store.insert("token_view", token=number, user=me["user"])
            facts = {"token": number, "name": row["name"], "user": me["user"]}
            self._context.record("token_shown", facts)
        return row

    def revoke_token(self, me: Row, number: int) -> bool:
        """End a token; return whether there was one."""
        row = self._store.row("SELECT name FROM token WHERE id = ? AND revoked = 0", number)
        if row is None:
            return False
        self._store.write("UPDATE token SET revoked = 1 WHERE id = ?", number)
        facts = {"token": number, "name": row["name"], "user": me["user"]}
        self._context.record("token_revoked", facts)
        return True

    def apps(self) -> list[Row]:
        """Return the apps that can be switched on."""
        return self._store.rows("SELECT * FROM app ORDER BY rowid")

    def switch_app(self, me: Row, name: str) -> bool:
        """Switch an app on or off; return whether there is one."""
        if not self._store.write("UPDATE app SET is_on = 1 - is_on WHERE name = ?", name):
            return False
        is_on = bool(self._store.value("SELECT is_on FROM app WHERE name = ?", name))
        self._context.record("app_switched", {"app": name, "on": is_on, "user": me["user"]})
        return True

    def webhooks(self) -> list[Row]:
        """Return the addresses that messages are sent on to."""
        return self._store.rows("SELECT * FROM webhook ORDER BY id")

    def add_webhook(self, me: Row, name: str, channel: str, address: str) -> str:
        """Send a channel's messages on; return what is wrong, if anything is."""
        if not name:
            return "A webhook needs a name."
        if not _WEB.fullmatch(address):
            return "Enter an address that begins with https://."
        if self._store.row("SELECT 1 FROM channel WHERE slug = ?", channel) is None:
            return "Choose a channel."
        values = {"name": name, "channel": channel, "address": address, "owner": me["user"]}
        self._store.insert("webhook", seeded=0, **values)
        self._context.record("webhook_made", values)
        return ""

    def remove_webhook(self, me: Row, number: int) -> bool:
        """Remove a webhook; return whether there was one."""
        row = self._store.row("SELECT name, address FROM webhook WHERE id = ?", number)
        if row is None:
            return False
        self._store.write("DELETE FROM webhook WHERE id = ?", number)
        self._context.record("webhook_removed", row | {"user": me["user"]})
        return True

    def export(self, me: Row) -> Response:
        """Hand out all messages of all public channels, and the members, as an archive."""
        sql = (
            "SELECT room, posted, author, body FROM post WHERE deleted = 0 AND room IN "
            "(SELECT '#' || slug FROM channel WHERE private = 0) ORDER BY room, posted, id"
        )
        rows = self._store.rows(sql)
        rooms: dict[str, list[str]] = {}
        for row in rows:
            line = f"{row['posted'][:16]} {row['author']}: {row['body']}"
            rooms.setdefault(f"channels/{row['room'][1:]}.txt", []).append(line)
        files = {path: "\n".join(lines) + "\n" for path, lines in rooms.items()}
        people = [f"{m['user']},{m['name']},{m['email']},{m['role']}" for m in self._people.all()]
        data = zip_file(files | {"members.csv": "\n".join(["user,name,mail,role", *people])})
        facts = {"user": me["user"], "posts": len(rows), "digest": digest(data)}
        self._store.insert("export", **facts)
        self._context.record("exported", facts)
        return file_response({"name": "workspace.zip", "media_type": "application/zip"}, data)

    def _n_owners(self) -> int:
        return sum(row["role"] == "owner" for row in self._people.active())
