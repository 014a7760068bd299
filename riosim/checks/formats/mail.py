"""Messages in the files that mail programs keep: an mbox, or one message a file (Maildir, .eml)."""

import email
import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import PurePosixPath
from typing import Final

__all__ = ["KeptMail", "kept_mails"]

_MOST_MESSAGES: Final = 2_000
_EXPUNGED: Final = 0x8  # Thunderbird: deleted, and in the file until that is compacted
# The separator stands at the start or after an empty line, and a header follows it.
_SEPARATOR: Final = re.compile(rb"(?:\A|(?<=\n\n))From [^\n]*\n(?=[!-9;-~]+:)")
_QUOTED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEADER: Final = re.compile(rb"[!-9;-~]+:")
# What a program writes of its own about a message, and changes when that is read or marked.
_MARKS: Final = re.compile(
    rb"^(?:X-Mozilla-[!-9;-~]+|X-Status|Status|X-Keywords|X-UID):.*\n(?:[ \t].*\n)*",
    re.MULTILINE | re.IGNORECASE,
)
_UNSHOWN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|head)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_BREAK: Final = re.compile(r"<\s*/?\s*(?:br|p|div|tr|li|h[1-6])\b[^>]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^>]*>")
# The library promises nothing for a message of a stranger.
_BROKEN: Final = (
    MessageError, LookupError, ValueError, TypeError, AttributeError, AssertionError,
    RecursionError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A message; `key` is the same wherever it lies and however it is marked."""

    key: str
    message_id: str
    sender: str
    to: str
    subject: str
    text: str
    attachments: tuple[str, ...]


def kept_mails(path: str, data: bytes) -> list[KeptMail]:
    """Return the messages in a file; what is no mail has none, and so has what was deleted.

    A message has a sender and a date. The text of one in HTML is what is between the tags.
    """
    if _is_trashed(path):
        return []
    found = (_read(raw) for raw in _split(data.replace(b"\r\n", b"\n")))
    return [one for one in found if one is not None]


def _is_trashed(path: str) -> bool:
    """Whether a file of a Maildir bears the flag of what was thrown away."""
    _, _, flags = PurePosixPath(path).name.rpartition(":2,")
    return flags != PurePosixPath(path).name and "T" in flags


def _split(data: bytes) -> Iterator[bytes]:
    """Yield the messages of an mbox, unquoted, or the one of a file that is none."""
    if not data.startswith(b"From "):
        yield data
        return
    starts = [(one.start(), one.end()) for one in _SEPARATOR.finditer(data)][:_MOST_MESSAGES]
    for (_, begin), (end, _) in zip(starts, [*starts[1:], (len(data), 0)], strict=False):
        raw = data[begin:end]
        raw = raw[:-1] if raw.endswith(b"\n\n") else raw  # the empty line is the mbox's
        yield _QUOTED.sub(rb"\1", raw)


def _read(raw: bytes) -> KeptMail | None:
    if not _HEADER.match(raw):
        return None
    try:
        message = email.message_from_bytes(raw)
        if "from" not in message or "date" not in message or _is_expunged(message):
            return None
        return KeptMail(
            key=_key(raw),
            message_id=_header(message, "message-id"),
            sender=_header(message, "from"),
            to=", ".join(filter(None, (_header(message, "to"), _header(message, "cc")))),
            subject=_header(message, "subject"),
            text="\n".join(_texts(message)),
            attachments=tuple(filter(None, map(_file_name, message.walk()))),
        )
    except _BROKEN:
        return None


def _key(raw: bytes) -> str:
    head, blank, body = raw.partition(b"\n\n")
    return hashlib.sha256(_MARKS.sub(b"", head + b"\n") + blank + body.rstrip()).hexdigest()


def _is_expunged(message: Message) -> bool:
    status = str(message.get("x-mozilla-status", "0")).strip()
    return bool(re.fullmatch(r"[0-9a-fA-F]{1,8}", status)) and bool(int(status, 16) & _EXPUNGED)


def _header(message: Message, name: str) -> str:
    return _decoded(message.get(name, ""))


def _decoded(value: object) -> str:
    try:
        return str(make_header(decode_header(str(value)))).strip()
    except _BROKEN:
        return str(value).strip()


def _texts(message: Message) -> Iterator[str]:
    for part in message.walk():
        if part.get_content_maintype() != "text" or _file_name(part):
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        try:
            text = payload.decode(str(part.get_content_charset("utf-8")), "replace")
        except _BROKEN:
            text = payload.decode("utf-8", "replace")
        yield _shown(text) if part.get_content_subtype() == "html" else text


def _file_name(part: Message) -> str:
    return _decoded(part.get_filename() or "")


def _shown(text: str) -> str:
    """Return what a page says, without tags."""
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", _UNSHOWN.sub("", text))))
