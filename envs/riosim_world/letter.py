"""One message in a mailbox, and what the name of its Maildir file says."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riosim_world.message import Mail

__all__ = ["Letter", "Slip", "base_of", "file_name", "flags_of", "key_of", "row_of"]

_FLAGS = {"D": "draft", "F": "flagged", "P": "passed", "R": "answered", "S": "seen", "T": "deleted"}
_SHOWN_FLAGS = ("seen", "flagged", "answered", "draft", "deleted")  # those of IMAP
_LETTERS = {name: letter for letter, name in _FLAGS.items()}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in a folder. `key` names it in its mailbox, wherever it is moved."""

    key: str  # twelve hexadecimal digits, safe in an address
    folder: str
    flags: frozenset[str]  # of: seen, flagged, answered, draft, deleted, passed
    mail: Mail
    path: Path

    @property
    def seen(self) -> bool:
        """Whether it was read."""
        return "seen" in self.flags


@dataclass(frozen=True, slots=True)
class Slip:
    """Where a message lies and how it is marked."""

    base: str
    folder: str
    flags: frozenset[str]
    message_id: str


def base_of(path: Path) -> str:
    """Return the part of a file's name that stays when its flags change."""
    return path.name.partition(":")[0]


def key_of(base: str) -> str:
    """Return the key of a message."""
    return hashlib.sha256(base.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def flags_of(path: Path) -> frozenset[str]:
    """Return the flags that the name of a file holds."""
    letters = path.name.partition(":2,")[2]
    return frozenset(_FLAGS[letter] for letter in letters if letter in _FLAGS)


def file_name(base: str, flags: frozenset[str]) -> str:
    """Return the name of the file of a message with these flags."""
    return f"{base}:2,{''.join(sorted(_LETTERS[flag] for flag in flags))}"


def row_of(address: str, letter: Letter) -> Mapping[str, Any]:
    """Return a message as plain JSON, for checks."""
    mail = letter.mail
    return {
        "mailbox": address,
        "folder": letter.folder,
        "message_id": mail.message_id,
        "from": mail.sender,
        "to": ", ".join(mail.to),
        "cc": ", ".join(mail.cc),
        "subject": mail.subject,
        "body": mail.text or mail.html,
        "attachments": ", ".join(file.name for file in mail.files),
        "date": mail.date.isoformat(),
        **{flag: flag in letter.flags for flag in _SHOWN_FLAGS},
    }
