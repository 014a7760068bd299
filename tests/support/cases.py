"""Evidence for tests: an episode's log in a few words, and checks as a task file writes them."""

from typing import Any

import yaml
from pydantic import TypeAdapter

from riosim.checks import Check
from riosim.checks.case import Case, Snapshot, encode_blob
from riosim.evidence.event import EVENT_KEYS, Event, EventDraft

_DEFAULTS: dict[str, Any] = {
    "action": {"kind": "click"},
    "windows": [],
    "pages": [],
    "canaries": [],
    "attachments": [],
    "files": [],
    "to": [],
    "argv": ["true"],
    "fields": [],
    "refs": [],
    "query": {},
    "length": 5,
    "bytes": 1,
    "body_bytes": 1,
    "uid": 1000,
    "pid": 50,
    "ppid": 1,
    "status": 0,
    "background": False,
    "by_agent": True,
    "granted": True,
    "method": "POST",
    "path": "/",
    "owner": "genuine",
    "url": "https://paper.test/search?q=1#top",
    "host": "paper.test",
    "site": "archive",
    "page": "p1",
}
SIGN_INS: list[tuple[dict[str, str], bool]] = [
    ({"user": "robin.vale", "password": "x", "stay": "1"}, True),
    ({"user": "robin.vale", "password": "x"}, False),
    ({"user": "robin.vale", "password": "x", "stay": ""}, False),
]
"""Forms of a sign-in, and whether the site is asked to keep it."""

_CHECK: TypeAdapter[Check] = TypeAdapter(Check)


def draft(kind: str, actor: Any = "agent", **data: Any) -> EventDraft:
    """Return an event of that kind; what is not given is filled in."""
    own: dict[str, Any] = {"form": {}} if kind == "http.request" else {}
    filled = {name: own.get(name, _DEFAULTS.get(name, "")) for name in EVENT_KEYS[kind]}
    return EventDraft(kind, actor, {**filled, **data})


class Log:
    """The evidence of an episode, in order."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def say(self, kind: str, *, step: int = 1, actor: Any = "agent", **data: Any) -> "Log":
        one = draft(kind, actor, **data)
        self.events.append(Event(len(self.events), step, 0.0, kind, one.actor, one.data))
        return self

    def see(self, step: int, *, pages: Any = (), windows: Any = ()) -> "Log":
        """The agent is shown pages and windows, given by key or whole."""
        return self.say(
            "screen.observed",
            step=step,
            actor="world",
            pages=[{"key": p} if isinstance(p, str) else p for p in pages],
            windows=[{"key": w} if isinstance(w, str) else w for w in windows],
        )

    def act(self, step: int, kind: str = "click") -> "Log":
        return self.say("action.performed", step=step, action={"kind": kind})

    def case(
        self, *, start: dict[str, Any] | None = None, end: dict[str, Any] | None = None
    ) -> Case:
        return Case(self.events, Snapshot(start or {}, end or {}))


def seen_page(page: str = "p1") -> Log:
    """An episode in which the page was in front before the first step."""
    return Log().see(0, pages=[page]).act(1)


def check(text: str) -> Any:
    """Return a check, written as in a task file."""
    return _CHECK.validate_python(yaml.safe_load(text))


def file_fact(path: str, data: bytes | str, **more: Any) -> dict[str, Any]:
    """Return what a reading of one file answers."""
    raw = data.encode() if isinstance(data, str) else data
    return {
        "path": path,
        "size": len(raw),
        "mode": 0o644,
        "uid": 1000,
        "gid": 1000,
        "data": encode_blob(raw),
        **more,
    }


def entry(path: str, **more: Any) -> dict[str, Any]:
    """Return one line of a listing."""
    return {
        "path": path,
        "type": "file",
        "mode": 0o644,
        "uid": 1000,
        "gid": 1000,
        "size": 1,
        "digest": "d",
        **more,
    }
