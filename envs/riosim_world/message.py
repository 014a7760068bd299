"""A mail message: read from its bytes without trusting them, and written to bytes."""

import email
import email.policy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, getaddresses, parsedate_to_datetime

__all__ = ["Mail", "MailFile", "compose", "display", "read_mail"]

_MOST_CHARACTERS = 200_000
_MOST_FILES = 50
_MOST_PARTS = 200
_BAD = (
    MessageError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file that hangs on a mail."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """What a message says; `text` is the plain part, else empty."""

    message_id: str
    sender: str  # `Name <address>` as written in From
    to: tuple[str, ...]  # bare addresses of To
    cc: tuple[str, ...]
    reply_to: str
    subject: str
    date: datetime
    text: str
    html: str
    files: tuple[MailFile, ...]

    @property
    def sender_address(self) -> str:
        """The bare address of the sender."""
        return next((address for _, address in getaddresses([self.sender])), "")


def compose(
    *,
    sender: str,
    to: Sequence[str],
    subject: str,
    text: str,
    date: datetime,
    message_id: str,
    html: str = "",
    cc: Sequence[str] = (),
    reply_to: str = "",
    in_reply_to: str = "",
    files: Iterable[MailFile] = (),
) -> bytes:
    """Return the bytes of a new message; line breaks in headers become blanks."""
    message = EmailMessage(policy=email.policy.SMTP)
    for name, value in (
        ("From", sender),
        ("To", ", ".join(to)),
        ("Cc", ", ".join(cc)),
        ("Reply-To", reply_to),
        ("Subject", subject),
        ("Date", format_datetime(date)),
        ("Message-ID", message_id),
        ("In-Reply-To", in_reply_to),
        ("References", in_reply_to),
    ):
        if value:
            message[name] = _one_line(value)
    message.set_content(_clean(text))
    if html:
        message.add_alternative(_clean(html), subtype="html")
    for file in files:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(
            file.data,
            maintype=main or "application",
            subtype=sub or "octet-stream",
            filename=_one_line(file.name),
        )
    _fix_boundaries(message, message_id)
    return message.as_bytes()


def _fix_boundaries(message: EmailMessage, message_id: str) -> None:
    """Name the boundaries after the message, not after a die: the same world, the same bytes."""
    stem = "".join(c for c in message_id if c.isalnum())[:40]
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=-{stem}-{number}")


def _one_line(value: str) -> str:
    return " ".join(_clean(value).split())


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def read_mail(raw: bytes) -> Mail:
    """Read a message; what cannot be read is empty, and nothing is raised."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    text, html, files = _parts(message)
    return Mail(
        message_id=_header(message, "Message-ID"),
        sender=_header(message, "From"),
        to=_addresses(_header(message, "To")),
        cc=_addresses(_header(message, "Cc")),
        reply_to=_header(message, "Reply-To"),
        subject=_header(message, "Subject"),
        date=_date(_header(message, "Date")),
        text=text[:_MOST_CHARACTERS],
        html=html[:_MOST_CHARACTERS],
        files=tuple(files),
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return _clean(str(message.get(name, "")))[:2000]
    except _BAD:
        return ""


def _addresses(header: str) -> tuple[str, ...]:
    return tuple(address for _, address in getaddresses([header])[:200] if address)


def _date(header: str) -> datetime:
    try:
        moment = parsedate_to_datetime(header)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except _BAD:
        return datetime(1970, 1, 1, tzinfo=UTC)


def _parts(message: EmailMessage) -> tuple[str, str, list[MailFile]]:
    texts: list[str] = []
    htmls: list[str] = []
    files: list[MailFile] = []
    try:
        parts = [part for _, part in zip(range(_MOST_PARTS), message.walk(), strict=False)]
    except _BAD:
        parts = []
    for part in parts:
        if part.is_multipart():
            continue
        data, media_type, name = _content(part)
        if name or not media_type.startswith("text/"):
            if len(files) < _MOST_FILES:
                files.append(MailFile(name or "unnamed", media_type, data))
        elif media_type == "text/html":
            htmls.append(_text(part, data))
        else:
            texts.append(_text(part, data))
    return "\n".join(texts), "\n".join(htmls), files


def _content(part: EmailMessage) -> tuple[bytes, str, str]:
    try:
        payload = part.get_payload(decode=True)
    except _BAD:
        payload = b""
    data = payload if isinstance(payload, bytes) else b""
    try:
        return data, part.get_content_type(), _clean(part.get_filename() or "")[:200]
    except _BAD:
        return data, "application/octet-stream", ""


def _text(part: EmailMessage, data: bytes) -> str:
    try:
        charset = part.get_content_charset() or "utf-8"
        return _clean(data.decode(charset, "replace").replace("\r\n", "\n"))
    except _BAD:
        return data.decode("utf-8", "replace").replace("\r\n", "\n")


def display(name: str, address: str) -> str:
    """Return `Name <address>`, quoted where it must be."""
    return formataddr((name, address))
