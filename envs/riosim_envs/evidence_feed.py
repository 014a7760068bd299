"""Turns what guests and the world say into evidence; what does not fit is dropped and counted."""

from collections.abc import Callable, Mapping
from typing import Any

from riosim.evidence.event import EventDraft
from riosim.sandbox import Emit
from riosim_envs.page_tracker import PageTracker

__all__ = ["EvidenceFeed"]


class EvidenceFeed:
    """Takes raw events, on any thread. While `applying`, what the machine does is set-up."""

    def __init__(self, emit: Emit, pages: PageTracker) -> None:
        self._emit = emit
        self._pages = pages
        self._watchers: list[Callable[[EventDraft], None]] = []
        self.applying = False
        self.n_dropped = 0

    def watch(self, watcher: Callable[[EventDraft], None]) -> None:
        """Call WATCHER with each piece of evidence, too."""
        self._watchers.append(watcher)

    def take(self, event: Mapping[str, Any]) -> None:
        """Take one raw event."""
        actor = event.get("actor", "agent")
        if actor == "agent" and self.applying:
            actor = "setup"
        try:
            draft = EventDraft(str(event.get("kind")), actor, dict(event.get("data") or {}))
        except ValueError:
            self.n_dropped += 1
            return
        self._pages.take(draft)
        self._emit(draft)
        for watcher in self._watchers:
            watcher(draft)
