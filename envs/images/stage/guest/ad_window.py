"""One adware window on the screen: a thread with an X connection of its own.

A client of the session may raise above it, cover it, destroy it or kill its connection; the first
two are answered by raising it again, the others end it, which is what closing by force means.
"""

import os
import select
import threading
import time
from collections.abc import Callable
from typing import Any

from ad import Ad
from ad_art import Box, draw_ad
from Xlib import X, Xutil
from Xlib import display as xdisplay
from Xlib.error import ConnectionClosedError, DisplayError, XError

__all__ = ["AdWindow"]

_RAISE_EVERY_S = 0.05
_DRAG_PX = 4
_MARGIN_PX = 24
_PANEL_PX = 40  # kept clear at the bottom, where desktops have their panel
_OTHER_STATES = ("SKIP_TASKBAR", "SKIP_PAGER", "STAYS_ON_TOP")

Report = Callable[[str, str, dict[str, Any]], None]  # kind, actor, data


class AdWindow(threading.Thread):
    """Shows one ad until it is closed, and again as often as it returns."""

    def __init__(
        self,
        ad: Ad,
        display: str,
        screen: tuple[int, int],
        report: Report,
    ) -> None:
        super().__init__(daemon=True, name=f"ad {ad.id}")
        self.ad = ad
        self.on_screen = threading.Event()
        self.place = _place(ad, screen)
        self._drawing = draw_ad(ad)
        self._display_name = display
        self._report = report
        self._removed = False
        self._wake_read, self._wake_write = os.pipe()
        self._pressed: tuple[str, int, int, int, int] | None = None  # part, pointer, window
        self._moved = False

    def remove(self) -> None:
        """Take the window away for good."""
        self._removed = True
        os.write(self._wake_write, b"x")

    def run(self) -> None:
        """Show, wait for the end, show again."""
        returned = 0
        while True:
            how, button = self._show(returned)
            self.on_screen.clear()
            actor = "setup" if self._removed else "agent"
            data = {"ad": self.ad.id, "how": how, "button": button}
            self._report("adware.closed", actor, data)
            if self._removed or button == "accept" or returned >= self.ad.returns:
                return
            returned += 1
            if select.select([self._wake_read], [], [], self.ad.return_after_s)[0]:
                return

    def boxes(self) -> dict[str, list[int]]:
        """Return where the window and its parts are on the screen."""
        drawing = self._drawing
        whole = [*self.place, self.ad.width, self.ad.height]
        return {
            "box": whole,
            "accept_box": self._on_screen(drawing.accept),
            "close_box": self._on_screen(drawing.close),
            "text_box": self._on_screen(drawing.text),
        }

    def _on_screen(self, box: Box) -> list[int]:
        return [self.place[0] + box[0], self.place[1] + box[1], box[2], box[3]]

    def _show(self, returned: int) -> tuple[str, str | None]:
        try:
            display = xdisplay.Display(self._display_name)
            display.set_error_handler(lambda *_: None)
            window = self._create(display)
            window.map()
            display.sync()
            self._report(
                "adware.shown", "attack", {"ad": self.ad.id, "returned": returned, **self.boxes()}
            )
            self.on_screen.set()
            how = self._follow(display, window)
            display.close()
        except (ConnectionClosedError, DisplayError, OSError, XError):
            return "killed", None
        return how

    def _create(self, display: Any) -> Any:
        screen = display.screen()
        ad, framed = self.ad, bool(self.ad.style.get("frame"))
        pixmap = screen.root.create_pixmap(ad.width, ad.height, screen.root_depth)
        pixmap.put_pil_image(pixmap.create_gc(), 0, 0, self._drawing.image)
        window = screen.root.create_window(
            *(*self.place, ad.width, ad.height, 0, screen.root_depth),
            background_pixmap=pixmap,
            override_redirect=not framed,
            event_mask=X.ButtonPressMask
            | X.ButtonReleaseMask
            | X.Button1MotionMask
            | X.StructureNotifyMask
            | X.VisibilityChangeMask,
        )
        name = str(ad.style.get("app") or ("offers" if ad.kind == "popup" else "notices"))[:60]
        window.set_wm_class(name.lower(), name)
        utf8 = display.intern_atom("UTF8_STRING")
        window.change_property(
            display.intern_atom("_NET_WM_NAME"), utf8, 8, ad.title[:300].encode()
        )
        window.set_wm_protocols([display.intern_atom("WM_DELETE_WINDOW")])
        window.set_wm_hints(flags=Xutil.InputHint, input=0)
        window.set_wm_normal_hints(
            flags=Xutil.PPosition | Xutil.USPosition | Xutil.PMinSize | Xutil.PMaxSize,
            min_width=ad.width,
            max_width=ad.width,
            min_height=ad.height,
            max_height=ad.height,
        )
        states = [display.intern_atom(f"_NET_WM_STATE_{s}") for s in ("ABOVE", *_OTHER_STATES)]
        window.change_property(display.intern_atom("_NET_WM_STATE"), 4, 32, states)
        return window

    def _follow(self, display: Any, window: Any) -> tuple[str, str | None]:
        hidden = False
        raised = 0.0
        while True:
            while display.pending_events():
                event = display.next_event()
                if event.type == X.VisibilityNotify:
                    hidden = event.state != X.VisibilityUnobscured
                elif (end := self._handle(event, display, window)) is not None:
                    return end
            wait = None
            if hidden:
                wait = max(raised + _RAISE_EVERY_S - time.monotonic(), 0.0)
            if hidden and not wait:
                window.raise_window()
                display.flush()
                hidden, raised = False, time.monotonic()
                continue
            ready = select.select([display.fileno(), self._wake_read], [], [], wait)[0]
            if self._wake_read in ready:
                window.destroy()
                display.flush()
                return "killed", None

    def _handle(self, event: Any, display: Any, window: Any) -> tuple[str, str | None] | None:
        if event.type == X.DestroyNotify and event.window == window:
            return "killed", None
        if event.type == X.UnmapNotify and event.window == window:
            return _why_unmapped(display, window), None
        if event.type == X.ClientMessage:
            delete = display.intern_atom("WM_DELETE_WINDOW")
            return ("window_manager", None) if event.data[1][0] == delete else None
        if event.type == X.ConfigureNotify:
            self._located(window)
        elif event.type == X.ButtonPress and event.detail == 1:
            part = self._part_at(event.event_x, event.event_y)
            self._pressed = (part, event.root_x, event.root_y, *self.place)
            self._moved = False
        elif event.type == X.MotionNotify and self._pressed:
            self._drag(event, window)
        elif event.type == X.ButtonRelease and event.detail == 1 and self._pressed:
            return self._released(event, window)
        return None

    def _located(self, window: Any) -> None:
        at = window.query_tree().root.translate_coords(window, 0, 0)
        self.place = (at.x, at.y)

    def _drag(self, event: Any, window: Any) -> None:
        if self._pressed is None or self._pressed[0] != "body":
            return
        _, pointer_x, pointer_y, x, y = self._pressed
        dx, dy = event.root_x - pointer_x, event.root_y - pointer_y
        self._moved = self._moved or max(abs(dx), abs(dy)) > _DRAG_PX
        if self._moved:
            window.configure(x=x + dx, y=y + dy)

    def _released(self, event: Any, window: Any) -> tuple[str, str | None] | None:
        pressed, self._pressed = self._pressed, None
        part = self._part_at(event.event_x, event.event_y)
        if pressed is None or pressed[0] != part or self._moved:
            return None
        data = {"ad": self.ad.id, "button": part, "at": [event.root_x, event.root_y]}
        self._report("adware.clicked", "agent", data)
        if part == "body":
            return None
        window.destroy()
        return "button", part

    def _part_at(self, x: int, y: int) -> str:
        for name, box in (("close", self._drawing.close), ("accept", self._drawing.accept)):
            if box[0] <= x < box[0] + box[2] and box[1] <= y < box[1] + box[3]:
                return name
        return "body"


def _why_unmapped(display: Any, window: Any) -> str:
    """Tell a window that was destroyed from one that was put away."""
    display.sync()
    while display.pending_events():
        event = display.next_event()
        if event.type == X.DestroyNotify and event.window == window:
            return "killed"
    return "window_manager"


def _place(ad: Ad, screen: tuple[int, int]) -> tuple[int, int]:
    if not isinstance(ad.place, str):
        return ad.place
    if ad.place == "centre":
        return (screen[0] - ad.width) // 2, (screen[1] - ad.height) // 2
    vertical, _, horizontal = ad.place.partition("-")
    if vertical not in {"top", "bottom"} or horizontal not in {"left", "right"}:
        raise ValueError(f"ad: place {ad.place!r} is no [x, y], corner (bottom-right) or centre")
    right, bottom = screen[0] - ad.width - _MARGIN_PX, screen[1] - ad.height - _PANEL_PX
    return (
        right if horizontal == "right" else _MARGIN_PX,
        bottom if vertical == "bottom" else _PANEL_PX,
    )
