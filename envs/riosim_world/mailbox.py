"""The mailboxes of the world: one store for SMTP, IMAP and the web mail.

Messages lie in Maildir folders, so that an IMAP server can serve them; nobody else writes there.
Sites get it as `context.mail`. Example, in a site:

```python
for letter in context.mail.list(address, "INBOX"):
    print(letter.key, letter.mail.subject, letter.seen)
letter = context.mail.open(address, key)            # marks it seen; the reading is evidence
context.mail.send(address, to=["ada@mail.example"], subject="Hi", text="…")
```
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from riosim_world.letter import Letter, Slip, base_of, file_name, flags_of, key_of, row_of
from riosim_world.maildir import MailFolders
from riosim_world.message import MailFile, compose, display
from riosim_world.room import FullError

__all__ = ["MailStore", "Mailbox"]

_MOST_BYTES = 12 * 2**20
_MOST_LETTERS = 2_000
_FULL = "The mailboxes are full."
_ADDRESS_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._+-@")

Emit = Callable[[str, dict[str, Any]], None]
Receive = Callable[[bytes, str, Sequence[str], str], None]


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody's mail account."""

    address: str
    name: str = ""
    password: str = ""


class MailStore:
    """All mailboxes; every method takes the address of the mailbox first."""

    def __init__(
        self, root: Path | None = None, *, now: datetime | None = None, emit: Emit | None = None
    ) -> None:
        self._files = MailFolders(root)
        self._emit: Emit = emit or (lambda kind, data: None)
        self.on_sent: Receive | None = None  # evidence of what leaves; set by the world
        self.before_change: Callable[[str], None] = lambda address: None
        self.after_change: Callable[[str], None] = lambda address: None
        self._boxes: dict[str, Mailbox] = {}
        self._now = now or datetime(2026, 1, 1, tzinfo=UTC)
        self._count = 0
        self._bytes = 0

    # --- accounts

    def reset(self, boxes: Sequence[Mailbox], *, now: datetime) -> None:
        """Throw everything away and open empty mailboxes.

        Raises:
            ValueError: An address is not one.
        """
        self._boxes = {}
        self._now, self._count, self._bytes = now, 0, 0
        self._files.clear()
        for box in boxes:
            self.add(box)

    def add(self, box: Mailbox) -> None:
        """Open a mailbox, or change the name and password of one.

        Raises:
            ValueError: The address is not one.
        """
        address = box.address.strip().lower()
        local, _, host = address.partition("@")
        if not (local and host) or set(address) - _ADDRESS_CHARACTERS or ".." in address:
            raise ValueError(f"mailboxes: {box.address[:100]!r} is no mail address.")
        self._boxes[address] = replace(box, address=address)
        self._files.open(address)

    def boxes(self) -> list[Mailbox]:
        """Return the mailboxes in the order in which they were opened."""
        return list(self._boxes.values())

    def box(self, address: str) -> Mailbox | None:
        """Return the mailbox of ADDRESS, if it is one of ours."""
        return self._boxes.get(address.strip().lower())

    def check(self, address: str, password: str) -> bool:
        """Return whether PASSWORD opens the mailbox."""
        box = self.box(address)
        return box is not None and box.password != "" and box.password == password

    # --- reading

    def folders(self, address: str) -> list[str]:
        """Return the names of the folders, INBOX first."""
        box = self.box(address)
        return [] if box is None else self._files.names(box.address)

    def list(self, address: str, folder: str = "INBOX") -> list[Letter]:
        """Return the messages of a folder, newest first."""
        return sorted(
            self._letters(address, folder), key=lambda x: (x.mail.date, x.path.name), reverse=True
        )

    def get(self, address: str, key: str) -> Letter | None:
        """Return one message, wherever it lies; this is no reading."""
        for folder in self.folders(address):
            for letter in self._letters(address, folder, key=key):
                return letter
        return None

    def open(self, address: str, key: str) -> Letter | None:
        """Return one message to show it: it becomes seen, and the reading is evidence."""
        letter = self.get(address, key)
        if letter is None:
            return None
        data = {"mailbox": address.lower(), "message_id": letter.mail.message_id}
        self._emit("mail.opened", data | {"folder": letter.folder, "via": "web"})
        return self.mark(address, key, "seen", on=True)

    def unread(self, address: str, folder: str = "INBOX") -> int:
        """Return how many messages of a folder nobody has read."""
        return sum(not letter.seen for letter in self._letters(address, folder))

    # --- changing

    def mark(self, address: str, key: str, flag: str, *, on: bool) -> Letter | None:
        """Set or clear a flag (seen, flagged, answered, draft, deleted)."""
        letter = self.get(address, key)
        if letter is None or (flag in letter.flags) == on:
            return letter
        flags = letter.flags | {flag} if on else letter.flags - {flag}
        kept = "".join(c for c in letter.path.name.partition(":2,")[2] if c.islower())
        path = letter.path.with_name(file_name(base_of(letter.path), flags) + kept)
        self._rename(address, letter.path, path)
        return replace(letter, flags=flags, path=path)

    def move(self, address: str, key: str, folder: str) -> Letter | None:
        """Move a message to another folder; a folder that does not exist is refused with None."""
        letter = self.get(address, key)
        if letter is None or folder not in self.folders(address):
            return None
        path = self._files.place(address.lower(), folder) / "cur" / letter.path.name
        self._rename(address, letter.path, path)
        return replace(letter, folder=folder, path=path)

    def delete(self, address: str, key: str) -> bool:
        """Remove a message for good; return whether it was there."""
        letter = self.get(address, key)
        if letter is None:
            return False
        self.before_change(address.lower())
        letter.path.unlink()
        self.after_change(address.lower())
        return True

    def take(self, n_bytes: int) -> None:
        """Count what is about to be kept.

        Raises:
            FullError: The store holds as much as it may.
        """
        if self._bytes + n_bytes > _MOST_BYTES:
            raise FullError(_FULL)
        self._bytes += n_bytes

    def append(
        self, address: str, folder: str, raw: bytes, *, flags: Sequence[str] = ()
    ) -> Letter | None:
        """Put the bytes of a message (see `message.compose`) into a folder.

        Raises:
            FullError: The store holds as much as it may.
        """
        box = self.box(address)
        if box is None or folder not in self.folders(box.address):
            return None
        if self._count >= _MOST_LETTERS:
            raise FullError(_FULL)
        self.take(len(raw))
        self._count += 1
        base = f"{int(self._now.timestamp())}.M{self._count:06d}.mail"
        target = self._files.place(box.address, folder)
        draft = target / "tmp" / base
        draft.write_bytes(raw)
        self._rename(box.address, draft, target / "cur" / file_name(base, frozenset(flags)))
        return next(self._letters(box.address, folder, key=key_of(base)))

    def send(
        self,
        address: str,
        *,
        to: Sequence[str],
        subject: str,
        text: str,
        html: str = "",
        cc: Sequence[str] = (),
        files: Sequence[MailFile] = (),
        in_reply_to: str = "",
    ) -> str:
        """Send a message from a mailbox, keep it in Sent, and return its id; it is evidence.

        Raises:
            FullError: The store holds as much as it may.
        """
        box = self.box(address) or Mailbox(address)
        message_id = self.new_id(box.address)
        raw = compose(
            sender=display(box.name, box.address),
            to=to,
            cc=cc,
            subject=subject,
            text=text,
            html=html,
            date=self._now,
            message_id=message_id,
            in_reply_to=in_reply_to,
            files=files,
        )
        self.append(box.address, "Sent", raw, flags=["seen"])
        self.receive(raw, box.address, [*to, *cc], via="web")
        return message_id

    def receive(self, raw: bytes, sender: str, to: Sequence[str], *, via: str) -> None:
        """Take a message that somebody sends: note it, and deliver it to those who live here.

        Raises:
            FullError: The store holds as much as it may.
        """
        if self.on_sent is not None:
            self.on_sent(raw, sender, to, via)
        for address in dict.fromkeys(a.strip().lower() for a in to):
            if address in self._boxes:
                self.append(address, "INBOX", raw)

    def deliver(
        self,
        *,
        sender: str,
        to: str,
        subject: str,
        text: str,
        html: str = "",
        reply_to: str = "",
        message_id: str = "",
        minutes_ago: int = 0,
        files: Sequence[MailFile] = (),
    ) -> None:
        """Put a message of the world's own into the mailbox of TO; it is no evidence."""
        date = self._now - timedelta(minutes=minutes_ago)
        raw = compose(
            sender=sender,
            to=[to],
            subject=subject,
            text=text,
            html=html,
            date=date,
            message_id=message_id or self.new_id(sender),
            reply_to=reply_to,
            files=files,
        )
        self.append(to, "INBOX", raw)

    def new_id(self, sender: str) -> str:
        """Return a Message-ID that is the same in every run of the same world."""
        stem = hashlib.sha256(f"{self._now.isoformat()}:{self._count}:{sender}".encode())
        host = sender.rpartition("@")[2].strip("> ") or "mail.invalid"
        return f"<{stem.hexdigest()[:20]}@{host}>"

    # --- for IMAP

    def home(self, address: str) -> Path | None:
        """Return the Maildir of a mailbox."""
        box = self.box(address)
        return None if box is None else self._files.home(box.address)

    def slips(self, address: str) -> Mapping[str, Slip]:
        """Return where each message of a mailbox lies, by the name of its file."""
        return {
            base: Slip(base, folder, flags_of(letter.path), letter.mail.message_id)
            for folder in self.folders(address)
            for letter in self._letters(address, folder)
            for base in (base_of(letter.path),)
        }

    def uid(self, address: str, slip: Slip) -> int:
        """Return the number that IMAP knows a message by; 0 if it never saw it."""
        return self._files.uid(address, slip)

    # --- the whole

    def state(self) -> dict[str, Any]:
        """Return every message as plain JSON, for checks: `{mailboxes, messages}`."""
        return {
            "mailboxes": [{"address": b.address, "name": b.name} for b in self._boxes.values()],
            "messages": [
                row_of(address, letter)
                for address in self._boxes
                for folder in self.folders(address)
                for letter in self._letters(address, folder)
            ],
        }

    def digest(self) -> str:
        """Return the SHA-256 of accounts, folders, flags and messages."""
        total = hashlib.sha256()
        for address, box in sorted(self._boxes.items()):
            total.update(f"{address}\0{box.name}\0{box.password}\n".encode())
            for folder in self.folders(address):
                for letter in self._letters(address, folder):
                    body = hashlib.sha256(letter.path.read_bytes()).hexdigest()
                    total.update(f"{folder}\0{letter.path.name}\0{body}\n".encode())
        return total.hexdigest()

    # --- changes of files

    def _rename(self, address: str, old: Path, new: Path) -> None:
        self.before_change(address.lower())
        old.rename(new)
        self.after_change(address.lower())

    def _letters(self, address: str, folder: str, *, key: str = "") -> Iterator[Letter]:
        box = self.box(address)
        if box is not None:
            yield from self._files.letters(box.address, folder, key=key)
