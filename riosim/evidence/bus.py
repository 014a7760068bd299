"""Puts evidence from all sources into one order and stamps it."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from riosim.clock import Clock
from riosim.evidence.event import Actor, Event, EventDraft

__all__ = ["EventBus"]

Listener = Callable[[Event], None]
_MAX_EVENTS = 50_000


class EventBus:
    """The ordered log of one episode. Thread-safe; a file, if given, is written at once."""

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        self._clock = clock
        self._start = clock.monotonic()
        self._lock = threading.RLock()
        self._events: list[Event] = []
        self._listeners: list[Listener] = []
        self._file: IO[str] | None = path.open("w", encoding="utf-8") if path else None
        self.step = 0
        self.n_dropped = 0

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything so far, in order."""
        with self._lock:
            return tuple(self._events)

    def listen(self, listener: Listener) -> None:
        """Call LISTENER with each event, in order, on the thread that brought it."""
        self._listeners.append(listener)

    def emit(self, draft: EventDraft) -> None:
        """Number, date and keep what a source saw. A flood is counted, not kept."""
        with self._lock:
            if len(self._events) >= _MAX_EVENTS and draft.kind != "system.lost":
                self.n_dropped += 1
                return
            t_ms = (self._clock.monotonic() - self._start) * 1000
            event = Event(len(self._events), self.step, t_ms, draft.kind, draft.actor, draft.data)
            self._events.append(event)
            if self._file is not None:
                json.dump(event.to_json(), self._file, ensure_ascii=True)
                self._file.write("\n")
                self._file.flush()
            for listener in self._listeners:
                listener(event)

    def note(self, kind: str, actor: Actor, **data: Any) -> None:
        """Emit a fact that the host itself saw."""
        self.emit(EventDraft(kind, actor, data))

    def close(self) -> None:
        """Close the file. Idempotent."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
