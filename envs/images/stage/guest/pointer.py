"""Where the pointer is and what it looks like, without ever waiting long for the X server.

A thread of its own asks the server; who wants the pointer gets the last answer if a new one does
not come at once. The same questions tell when the server has stopped answering.
"""

import struct
import threading
import time
from typing import Any, Protocol

from frame import Cursor
from PIL import Image
from Xlib import display as xdisplay
from Xlib.error import ConnectionClosedError, DisplayError, XError

__all__ = ["Pointer"]

Shape = tuple[int, int, Image.Image | None]  # hot spot and picture

_HEARTBEAT_S = 0.25
_GRABBED_S = 0.5
_MAX_CURSOR_PX = 512


class Silence(Protocol):
    """Told when the X server has not answered for SECONDS, and again when it does."""

    def __call__(self, seconds: float, *, over: bool) -> None: ...


class Pointer:
    """The cursor of one X server; ON_SILENCE hears of silences longer than half a second."""

    def __init__(self, display: str, on_silence: Silence) -> None:
        self._display_name = display
        self._on_silence = on_silence
        self._cursor: Cursor | None = None
        self._asked_at: float | None = None
        self._reported = False
        self._stopped = False
        self._changed = threading.Condition()
        self._wanted = 0
        self._done = 0
        threading.Thread(target=self._ask_forever, daemon=True).start()
        threading.Thread(target=self._watch_forever, daemon=True).start()

    def current(self, wait_s: float = 0.005) -> Cursor | None:
        """Return the pointer as of now, or as last known if the server does not answer."""
        with self._changed:
            self._wanted += 1
            wanted = self._wanted
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._done >= wanted, wait_s)
            return self._cursor

    def stop(self) -> None:
        """Let the threads end."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _ask_forever(self) -> None:
        try:
            self._start_question()
            display = xdisplay.Display(self._display_name)
            display.set_error_handler(_ignore)
            display.xfixes_query_version()
            display.xfixes_select_cursor_input(display.screen().root, 1)
            shape: Shape | None = _shape(display)
            while not self._stopped:
                wanted = self._wanted
                self._start_question()
                while display.pending_events():
                    display.next_event()
                    shape = None
                place = display.screen().root.query_pointer()
                shape = shape or _shape(display)
                self._answer(Cursor(place.root_x, place.root_y, *shape), wanted)
            display.close()
        except (ConnectionClosedError, DisplayError, OSError, XError):
            self.stop()

    def _start_question(self) -> None:
        with self._changed:
            self._asked_at = time.monotonic()

    def _answer(self, cursor: Cursor, wanted: int) -> None:
        with self._changed:
            asked_at, self._asked_at = self._asked_at, None
            self._cursor, self._done = cursor, wanted
            was_silent, self._reported = self._reported, False
            self._changed.notify_all()
        if was_silent and asked_at is not None:
            self._on_silence(time.monotonic() - asked_at, over=True)
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._wanted > wanted, _HEARTBEAT_S)

    def _watch_forever(self) -> None:
        while not self._stopped:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped, _HEARTBEAT_S)
                asked_at = self._asked_at
                late = 0.0 if asked_at is None else time.monotonic() - asked_at
                first = late > _GRABBED_S and not self._reported and not self._stopped
                self._reported = self._reported or first
            if first:
                self._on_silence(late, over=False)


def _shape(display: Any) -> Shape:
    reply = display.xfixes_get_cursor_image(display.screen().root)
    size, pixels = (reply.width, reply.height), list(reply.cursor_image)
    if not all(0 < n <= _MAX_CURSOR_PX for n in size) or len(pixels) < size[0] * size[1]:
        return 0, 0, None
    count = size[0] * size[1]
    raw = struct.pack(f"<{count}I", *(pixel & 0xFFFFFFFF for pixel in pixels[:count]))
    premultiplied = Image.frombytes("RGBa", size, raw, "raw", "BGRa")
    return reply.xhot, reply.yhot, premultiplied.convert("RGBA")


def _ignore(*_: object) -> None:
    """Take no notice of an X error."""
