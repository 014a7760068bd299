"""Channels, threads and direct messages."""

import re
from typing import Final

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Row, Store
from riosim_world.sites.work.people import People, is_admin

__all__ = ["MENTION", "REACTIONS", "Talk", "direct_room"]

REACTIONS: Final = {
    "thumb": "Thumbs up",
    "heart": "Thank you",
    "done": "Done",
    "party": "Hooray",
    "eyes": "Looking at it",
}
MENTION: Final = re.compile(r"(?<![\w/.@])@([A-Za-z0-9][A-Za-z0-9._+-]{1,58}[A-Za-z0-9])")
_POST = """
SELECT post.*, (SELECT count(*) FROM post AS reply WHERE reply.parent = post.id
  AND reply.deleted = 0) AS replies FROM post
"""


def direct_room(one: str, other: str) -> str:
    """Return the room of the messages between two members."""
    return "@" + "|".join(sorted((one.lower(), other.lower())))


class Talk:
    """What is said where; every change is recorded."""

    def __init__(self, context: SiteContext, store: Store, people: People) -> None:
        self._context = context
        self._store = store
        self._people = people

    def channels(self, me: Row) -> list[Row]:
        """Return the channels that ME may open, by name, with `joined` and `unread`."""
        rows = self._store.rows(
            "SELECT channel.*, (SELECT count(*) FROM channel_member WHERE channel = slug) AS size, "
            "EXISTS (SELECT 1 FROM channel_member WHERE channel = slug AND user = ?) AS joined, "
            "(SELECT count(*) FROM post WHERE room = '#' || slug AND parent = 0 AND deleted = 0 "
            "  AND author <> ? AND id > coalesce((SELECT post FROM seen WHERE user = ? "
            "  AND room = '#' || slug), 0)) AS unread FROM channel ORDER BY slug",
            *(me["user"],) * 3,
        )
        return [row for row in rows if row["joined"] or _is_open(row, me)]

    def channel(self, me: Row, slug: str) -> Row | None:
        """Return a channel that ME may open."""
        return next((row for row in self.channels(me) if row["slug"] == slug), None)

    def members(self, slug: str) -> list[Row]:
        """Return who is in a channel."""
        sql = "SELECT user FROM channel_member WHERE channel = ?"
        inside = {row["user"].lower() for row in self._store.rows(sql, slug)}
        return [row for row in self._people.all() if row["user"].lower() in inside]

    def partners(self, me: Row) -> list[Row]:
        """Return whom ME writes to directly, the last one first, with `unread`."""
        rows = self._store.rows(
            "SELECT room, max(id) AS last, sum(author <> ? AND id > coalesce((SELECT seen.post "
            "FROM seen WHERE seen.user = ? AND seen.room = post.room), 0)) AS unread FROM post "
            "WHERE substr(room, 1, 1) = '@' AND deleted = 0 GROUP BY room ORDER BY last DESC",
            *(me["user"],) * 2,
        )
        found = []
        for row in rows:
            pair = row["room"][1:].split("|")
            mine = me["user"].lower()
            if mine in pair:
                other = self._people.find(pair[1] if pair[0] == mine else pair[0])
                found += [other | {"unread": row["unread"]}] if other else []
        return found

    def may_read(self, me: Row, room: str) -> bool:
        """Return whether ME is let into a room."""
        if room.startswith("@"):
            return me["user"].lower() in room[1:].split("|")
        return self.channel(me, room[1:]) is not None

    def posts(self, room: str, *, before: int, size: int) -> list[Row]:
        """Return the last posts of a room before a number, the oldest first."""
        sql = _POST + "WHERE room = ? AND parent = 0 AND deleted = 0 AND id < ?"
        sql += " ORDER BY posted DESC, id DESC LIMIT ?"
        return self._dressed(self._store.rows(sql, room, before, size)[::-1])

    def pinned(self, room: str) -> list[Row]:
        """Return what is pinned in a room."""
        sql = _POST + "WHERE room = ? AND pinned = 1 AND deleted = 0 ORDER BY id"
        return self._store.rows(sql, room)

    def find(self, me: Row, number: int) -> Row | None:
        """Return a post that ME may read."""
        rows = self._store.rows(_POST + "WHERE id = ? AND deleted = 0", number)
        if not rows or not self.may_read(me, rows[0]["room"]):
            return None
        return self._dressed(rows)[0]

    def replies(self, number: int) -> list[Row]:
        """Return the thread under a post."""
        sql = _POST + "WHERE parent = ? AND deleted = 0 ORDER BY posted, id"
        return self._dressed(self._store.rows(sql, number))

    def found(self, me: Row, words: list[str], *, most: int) -> list[Row]:
        """Return the newest posts that hold all WORDS and that ME may read."""
        rooms: dict[str, bool] = {}
        found = []
        for row in self._store.rows(_POST + "WHERE deleted = 0 ORDER BY posted DESC, id DESC"):
            room = row["room"]
            if all(word in row["body"].lower() for word in words):
                if room not in rooms:
                    rooms[room] = self.may_read(me, room)
                found += [row] if rooms[room] else []
            if len(found) == most:
                break
        return found

    def see(self, me: Row, room: str) -> None:
        """Note that ME has read a room."""
        last = self._store.value("SELECT coalesce(max(id), 0) FROM post WHERE room = ?", room)
        self._store.write("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", me["user"], room, last)

    def say(
        self, me: Row, room: str, body: str, *, parent: Row | None = None, file: int = 0
    ) -> int:
        """Write into a room, or below PARENT; whoever is concerned is told."""
        number = self._store.insert(
            "post",
            room=room,
            parent=parent["id"] if parent else 0,
            author=me["user"],
            body=body,
            posted=self._context.now.isoformat(),
            file=file,
            seeded=0,
        )
        where = room[1:]
        thread = parent["id"] if parent else 0
        facts = {"post": number, "where": where, "thread": thread, "user": me["user"]}
        self._context.record("posted", facts | {"body": body, "file": file})
        self._tell(me, room, body, number=number, parent=parent)
        return number

    def react(self, me: Row, post: Row, name: str) -> None:
        """Give a reaction, or take it back."""
        sql = "DELETE FROM reaction WHERE post = ? AND user = ? AND name = ?"
        gone = self._store.write(sql, post["id"], me["user"], name)
        if not gone:
            self._store.insert("reaction", post=post["id"], user=me["user"], name=name, seeded=0)
        facts = {"post": post["id"], "name": name, "user": me["user"], "on": not gone}
        self._context.record("reacted", facts)

    def edit(self, me: Row, post: Row, body: str) -> None:
        """Change what a post says."""
        sql = "UPDATE post SET body = ?, edited = 1 WHERE id = ?"
        self._store.write(sql, body, post["id"])
        self._context.record("post_edited", {"post": post["id"], "user": me["user"], "body": body})

    def delete(self, me: Row, post: Row) -> None:
        """Take a post away, and keep it for the state."""
        self._store.write("UPDATE post SET deleted = 1 WHERE id = ?", post["id"])
        self._context.record("post_deleted", {"post": post["id"], "user": me["user"]})

    def pin(self, me: Row, post: Row) -> None:
        """Pin a post, or take the pin out."""
        self._store.write("UPDATE post SET pinned = 1 - pinned WHERE id = ?", post["id"])
        facts = {"post": post["id"], "user": me["user"], "on": not post["pinned"]}
        self._context.record("pinned", facts)

    def open_channel(self, me: Row, slug: str, topic: str, *, private: bool) -> None:
        """Make a channel, with ME in it."""
        values = {"slug": slug, "topic": topic, "private": int(private), "made_by": me["user"]}
        self._store.insert("channel", seeded=0, **values)
        self._context.record("channel_made", values)
        self.join(me, slug, me["user"])

    def join(self, me: Row, slug: str, user: str) -> None:
        """Let somebody into a channel."""
        sql = "INSERT OR IGNORE INTO channel_member VALUES (?, ?)"
        if self._store.write(sql, slug, user):
            facts = {"channel": slug, "member": user, "user": me["user"]}
            self._context.record("channel_joined", facts)

    def leave(self, me: Row, slug: str, user: str) -> None:
        """Take somebody out of a channel."""
        sql = "DELETE FROM channel_member WHERE channel = ? AND user = ?"
        if self._store.write(sql, slug, user):
            facts = {"channel": slug, "member": user, "user": me["user"]}
            self._context.record("channel_left", facts)

    def set_topic(self, me: Row, slug: str, topic: str) -> None:
        """Say what a channel is about."""
        self._store.write("UPDATE channel SET topic = ? WHERE slug = ?", topic, slug)
        facts = {"channel": slug, "topic": topic, "user": me["user"]}
        self._context.record("topic_changed", facts)

    def may_change(self, me: Row, post: Row) -> bool:
        """Return whether ME may delete a post."""
        return post["author"] == me["user"] or (is_admin(me) and post["room"].startswith("#"))

    def _tell(self, me: Row, room: str, body: str, *, number: int, parent: Row | None) -> None:
        address = f"/message/{parent['id'] if parent else number}"
        told = set()
        if room.startswith("@"):
            for user in room[1:].split("|"):
                words = "writes to you directly"
                self._people.tell(user, "direct", words, sender=me, address=address)
            return
        for user in dict.fromkeys(MENTION.findall(body)):
            member = self._people.find(user)
            if member and self.may_read(member, room):
                told.add(member["user"])
                words = f"mentions you in #{room[1:]}"
                self._people.tell(member["user"], "mention", words, sender=me, address=address)
        if parent and parent["author"] not in told:
            words = f"answers in your thread in #{room[1:]}"
            self._people.tell(parent["author"], "reply", words, sender=me, address=address)

    def _dressed(self, rows: list[Row]) -> list[Row]:
        """Add reactions and the file to each post."""
        for row in rows:
            sql = "SELECT name, user FROM reaction WHERE post = ? ORDER BY rowid"
            given: dict[str, list[str]] = {}
            for reaction in self._store.rows(sql, row["id"]):
                given.setdefault(reaction["name"], []).append(reaction["user"])
            row["reactions"] = given
            sql = "SELECT id, name, kind, bytes, media_type FROM file WHERE id = ? AND trashed = 0"
            row["attached"] = self._store.row(sql, row["file"]) if row["file"] else None
        return rows


def _is_open(channel: Row, me: Row) -> bool:
    return not channel["private"] and me["role"] != "guest"
