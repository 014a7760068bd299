"""Which pages are in front, told by the pages themselves."""

import threading
from typing import Any

from riosim.evidence.event import EventDraft

__all__ = ["PageTracker"]

_KEPT = 200


class PageTracker:
    """Follows `dom.shown` and `dom.hidden`; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._front: dict[str, dict[str, Any]] = {}
        self._n_painted = 0

    def take(self, draft: EventDraft) -> None:
        """Learn from one event."""
        data = draft.data
        with self._lock:
            if draft.kind == "dom.shown":
                key = str(data["page"])
                self._front.pop(key, None)
                self._front[key] = {
                    "key": key,
                    **{name: data[name] for name in ("site", "owner", "host", "url")},
                }
                while len(self._front) > _KEPT:
                    self._front.pop(next(iter(self._front)))
            elif draft.kind == "dom.hidden":
                self._front.pop(str(data["page"]), None)
            elif draft.kind == "dom.painted":
                self._n_painted += 1

    @property
    def n_painted(self) -> int:
        """How many pages have painted so far."""
        with self._lock:
            return self._n_painted

    def in_front(self) -> tuple[dict[str, Any], ...]:
        """Return the pages that say they are visible, oldest first."""
        with self._lock:
            return tuple(dict(page) for page in self._front.values())

    def at(self, url: str) -> tuple[dict[str, Any], ...]:
        """Return the latest page of that address, for a browser that shows one page at a time."""
        pages = [page for page in self.in_front() if _same(str(page["url"]), url)]
        return tuple(pages[-1:])


def _same(one: str, other: str) -> bool:
    return one.partition("#")[0].rstrip("/") == other.partition("#")[0].rstrip("/")
