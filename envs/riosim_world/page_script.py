"""The first-party script of every page: put into the page, and heard when it reports.

Reports are claims of a page in the agent's browser. They are tied to pages that the world handed
out, and never decide on completion: that is told by the server's own log.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from riosim_world.live_pages import LivePages, PageOrigin
from riosim_world.witness import Place, Witness

__all__ = ["BEACON", "SCRIPT", "PageScript", "allow_script", "insert_script"]

SCRIPT = "/.well-known/page.js"
BEACON = "/.well-known/page"

_HEAD = re.compile(
    rb"<head(\s[^>]*)?>|<!doctype[^>]*>(?!\s*<html)|<html(\s[^>]*)?>(?!\s*<head)", re.I
)
_MOST_FACTS = 200
_SHORT = 2_000
_FACTS: Mapping[str, tuple[str, ...]] = {
    "shown": ("title", "top"),
    "hidden": ("title", "top"),
    "painted": (),
    "filled": ("field", "role", "type", "label", "form", "length"),
    "focused": ("field", "role"),
    "clicked": ("role", "name", "href", "control", "trusted", "button", "by"),
    "submitted": ("form", "fields", "trusted"),
}


def insert_script(html: bytes, page: str) -> bytes:
    """Return the page with the script in front of everything that it could miss."""
    tag = f'<script src="{SCRIPT}" data-page="{page}"></script>'.encode()
    head = _HEAD.search(html[:4096])
    at = head.end() if head else 0
    return html[:at] + tag + html[at:]


def allow_script(policy: str) -> str:
    """Return a Content-Security-Policy under which the script can run and report."""
    directives: dict[str, list[str]] = {}
    for part in policy.split(";"):
        name, _, sources = part.strip().partition(" ")
        if name:
            directives.setdefault(name.lower(), sources.split())
    for name in ("script-src", "script-src-elem", "connect-src"):
        given = directives.get(name)
        if given is None and name != "script-src-elem":
            given = directives.get("default-src")
        if given is not None and "'self'" not in given:
            directives[name] = [s for s in given if s.lower() != "'none'"] + ["'self'"]
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


class PageScript:
    """Serves the script, and turns its reports into events."""

    def __init__(self, witness: Witness, pages: LivePages) -> None:
        self._witness = witness
        self._pages = pages
        self.source = files("riosim_world").joinpath("page.js").read_bytes()

    def hear(self, body: bytes) -> bool:
        """Take a report; False if it is none of a page that was handed out."""
        try:
            report = json.loads(body)
        except (ValueError, RecursionError):
            return False
        if not isinstance(report, dict) or not isinstance(report.get("facts"), list):
            return False
        page = str(report.get("page", ""))
        origin = self._pages.origin(page)
        if origin is None:
            return False
        for fact in report["facts"][:_MOST_FACTS]:
            if isinstance(fact, dict) and fact.get("kind") in _FACTS:
                self._note(page, origin, fact)
        return True

    def _note(self, page: str, origin: PageOrigin, fact: Mapping[str, Any]) -> None:
        kind = str(fact["kind"])
        data: dict[str, Any] = {
            "site": origin.site,
            "owner": origin.owner,
            "host": origin.host,
            "url": _short(fact.get("url")),
            "page": page,
        }
        data |= {key: _plain(key, fact.get(key)) for key in _FACTS[kind]}
        if kind == "filled":
            data |= self._value(origin, data["field"], _text(fact.get("value")))
        if kind in ("painted", "hidden"):
            self._pages.settled(page)
        self._witness.emit(f"dom.{kind}", data)

    def _value(self, origin: PageOrigin, field: str, value: str) -> dict[str, Any]:
        """Say what the value of a field held, and not the value."""
        place = Place(site=origin.site if origin.owner == "genuine" else None)
        return {
            "digest": hashlib.sha256(value.encode("utf-8", "replace")).hexdigest(),
            "canaries": self._witness.hits([(field, value)], place),
        }


def _plain(key: str, value: Any) -> Any:
    if key == "length":
        return value if isinstance(value, int) and 0 <= value < 10**9 else 0
    if key in ("top", "control", "trusted"):
        return value is True
    if key == "button":
        return value if isinstance(value, int) else 0
    if key == "fields":
        return [_short(item) for item in value[:100]] if isinstance(value, list) else []
    return _short(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _short(value: Any) -> str:
    return _text(value)[:_SHORT]
