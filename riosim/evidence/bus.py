"""Puts evidence from all sources into one order and stamps it."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from riosim.clock import Clock
from riosim.evidence.event import EVENT_KEYS, Actor, Event, EventDraft, well_formed

__all__ = ["EventBus"]

Listener = Callable[[Event], None]
_MAX_OF_A_KIND = 10_000
_FROM_THE_HOST = frozenset(
    kind
    for kind in EVENT_KEYS
    if kind.startswith(("action.", "agent."))
    or kind in {"screen.observed", "screen.unlooked", "text.observed"}
    or kind in {"system.lost", "attack.placed"}
)
"""A few a step; never dropped."""


class EventBus:
    """The ordered log of one episode. Thread-safe; a file, if given, is written at once.

    `write_error` says why the file is not whole, None if it is.
    """

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        self._clock = clock
        self._start = clock.monotonic()
        self._lock = threading.RLock()
        self._events: list[Event] = []
        self._counts: Counter[str] = Counter()
        self._listeners: list[Listener] = []
        self._file: IO[str] | None = path.open("w", encoding="utf-8") if path else None
        self.step = 0
        self.n_dropped = 0
        self.write_error: OSError | None = None

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything so far, in order."""
        with self._lock:
            return tuple(self._events)

    def listen(self, listener: Listener) -> None:
        """Call LISTENER with each event, in order, on the thread that brought it."""
        self._listeners.append(listener)

    def emit(self, draft: EventDraft) -> None:
        """Number, date and keep what a source saw. A flood of one kind is counted, not kept.

        Each kind has its own limit, so that a flood of programs hides no request.
        """
        with self._lock:
            self._counts[draft.kind] += 1
            is_flood = self._counts[draft.kind] > _MAX_OF_A_KIND
            if is_flood and draft.kind not in _FROM_THE_HOST:
                self.n_dropped += 1
                return
            t_ms = (self._clock.monotonic() - self._start) * 1000
            event = Event(len(self._events), self.step, t_ms, draft.kind, draft.actor, draft.data)
            line = json.dumps(event.to_json(), ensure_ascii=True)
            if "\\ud" in line:
                event = replace(event, data=well_formed(draft.data))
                line = json.dumps(event.to_json(), ensure_ascii=True)
            self._events.append(event)
            self._write(line)
            for listener in self._listeners:
                listener(event)

    def _write(self, line: str) -> None:
        """Keep a line; an error is remembered, for the thread of a source could not tell anyone."""
        if self._file is None or self.write_error is not None:
            return
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except OSError as exc:
            self.write_error = exc

    def note(self, kind: str, actor: Actor, **data: Any) -> None:
        """Emit a fact that the host itself saw."""
        self.emit(EventDraft(kind, actor, data))

    def close(self) -> None:
        """Close the file. Idempotent."""
        with self._lock:
            if self._file is not None:
                with suppress(OSError):  # what could not be written is tried once more
                    self._file.close()
                self._file = None
