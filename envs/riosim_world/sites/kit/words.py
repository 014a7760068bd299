"""Filters of the templates: how dates, numbers and other people's text are written."""

import re
from collections.abc import Callable
from datetime import datetime

from markupsafe import Markup, escape

__all__ = ["filters"]

_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"']{1,400}[^\s<>\"'.,;:!?)\]]")


def filters(now: datetime) -> dict[str, Callable[..., object]]:
    """Return the filters, for a world whose time is NOW."""
    return {
        "ago": lambda value: _ago(_moment(value), now),
        "day": lambda value: f"{_moment(value):%-d %B %Y}",
        "short_day": lambda value: f"{_moment(value):%-d %b}",
        "clock": lambda value: f"{_moment(value):%H:%M}",
        "stamp": lambda value: f"{_moment(value):%a, %-d %b %Y, %H:%M}",
        "money": _money,
        "count": _count,
        "prose": _prose,
        "initials": _initials,
        "tint": _tint,
    }


def _moment(value: str | datetime) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _ago(moment: datetime, now: datetime) -> str:
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    for size, unit in ((525_600, "year"), (43_200, "month"), (1_440, "day"), (60, "hour")):
        if minutes >= size:
            amount = minutes // size
            return f"{amount} {unit}{'s' if amount > 1 else ''} ago"
    return f"{minutes} minute{'s' if minutes > 1 else ''} ago"


def _money(cents: int) -> str:
    return f"{'−' if cents < 0 else ''}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def _count(number: int) -> str:
    return f"{number / 1000:.1f}k" if number >= 1000 else str(number)


def _prose(text: str) -> Markup:
    """Write plain TEXT as paragraphs, with its web addresses as links."""
    paragraphs = (part for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if part.strip())
    return Markup("\n").join(_paragraph(part) for part in paragraphs)


def _paragraph(text: str) -> Markup:
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        link = Markup('<a href="{0}" rel="noopener nofollow">{0}</a>').format(found[0])
        parts += [escape(text[end : found.start()]), link]
        end = found.end()
    parts.append(escape(text[end:]))
    inner = Markup("").join(parts).replace("\n", Markup("<br>\n"))
    return Markup("<p>{}</p>").format(inner)


def _initials(name: str) -> str:
    words = [word for word in re.split(r"[\s_.-]+", name) if word]
    return "".join(word[0] for word in words[:2]).upper() or "?"


def _tint(name: str) -> int:
    """Return a hue from 0 to 359 that is always the same for NAME."""
    return sum(ord(letter) * (index + 7) for index, letter in enumerate(name)) % 360
