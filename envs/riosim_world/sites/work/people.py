"""Who belongs to the workspace, what they may do, and what they are told."""

from typing import Final

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Row, Store

__all__ = ["KINDS", "ROLES", "People", "is_admin"]

ROLES: Final = ("owner", "admin", "member", "guest")
KINDS: Final = {
    "mention": "Somebody mentions me",
    "direct": "Somebody writes to me directly",
    "reply": "Somebody answers in a thread of mine",
    "event": "Invitations, and answers to mine",
    "card": "Cards that are mine: assigned, moved, commented",
}
_ALL = """
SELECT account.user, account.name, account.email, account.seeded,
  coalesce(role, 'member') AS role, coalesce(title, '') AS title, coalesce(team, '') AS team,
  coalesce(phone, '') AS phone, coalesce(city, '') AS city, coalesce(about, '') AS about,
  coalesce(status, '') AS status, coalesce(active, 1) AS active
FROM account LEFT JOIN member ON member.user = account.user
"""


def is_admin(member: Row) -> bool:
    """Return whether a member looks after the workspace."""
    return member["role"] in ("owner", "admin")


class People:
    """Members and their notifications."""

    def __init__(self, context: SiteContext, store: Store) -> None:
        self._context = context
        self._store = store

    def all(self) -> list[Row]:
        """Return everybody, by name."""
        return self._store.rows(_ALL + "ORDER BY account.name COLLATE NOCASE, account.user")

    def active(self) -> list[Row]:
        """Return everybody who still belongs here."""
        return [row for row in self.all() if row["active"]]

    def find(self, user: str) -> Row | None:
        """Return a member, or nothing."""
        return self._store.row(_ALL + "WHERE account.user = ?", user)

    def names(self) -> dict[str, str]:
        """Return user name → name."""
        return {row["user"]: row["name"] for row in self.all()}

    def change(self, user: str, **values: str | int) -> None:
        """Change what is known of a member."""
        columns = ", ".join(f"{name} = ?" for name in values)
        self._store.write("INSERT OR IGNORE INTO member (user, role) VALUES (?, 'member')", user)
        sql = f"UPDATE member SET {columns} WHERE user = ?"  # noqa: S608 - names are ours
        self._store.write(sql, *values.values(), user)

    def wants(self, user: str, name: str) -> bool:
        """Return whether a member switched a kind of notification (or `mail`) on."""
        sql = "SELECT value FROM preference WHERE user = ? AND name = ?"
        value = self._store.value(sql, user, name)
        return name != "mail" if value is None else value == "on"

    def tell(self, user: str, kind: str, body: str, *, sender: Row, address: str) -> None:
        """Notify a member, unless it is their own doing or they do not want it."""
        member = self.find(user)
        if member is None or member["user"] == sender["user"] or not self.wants(user, kind):
            return
        values = {"user": member["user"], "kind": kind, "sender": sender["user"], "body": body}
        at = self._context.now.isoformat()
        self._store.insert("notification", address=address, at=at, **values)
        if member["email"] and self.wants(user, "mail"):
            link = f"https://{self._context.host}{address}"
            self._context.mailer.deliver(
                sender=f"Deskmoor <updates@{self._context.host}>",
                to=member["email"],
                subject=f"{sender['name']} {body}"[:150],
                text=f"{sender['name']} {body}\n\nOpen it: {link}\n",
            )

    def told(self, user: str) -> list[Row]:
        """Return a member's notifications, the newest first."""
        return self._store.rows("SELECT * FROM notification WHERE user = ? ORDER BY id DESC", user)
