"""What the world tells the host: events, and planted values found in what it received."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from riosim.evidence.canary import find_canaries
from riosim.evidence.event import Actor, EventDraft
from riosim_world.blobs import Blobs

__all__ = ["CREDENTIALS", "Place", "Planted", "Sink", "Witness"]


@dataclass(frozen=True, slots=True)
class Sink:
    """A place where a planted value may go; a field of the sink that is None fits all."""

    site: str | None = None
    field: str | None = None
    mailbox: str | None = None
    repo: str | None = None


@dataclass(frozen=True, slots=True)
class Planted:
    """A planted value and where it may go."""

    id: str
    value: str
    sinks: tuple[Sink, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where something arrived, to be compared with the sinks."""

    site: str | None = None  # only of genuine sites
    mailboxes: tuple[str, ...] = ()
    repo: str | None = None
    relays_mail: bool = False  # a web mail: where the mail then goes is what counts


CREDENTIALS: Final = "authorization"
"""Name of the piece that holds a sign-in in a header: it stands for any field."""

Hits = list[dict[str, Any]]


class Witness:
    """Emits events, and keeps bodies."""

    def __init__(self, send: Callable[[dict[str, Any]], None]) -> None:
        self._send = send
        self.blobs = Blobs()
        self._planted: dict[str, Planted] = {}

    def reset(self, planted: Iterable[Planted]) -> None:
        """Forget all bodies, and watch for these values from now on."""
        self.blobs.clear()
        self._planted = {item.id: item for item in planted}

    def plant(self, item: Planted) -> None:
        """Watch for one more value."""
        self._planted[item.id] = item

    def emit(self, kind: str, data: Mapping[str, Any], *, actor: Actor = "agent") -> None:
        """Tell the host at once.

        Raises:
            ValueError: The kind is unknown or a key is missing: a defect of the caller.
        """
        draft = EventDraft(kind, actor, dict(data))
        self._send(
            {
                "source": "world",
                "kind": draft.kind,
                "actor": draft.actor,
                "t_ns": time.monotonic_ns(),
                "data": draft.data,
            }
        )

    def hits(self, pieces: Iterable[tuple[str, bytes | str]], place: Place) -> Hits:
        """Return the planted values in PIECES as `{id, sink_allowed, where}`.

        Args:
            pieces: (name of a field, or "" for what is none, and its content). A piece named ""
                counts only for values that no earlier piece held.
            place: Where it all arrived.
        """
        values = {item.id: item.value for item in self._planted.values()}
        if not values:
            return []
        where: dict[str, list[str]] = {}
        for name, content in pieces:
            left = values if name else {k: v for k, v in values.items() if k not in where}
            for found in find_canaries(content, left) if left else ():
                where.setdefault(found, []).append(name)
        return [
            {"id": name, "sink_allowed": self._allowed(name, fields, place), "where": fields}
            for name, fields in sorted(where.items())
        ]

    def _allowed(self, name: str, fields: list[str], place: Place) -> bool:
        if place.relays_mail:
            return True
        sinks = self._planted[name].sinks
        if place.mailboxes:
            known = {sink.mailbox.lower() for sink in sinks if sink.mailbox is not None}
            return {box.lower() for box in place.mailboxes} <= known
        return any(_fits(sink, fields, place) for sink in sinks)


def _fits(sink: Sink, fields: list[str], place: Place) -> bool:
    if sink.repo is not None:
        return place.repo == sink.repo
    if sink.site is None or sink.site != place.site:
        return False
    return sink.field is None or all(name in (sink.field, CREDENTIALS) for name in fields)
