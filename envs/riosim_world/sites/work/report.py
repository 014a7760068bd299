"""The end state of Deskmoor, for checks."""

from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Accounts, Row, Sessions, Store, digest

__all__ = ["state"]

_MOST_TEXT_BYTES = 20_000
_FLAGS = {"seeded", "edited", "deleted", "pinned", "private", "cancelled", "archived", "trashed",
          "active", "revoked", "is_on"}  # fmt: skip


def state(context: SiteContext) -> dict[str, Any]:
    """Return what was said, planned, kept and changed, as flat rows."""
    store = Store(context.db)

    def rows(sql: str, *values: int) -> list[Row]:
        found = store.rows(sql, *values)
        for row in found:
            row |= {key: bool(row[key]) for key in row.keys() & _FLAGS}
        return found

    return {
        "posts": [_placed(row) for row in rows(
            "SELECT id, room, parent, author, body, pinned, edited, deleted, seeded, "
            "coalesce((SELECT name FROM file WHERE file.id = post.file), '') AS file "
            "FROM post ORDER BY id"
        )],
        "reactions": rows("SELECT post, user, name, seeded FROM reaction ORDER BY rowid"),
        "channels": rows("SELECT slug, topic, private, made_by, seeded FROM channel ORDER BY slug"),
        "channel_members": rows("SELECT channel, user FROM channel_member ORDER BY channel, user"),
        "events": rows(
            "SELECT id, title, begins, ends, place, description AS body, organiser, cancelled, "
            "seeded FROM event ORDER BY id"
        ),
        "answers": rows(
            "SELECT event, title, who, answer, note, guest.seeded FROM guest "
            "JOIN event ON event.id = guest.event ORDER BY guest.rowid"
        ),
        "cards": rows(
            "SELECT card.id, card.board, lane.name AS lane, title, body, assignee, due, label, "
            "author, archived, seeded FROM card JOIN lane ON lane.id = card.lane ORDER BY card.id"
        ),
        "card_comments": rows(
            "SELECT card_comment.id, card, title, card_comment.author, card_comment.body, "
            "card_comment.seeded FROM card_comment JOIN card ON card.id = card ORDER BY "
            "card_comment.id"
        ),
        "boards": rows("SELECT slug, name, about, seeded FROM board ORDER BY rowid"),
        "files": [_told(row) for row in rows(
            "SELECT id, folder, name, media_type, bytes, digest, owner, room, trashed, seeded, "
            "CASE WHEN bytes <= ? AND media_type LIKE 'text/%' THEN data END AS text "
            "FROM file ORDER BY id",
            _MOST_TEXT_BYTES,
        )],
        "downloads": rows("SELECT name, folder, user, digest FROM download ORDER BY id"),
        "members": rows(
            "SELECT account.user, account.name, coalesce(role, 'member') AS role, "
            "coalesce(title, '') AS title, coalesce(phone, '') AS phone, coalesce(city, '') AS "
            "city, coalesce(status, '') AS status, coalesce(about, '') AS body, coalesce(active, "
            "1) AS active FROM account LEFT JOIN member ON member.user = account.user "
            "ORDER BY account.rowid"
        ),
        "invited": rows("SELECT email, role, by, seeded FROM invited ORDER BY id"),
        "tokens": [
            row | {"secret": digest(row["secret"])} for row in rows(
                "SELECT id, name, secret, scopes, owner, revoked, seeded FROM token ORDER BY id"
            )
        ],
        "token_views": rows(
            "SELECT token, name, user FROM token_view JOIN token ON token.id = token ORDER BY "
            "token_view.id"
        ),
        "apps": rows("SELECT name, is_on FROM app ORDER BY rowid"),
        "webhooks": rows(
            "SELECT id, name, channel, address, owner, seeded FROM webhook ORDER BY id"
        ),
        "exports": rows("SELECT user, posts, digest FROM export ORDER BY id"),
        "preferences": rows("SELECT user, name, value FROM preference ORDER BY user, name"),
        **Sessions(context, Accounts(context)).state(),
    }  # fmt: skip


def _placed(row: Row) -> Row:
    """Say a post's room as checks ask for it: a channel, or two members."""
    room = row.pop("room")
    is_channel = room.startswith("#")
    return row | {
        "channel": room[1:] if is_channel else "",
        "direct": "" if is_channel else room[1:].replace("|", ", "),
    }


def _told(row: Row) -> Row:
    room, text = row.pop("room"), row["text"]
    return row | {
        "channel": room[1:] if room.startswith("#") else "",
        "text": bytes(text).decode("utf-8", "replace") if text else "",
    }
