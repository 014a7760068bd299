"""What IMAP clients read and change, told from the mailbox itself, whatever they said."""

from collections.abc import Callable, Mapping
from typing import Any

from riosim_world.letter import Slip
from riosim_world.mailbox import MailStore

__all__ = ["MailWatch"]

Emit = Callable[[str, dict[str, Any]], None]


class MailWatch:
    """Compares a mailbox with how it last was; changes by the web mail or new mail do not count.

    A message counts as read when it becomes seen: clients fetch bodies ahead of time without
    marking them.
    """

    def __init__(self, mail: MailStore, emit: Emit) -> None:
        self._mail = mail
        self._emit = emit
        self._known: dict[str, Mapping[str, Slip]] = {}
        mail.before_change = self._before
        mail.after_change = self._after

    def reset(self) -> None:
        """Forget all mailboxes."""
        self._known.clear()

    def begin(self, address: str) -> None:
        """Watch a mailbox from now on."""
        if address not in self._known:
            self._known[address] = self._mail.slips(address)

    def look(self, address: str) -> None:
        """Emit what has changed since the last look."""
        if address not in self._known:
            return
        old, new = self._known[address], self._mail.slips(address)
        self._known[address] = new
        for key in [*new, *(key for key in old if key not in new)]:
            self._compare(address, old.get(key), new.get(key))

    def _compare(self, address: str, old: Slip | None, new: Slip | None) -> None:
        if old == new:
            return
        slip = new or old
        assert slip is not None  # noqa: S101 - one of them is there
        data = {
            "mailbox": address,
            "uid": self._mail.uid(address, slip),
            "message_id": slip.message_id,
            "folder": slip.folder,
        }
        if old is None:
            self._emit("imap.changed", {**data, "what": "added"})
        elif new is None:
            self._emit("imap.changed", {**data, "what": "removed"})
        elif old.folder != new.folder:
            self._emit("imap.changed", {**data, "what": "moved", "from": old.folder})
        elif new.flags - old.flags == {"seen"} and old.flags <= new.flags:
            self._emit("imap.read", data)
        else:
            flags = sorted(new.flags)
            self._emit("imap.changed", {**data, "what": "flags", "flags": flags})
            if "seen" in new.flags - old.flags:
                self._emit("imap.read", data)

    def _before(self, address: str) -> None:
        self.look(address)

    def _after(self, address: str) -> None:
        if address in self._known:
            self._known[address] = self._mail.slips(address)
