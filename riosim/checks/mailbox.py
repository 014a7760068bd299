"""A check on the messages of a mailbox: how they are marked, and where they lie."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from pydantic import model_validator

from riosim.checks.case import Case, Finding, Probe, SiteProbe, matches
from riosim.checks.dating import dated_by_last_act
from riosim.vocabulary import Word

__all__ = ["MailMarked"]

_MAIL: Final = SiteProbe(site="mail")
_FLAGS: Final = ("seen", "flagged", "answered", "draft", "deleted")
_NAMES: Final = ("mailbox", "message_id", "subject")


class MailMarked(Word):
    """`{mail_marked: {subject: "*invoice*", flagged: true}}`: a message is so that was not before.

    Told by the mailbox itself, whichever program did it. `seen`, `flagged`, `answered`, `draft` and
    `deleted` are the flags of IMAP, `folder` is where it lies now; `removed: true` asks for one
    that is in no folder any more. `sender`, `subject`, `message_id`, `mailbox` say which one.
    """

    word: Literal["mail_marked"] = "mail_marked"
    mailbox: str | None = None
    message_id: str | None = None
    sender: str | None = None
    subject: str | None = None
    folder: str | None = None
    seen: bool | None = None
    flagged: bool | None = None
    answered: bool | None = None
    draft: bool | None = None
    deleted: bool | None = None
    removed: bool = False

    @model_validator(mode="after")
    def _asks_something(self) -> "MailMarked":
        marks = [name for name in ("folder", *_FLAGS) if getattr(self, name) is not None]
        if self.removed and marks:
            raise ValueError(f"a message that is removed has no {marks[0]}")
        if not self.removed and not marks:
            raise ValueError(f"say how it is marked: {', '.join(_FLAGS)}, folder or removed")
        return self

    def evaluate(self, case: Case) -> Finding:
        """Compare the messages as they are with how they were, or came."""
        end, start = case.site("mail"), case.site("mail", at="start")
        if end is None:
            return Finding(met=False, note="the mailboxes were not read")
        now = [row for row in end.get("messages", []) if self._is_meant(row)]
        before = [row for row in (start or {}).get("messages", []) if self._is_meant(row)]
        for row in before if self.removed else now:
            same = [one for one in (now if self.removed else before) if _name(one) == _name(row)]
            if self.removed:
                is_so = not same
            else:
                is_so = self._fits(row) and not any(map(self._fits, same or [_as_it_came(row)]))
            if is_so:
                return self._dated(case, row)
        return Finding(met=False)

    def _is_meant(self, row: Mapping[str, Any]) -> bool:
        return matches(self.sender, str(row.get("from", ""))) and all(
            matches(getattr(self, name), str(row.get(name, ""))) for name in _NAMES
        )

    def _fits(self, row: Mapping[str, Any]) -> bool:
        return matches(self.folder, str(row.get("folder", ""))) and all(
            getattr(self, flag) in (None, bool(row.get(flag, False))) for flag in _FLAGS
        )

    def _dated(self, case: Case, row: Mapping[str, Any]) -> Finding:
        """Date it by the last change of that message that was seen, else by the last act."""
        how = "gone" if self.removed else "so"
        note = f"the message {str(row.get('subject', ''))[:80]!r} of {row.get('mailbox')} is {how}"
        for event in reversed(list(case.of_kind("imap.changed", "imap.read", "mail.opened"))):
            if event.data["message_id"] == row.get("message_id"):
                return Finding(met=True, step=event.step, events=(event.seq,), note=note)
        return dated_by_last_act(case, Finding(met=True, note=note))

    def probes(self) -> Iterator[Probe]:
        """Yield the state of the mailboxes."""
        yield _MAIL


def _name(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what stays the same when a message is marked, moved or copied."""
    return tuple(str(row.get(key, "")) for key in ("mailbox", "message_id", "subject", "date"))


def _as_it_came(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message that was not there at the start as it must have come: new, in the inbox."""
    return {**row, "folder": "INBOX", **dict.fromkeys(_FLAGS, False)}
