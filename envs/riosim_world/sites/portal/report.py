"""The end state of Postbay, for checks."""

from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Accounts, Sessions, Store

__all__ = ["state"]


def state(context: SiteContext) -> dict[str, Any]:
    """Return what was sent, labelled, taken and set, and all letters."""
    store = Store(context.db)
    messages = context.mail.state()["messages"]
    keys = ("mailbox", "message_id", "subject")
    return {
        "sent": store.rows(
            "SELECT user, kind, answers, recipients, cc, subject, body, files FROM outgoing "
            "ORDER BY id"
        ),
        "labelled": store.rows("SELECT user, message_id, subject, label FROM labelled"),
        "starred": [{key: row[key] for key in keys} for row in messages if row["flagged"]],
        "deleted": [
            {key: row[key] for key in keys} for row in messages if row["folder"] == "Trash"
        ],
        "attachments_downloaded": store.rows(
            "SELECT user, message_id, name, digest FROM taken ORDER BY id"
        ),
        "rules": store.rows("SELECT user, label, forward_to FROM rule"),
        "settings": store.rows("SELECT user, name, value FROM preference"),
        "messages": messages,
        **Sessions(context, Accounts(context)).state(),
    }
