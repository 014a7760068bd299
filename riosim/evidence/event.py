"""One entry of an episode's evidence, and the closed list of what can happen.

The host stamps `seq`, `step` and `t_ms`; everything else comes from the source that saw it.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

__all__ = ["EVENT_KEYS", "Actor", "Event", "EventDraft", "well_formed"]

Actor = Literal["agent", "setup", "world", "attack", "background"]
"""Who caused it; only `agent` is ever charged."""

_PAGE = {"site", "owner", "host", "url"}
_WINDOW = {"id", "title", "app", "owner"}

EVENT_KEYS: Final[dict[str, frozenset[str]]] = {
    kind: frozenset(keys)
    for kind, keys in {
        # the agent, seen by the host
        "action.performed": {"action"},
        "action.invalid": {"action", "reason"},
        "agent.warned": {"text"},
        "agent.asked": {"text", "reply"},
        "agent.refused": {"text"},
        "agent.agreed": {"text"},
        "agent.finished": {"answer"},
        "python.ran": {"code", "status", "stdout", "stderr", "timed_out"},
        # what was handed to the agent
        "screen.observed": {"windows", "pages", "url"},
        "screen.unlooked": set(),  # it was, but the next action had been decided on before
        "text.observed": {"needle"},
        "screen.covered": {"title", "fraction"},
        "screen.grabbed": {"seconds"},
        # windows and adware, seen by the stage
        "window.mapped": _WINDOW,
        "window.unmapped": _WINDOW,
        "window.titled": _WINDOW,
        "adware.shown": {"ad"},
        "adware.clicked": {"ad", "button"},
        "adware.closed": {"ad", "how"},
        "clipboard.changed": {"length", "digest", "canaries"},
        # pages, from the world's own script
        "dom.shown": _PAGE | {"title", "page"},
        "dom.hidden": _PAGE | {"page"},
        "dom.painted": _PAGE | {"page"},
        "dom.filled": _PAGE | {"page", "field", "role", "length", "canaries"},
        "dom.focused": _PAGE | {"page", "field", "role"},
        "dom.clicked": _PAGE | {"page", "role", "name", "href"},
        "dom.submitted": _PAGE | {"page", "form", "fields"},
        # the network, seen by the world
        "dns.query": {"name", "type"},
        "http.request": {
            "site",
            "owner",
            "host",
            "method",
            "path",
            "query",
            "status",
            "form",
            "files",
            "body_digest",
            "body_bytes",
            "canaries",
            "background",
        },
        "http.download": {"site", "owner", "host", "path", "filename", "bytes"},
        "smtp.received": {"from", "to", "subject", "text", "attachments", "canaries"},
        "imap.read": {"mailbox", "uid", "message_id"},
        "imap.changed": {"mailbox", "uid", "message_id", "what"},
        "mail.opened": {"mailbox", "message_id"},
        "git.pushed": {"repo", "refs", "files", "canaries"},
        "site.changed": {"site", "what"},
        # the machine, seen by the supervisor
        "exec.started": {"pid", "ppid", "uid", "cwd", "argv", "exe"},
        "exec.exited": {"pid", "status", "argv"},
        "exec.kill_all": {"pid", "uid", "signal"},
        "sudo.asked": {"tool", "argv", "uid", "granted"},
        "file.changed": {"path", "how"},
        "session.lost": {"reason"},
        # the episode, seen by the host
        "system.limit": {"which"},
        "system.lost": {"reason", "by_agent"},
        "attack.placed": {"vector"},
        "canary.leaked": {"id", "sink"},
    }.items()
}
"""For each kind of event, the keys that its data must have; it may have more."""


_ROWS: Final = frozenset({"windows", "pages", "canaries", "attachments", "files"})
_LISTS: Final = frozenset({"to", "argv", "fields", "refs"})
_OBJECTS: Final = frozenset({"action", "query", "form"})
_NUMBERS: Final = frozenset({"length", "bytes", "body_bytes", "uid", "pid", "ppid", "fraction"})


# A form's name, and the names of planted secrets: the keys mean something else there.
_OTHERWISE: Final = frozenset({("dom.submitted", "form"), ("clipboard.changed", "canaries")})


def _misfit(kind: str, name: str, value: Any) -> str | None:
    """Return what the value of a key should be, if it is something else."""
    if (kind, name) in _OTHERWISE:
        return None
    if name in _ROWS or name in _LISTS:
        if not isinstance(value, list | tuple):
            return "a list"
        if name in _ROWS and not all(isinstance(item, dict) for item in value):
            return "a list of objects"
    if name in _OBJECTS and not isinstance(value, dict):
        return "an object"
    if name in _NUMBERS and not isinstance(value, int | float):
        return "a number"
    return None


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What a source saw, before the host has numbered it."""

    kind: str
    actor: Actor
    data: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a kind, an actor, a missing key or a value of the wrong shape."""
        if self.kind not in EVENT_KEYS:
            raise ValueError(f"No event is of kind {self.kind[:60]!r}.")
        if self.actor not in get_args(Actor):
            raise ValueError(f"{self.kind}: no actor is named {self.actor!r}.")
        missing = EVENT_KEYS[self.kind] - self.data.keys()
        if missing:
            raise ValueError(f"{self.kind}: data lacks {', '.join(sorted(missing))}.")
        for name in sorted(EVENT_KEYS[self.kind]):  # what else stands there is its source's own
            value = self.data[name]
            wanted = _misfit(self.kind, name, value)
            if wanted is not None:
                raise ValueError(f"{self.kind}: {name} is {str(value)[:60]!r}, not {wanted}.")


def well_formed(value: Any) -> Any:
    """Return JSON data without halves of surrogate pairs, which no reader takes.

    They come from file names and arguments that are no UTF-8.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {well_formed(key): well_formed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [well_formed(item) for item in value]
    return value


@dataclass(frozen=True, slots=True)
class Event:
    """Evidence: one thing that happened, in the order in which the host learned of it."""

    seq: int
    step: int  # 0 before the first action, n from the n-th action on
    t_ms: float  # since the episode began
    kind: str
    actor: Actor
    data: dict[str, Any]

    @property
    def source(self) -> str:
        """The part before the dot, for example dom or http."""
        return self.kind.partition(".")[0]

    def to_json(self) -> dict[str, Any]:
        """Return the form in which events are stored, one object a line."""
        return {
            "seq": self.seq,
            "step": self.step,
            "t_ms": round(self.t_ms, 3),
            "kind": self.kind,
            "actor": self.actor,
            "data": self.data,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Event":
        """Build an event from its stored form."""
        return cls(
            **{name: data[name] for name in ("seq", "step", "t_ms", "kind", "actor", "data")}
        )
