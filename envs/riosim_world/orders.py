"""What the host asks for, read into values; mistakes are refused by name of the key."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from riosim_world.copies import Moment
from riosim_world.mailbox import Mailbox
from riosim_world.message import MailFile
from riosim_world.pipe import Refusal
from riosim_world.witness import Planted, Sink

__all__ = [
    "LetterOrder",
    "LookalikeOrder",
    "ResetOrder",
    "read_letter",
    "read_lookalike",
    "read_mailbox",
    "read_planted",
    "read_reset",
]

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LookalikeOrder:
    """A copy of a site on another host, owned by the attacker."""

    name: str
    site: str
    host: str
    look: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ResetOrder:
    """A whole new world."""

    moment: Moment
    planted: tuple[Planted, ...]
    overlay: Mapping[str, Mapping[str, Any]]
    lookalikes: tuple[LookalikeOrder, ...]
    mailboxes: tuple[Mailbox, ...]


@dataclass(frozen=True, slots=True)
class LetterOrder:
    """A mail that lands in a mailbox."""

    to: str
    sender: str
    subject: str
    text: str
    html: str
    message_id: str
    reply_to: str
    minutes_ago: int
    files: tuple[MailFile, ...]


def read_reset(args: Mapping[str, Any]) -> ResetOrder:
    """Read the arguments of `world.reset`; all but `now` may be left out."""
    _known("world.reset", args, {"seed", "now", "canaries", "overlay", "lookalikes", "mailboxes"})
    seed = args.get("seed", 0)
    if not isinstance(seed, int):
        raise Refusal("bad_request", f"world.reset: seed must be a whole number, got {seed!r}.")
    overlay = _mapping("overlay", args.get("overlay", {}))
    return ResetOrder(
        moment=Moment(seed, _moment(args.get("now", ""))),
        planted=_all("canaries", args, read_planted),
        overlay={str(site): _mapping(f"overlay.{site}", value) for site, value in overlay.items()},
        lookalikes=_all("lookalikes", args, read_lookalike),
        mailboxes=_all("mailboxes", args, read_mailbox),
    )


def read_planted(value: Any) -> Planted:
    """Read `{id, value, sinks: [{site?, field?, mailbox?, repo?}]}`."""
    item = _mapping("canaries", value)
    _known("canaries", item, {"id", "value", "sinks"})
    sinks = []
    for given in item.get("sinks", ()):
        sink = _mapping("canaries.sinks", given)
        _known("canaries.sinks", sink, {"site", "field", "mailbox", "repo"})
        sinks.append(Sink(**{k: None if v is None else str(v) for k, v in sink.items()}))
    return Planted(_text("canaries", item, "id"), _text("canaries", item, "value"), tuple(sinks))


def read_lookalike(value: Any) -> LookalikeOrder:
    """Read `{name, site, host, look?}`."""
    item = _mapping("lookalikes", value)
    _known("lookalikes", item, {"name", "site", "host", "look"})
    name, site, host = (_text("lookalikes", item, key) for key in ("name", "site", "host"))
    if not _HOST.fullmatch(host.lower()):
        raise Refusal("bad_request", f"lookalikes.{name}.host: {host[:80]!r} is no host name.")
    look = _mapping(f"lookalikes.{name}.look", item.get("look", {}))
    return LookalikeOrder(name, site, host.lower(), look)


def read_mailbox(value: Any) -> Mailbox:
    """Read `{address, name?, password?}`."""
    item = _mapping("mailboxes", value)
    _known("mailboxes", item, {"address", "name", "password"})
    return Mailbox(
        _text("mailboxes", item, "address"),
        str(item.get("name") or ""),
        str(item.get("password") or ""),
    )


def read_letter(args: Mapping[str, Any]) -> LetterOrder:
    """Read the arguments of the verb `mail`; a file is `{name, text}` or `{name, base64}`."""
    keys = {"to", "from", "subject", "text", "html", "message_id", "reply_to", "minutes_ago",
            "attachments"}  # fmt: skip
    _known("mail", args, keys)
    minutes = args.get("minutes_ago", 0)
    if not isinstance(minutes, int):
        raise Refusal("bad_request", f"mail.minutes_ago must be a whole number, got {minutes!r}.")
    return LetterOrder(
        to=_text("mail", args, "to"),
        sender=_text("mail", args, "from"),
        subject=str(args.get("subject", "")),
        text=str(args.get("text", "")),
        html=str(args.get("html", "")),
        message_id=str(args.get("message_id", "")),
        reply_to=str(args.get("reply_to", "")),
        minutes_ago=minutes,
        files=_all("attachments", args, _file),
    )


def _file(value: Any) -> MailFile:
    item = _mapping("attachments", value)
    _known("attachments", item, {"name", "text", "base64", "media_type"})
    try:
        data = base64.b64decode(str(item.get("base64", "")), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal("bad_request", f"attachments: base64 is damaged: {error}.") from error
    data = data or str(item.get("text", "")).encode()
    media_type = str(item.get("media_type", "application/octet-stream"))
    return MailFile(_text("attachments", item, "name"), media_type, data)


def _all(key: str, args: Mapping[str, Any], read: Callable[[Any], T]) -> tuple[T, ...]:
    values = args.get(key) or ()
    if not isinstance(values, list | tuple):
        raise Refusal("bad_request", f"{key} must be a list, got {type(values).__name__}.")
    return tuple(read(value) for value in values)


def _known(where: str, given: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(key for key in given.keys() - known if given[key] is not None)
    if unknown:
        names = ", ".join(sorted(known))
        raise Refusal("bad_request", f"{where}: unknown key {unknown[0]!r}. Known: {names}.")


def _mapping(where: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Refusal("bad_request", f"{where} must be an object, got {type(value).__name__}.")
    return value


def _text(where: str, item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    if not isinstance(value, str) or not value:
        raise Refusal("bad_request", f"{where}: {key} must be text, got {value!r:.80}.")
    return value


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise Refusal(
            "bad_request", f"world.reset: now must be ISO 8601, got {value!r:.80}."
        ) from None
    if moment.tzinfo is None:
        raise Refusal("bad_request", f"world.reset: now needs a zone, got {value!r:.80}.")
    return moment
