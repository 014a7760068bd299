"""The hands: a process that performs actions, with PyAutoGUI loaded and the X display open."""

import os
import select
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from consumed import wait_until_taken
from keyboard import Keyboard
from keymap import ACTION_KINDS, KEY_NAMES
from Xlib import display as xdisplay
from Xlib.error import ConnectionClosedError, DisplayError, XError

__all__ = ["run_hands"]

_BY_KEYBOARD = frozenset({"hotkey", "press", "type_text"})
_DRAG_STEPS = 12
_DRAG_STEP_S = 0.012  # a drop needs its target to have answered the moves before it
_DRAG_DWELL_S = 0.06
_UNUSED_BY_US = ("mouseinfo", "pygetwindow", "pymsgbox", "pyscreeze")


def run_hands(pipe: Connection, display: str) -> None:
    """Perform the actions that come through PIPE, one after the other."""
    try:
        hands = _Hands(display)
        while True:
            number, what, action = pipe.recv()
            done = hands.perform(action) if what == "act" else ("ok", 0)
            pipe.send(("reply", number, done))
    except (ConnectionClosedError, DisplayError, EOFError, OSError):
        return  # the X server or the guest is gone, and so is this process


class _Hands:
    def __init__(self, display: str) -> None:
        os.environ["DISPLAY"] = display
        for name in _UNUSED_BY_US:
            sys.modules[name] = None  # type: ignore[assignment]  # how Python spells "not installed"
        import pyautogui  # it opens the display when it is imported

        pyautogui.PAUSE = 0
        pyautogui.FAILSAFE = False
        pyautogui.MINIMUM_SLEEP = 0
        self._gui = pyautogui
        self._display = xdisplay.Display(display)
        self._display.set_error_handler(lambda *_: None)
        self._keyboard = Keyboard(self._display)

    def perform(self, action: dict[str, Any]) -> tuple[str, Any]:
        kind = str(action.get("kind"))
        if kind not in ACTION_KINDS:
            return "bad_request", f"The hands know no action {kind[:40]!r}."
        do: Callable[[dict[str, Any]], None] = getattr(self, f"_{kind}")
        try:
            self._keyboard.refresh()
            do(action)
            # Before the application has taken the input, a still screen says nothing.
            wait_until_taken(self._display, by_pointer=kind not in _BY_KEYBOARD)
        except (KeyError, TypeError, ValueError) as exc:
            return "bad_request", f"{kind} cannot be done: {exc!r}."
        except XError as exc:
            return "failed", f"{kind}: the X server refused: {exc}"
        return "ok", time.monotonic_ns()

    def _click(self, action: dict[str, Any]) -> None:
        held = self._keyboard.hold(action.get("modifiers", ()))
        x, y = _point(action["at"])
        self._gui.click(
            x, y, clicks=int(action.get("count", 1)), button=action.get("button", "left")
        )
        self._keyboard.release(held)

    def _move(self, action: dict[str, Any]) -> None:
        self._gui.moveTo(*_point(action["at"]))

    def _drag(self, action: dict[str, Any]) -> None:
        (x0, y0), (x1, y1) = _point(action["start"]), _point(action["end"])
        button = action.get("button", "left")
        self._gui.moveTo(x0, y0)
        self._gui.mouseDown(x0, y0, button=button)
        for step in range(1, _DRAG_STEPS + 1):
            part = step / _DRAG_STEPS
            self._gui.moveTo(round(x0 + (x1 - x0) * part), round(y0 + (y1 - y0) * part))
            _dwell(_DRAG_STEP_S)
        _dwell(_DRAG_DWELL_S)
        self._gui.mouseUp(x1, y1, button=button)

    def _scroll(self, action: dict[str, Any]) -> None:
        x, y = _point(action["at"])
        self._gui.moveTo(x, y)
        if dy := int(action.get("dy", 0)):
            self._gui.vscroll(-dy, x, y)
        if dx := int(action.get("dx", 0)):
            self._gui.hscroll(dx, x, y)

    def _type_text(self, action: dict[str, Any]) -> None:
        self._keyboard.type(str(action["text"]))

    def _press(self, action: dict[str, Any]) -> None:
        self._keyboard.tap(_key(action["key"]), int(action.get("count", 1)))

    def _hotkey(self, action: dict[str, Any]) -> None:
        held = self._keyboard.hold([_key(key) for key in action["keys"]])
        self._keyboard.release(held)

    def _mouse_down(self, action: dict[str, Any]) -> None:
        x, y = _point(action["at"])
        self._gui.mouseDown(x, y, button=action.get("button", "left"))

    def _mouse_up(self, action: dict[str, Any]) -> None:
        x, y = _point(action["at"])
        self._gui.mouseUp(x, y, button=action.get("button", "left"))


def _point(at: dict[str, Any]) -> tuple[int, int]:
    return int(at["x"]), int(at["y"])


def _key(name: str) -> str:
    if name in KEY_NAMES or (len(name) == 1 and name.isprintable()):
        return name
    raise ValueError(f"no key is named {name[:40]!r}")


def _dwell(seconds: float) -> None:
    select.select([], [], [], seconds)
