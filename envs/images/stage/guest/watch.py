"""The watch: a process that follows windows and clipboard and tells the guest what changed."""

import select
import time
from multiprocessing.connection import Connection
from typing import Any

from selection import Clipboard
from window import Window, visible_fractions
from windows import Table
from Xlib import X
from Xlib import display as xdisplay
from Xlib.error import ConnectionClosedError, DisplayError, XError

__all__ = ["run_watch"]

_COVERED = 0.95
_SMALLEST_PX = 10  # of a window that is worth an event
_EVENTS_PER_S = 50.0
_EVENTS_BURST = 200.0
_SNAPSHOT_EVERY_S = 0.01


def run_watch(pipe: Connection, display: str, width_px: int, height_px: int) -> None:
    """Watch one X server until it or the guest ends."""
    try:
        _Watch(pipe, display, width_px, height_px).run()
    except (ConnectionClosedError, DisplayError, EOFError, OSError):
        return


class _Watch:
    def __init__(self, pipe: Connection, display: str, width_px: int, height_px: int) -> None:
        self._pipe = pipe
        self._size = (width_px, height_px)
        self._display = xdisplay.Display(display)
        self._display.set_error_handler(lambda *_: None)
        self._adware_pid = 0
        self._covering: set[int] = set()
        self._budget = _EVENTS_BURST
        self._refilled = time.monotonic()
        self._cut = False
        self._sent = 0.0
        self._dirty = True
        self._clipboard = Clipboard(
            self._display, lambda data: self._event("clipboard.changed", "agent", data)
        )
        self._table = Table(self._display)

    def run(self) -> None:
        """Follow events and answer the guest, for ever."""
        while True:
            self._drain()
            late = time.monotonic() - self._sent >= _SNAPSHOT_EVERY_S
            if self._dirty and late:
                self._tell_windows()
            if self._display.pending_events():
                continue  # they came with the answers to our questions
            wait = _SNAPSHOT_EVERY_S if self._dirty else None
            select.select([self._pipe.fileno(), self._display.fileno()], [], [], wait)
            while self._pipe.poll():
                self._asked(*self._pipe.recv())

    def _asked(self, number: int | None, what: str, value: Any) -> None:
        if what == "canaries":
            self._clipboard.watch_for(value)
        elif what == "adware":
            self._adware_pid = value
            self._pipe.send(("reply", number, None))
        elif what == "ready":
            self._pipe.send(("reply", number, None))
        elif what == "sync":
            self._display.sync()
            self._drain()
            if self._dirty:
                self._tell_windows()
            self._pipe.send(("reply", number, None))

    def _drain(self) -> None:
        while self._display.pending_events():
            event = self._display.next_event()
            try:
                self._clipboard.handle(event)
                window = self._table.handle(event)
            except XError:
                continue  # the window went away while we asked about it
            if window is not None:
                self._dirty = True
                self._tell_change(event, window)

    def _tell_change(self, event: Any, window: Window) -> None:
        if min(window.width, window.height) < _SMALLEST_PX or not window.drawn:
            return
        if window.mapped and window.told_title is None:
            window.told_title = window.title
            self._window_event("window.mapped", window)
        elif not window.mapped and window.told_title is not None:
            window.told_title = None
            self._window_event("window.unmapped", window)
        elif event.type == X.PropertyNotify and window.told_title not in {None, window.title}:
            window.told_title = window.title
            self._window_event("window.titled", window)

    def _window_event(self, kind: str, window: Window) -> None:
        owner = self._owner(window)
        actor = "attack" if owner == "adware" else "agent"
        self._event(kind, actor, window.describe(owner=owner, fraction=0.0, stacking=-1))

    def _owner(self, window: Window) -> str:
        ours = self._adware_pid and window.connection_pid == self._adware_pid
        return "adware" if ours else "session"

    def _tell_windows(self) -> None:
        windows = self._table.mapped()
        boxes = [(w.x, w.y, w.width, w.height) for w in windows]
        fractions = visible_fractions(boxes, *self._size)
        self._dirty, self._sent = False, time.monotonic()
        described = [
            w.describe(owner=self._owner(w), fraction=fraction, stacking=index)
            for index, (w, fraction) in enumerate(zip(windows, fractions, strict=True))
        ]
        self._pipe.send(("windows", described))
        self._tell_covers(windows, fractions)

    def _tell_covers(self, windows: list[Window], fractions: list[float]) -> None:
        covering = set()
        for window, fraction in zip(windows, fractions, strict=True):
            share = fraction * window.width * window.height / (self._size[0] * self._size[1])
            wants = (window.override or window.fullscreen) and not window.desktop
            if share <= _COVERED or not wants or self._owner(window) == "adware":
                continue
            covering.add(window.xid)
            if window.xid not in self._covering:
                data = {
                    "id": window.client or window.xid,
                    "title": window.title,
                    "app": window.app,
                    "fraction": round(share, 4),
                }
                self._event("screen.covered", "agent", data)
        self._covering = covering

    def _event(self, kind: str, actor: str, data: dict[str, Any]) -> None:
        """Send an event, unless a client makes more of them than anybody could read."""
        now = time.monotonic()
        self._budget = min(_EVENTS_BURST, self._budget + (now - self._refilled) * _EVENTS_PER_S)
        self._refilled = now
        if self._budget < 1.0:
            if not self._cut:
                self._pipe.send(("event", "system.limit", "agent", {"which": "window_events"}))
            self._cut = True
            return
        self._cut = self._cut and self._budget < _EVENTS_BURST / 2
        self._budget -= 1.0
        self._pipe.send(("event", kind, actor, data))
