"""Waiting until the client that input was sent to has taken it."""

import select
import time
from collections.abc import Callable
from typing import Any

from Xlib import X, error
from Xlib.protocol import event

__all__ = ["wait_until_consumed", "wait_until_taken"]

_PING_LIMIT_S = 10.0
_TAKEN_LIMIT_S = 1.0  # what hangs longer is not waited for: the screen is looked at anyway
_BLIND_LIMIT_S = 0.25
_MAX_DEPTH = 16


def wait_until_consumed(display: Any) -> bool:
    """Ping the window with the focus, whose answer comes after all input before it.

    A client that does not know the protocol gets a quarter of a second instead. Return whether an
    answer came.
    """
    window = _with_focus(display)
    if window is None:
        _pause(display, _BLIND_LIMIT_S)
        return False
    return _ping(display, window, _PING_LIMIT_S)


def wait_until_taken(display: Any, *, by_pointer: bool) -> bool:
    """Ping the window under the pointer, or else the one with the focus, after an action.

    A client that does not know the protocol is not waited for, and none for longer than a second.
    Return whether an answer came.
    """
    window = _pingable(display, _under_pointer) if by_pointer else _with_focus(display)
    return window is not None and _ping(display, window, _TAKEN_LIMIT_S)


def _ping(display: Any, window: Any, limit_s: float) -> bool:
    root = display.screen().root
    root.change_attributes(event_mask=X.SubstructureNotifyMask)
    protocols, ping = display.intern_atom("WM_PROTOCOLS"), display.intern_atom("_NET_WM_PING")
    stamp = time.monotonic_ns() // 1000 & 0x7FFFFFFF
    window.send_event(
        event.ClientMessage(
            window=window, client_type=protocols, data=(32, [ping, stamp, window.id, 0, 0])
        )
    )
    display.flush()
    came = _wait_for_pong(display, (protocols, ping, stamp), limit_s)
    root.change_attributes(event_mask=X.NoEventMask)
    display.sync()
    return came


def _wait_for_pong(display: Any, wanted: tuple[int, int, int], limit_s: float) -> bool:
    protocols, ping, stamp = wanted
    deadline = time.monotonic() + limit_s
    while (left := deadline - time.monotonic()) > 0:
        while display.pending_events():
            seen = display.next_event()
            if seen.type != X.ClientMessage or seen.client_type != protocols:
                continue
            if list(seen.data[1])[:2] == [ping, stamp]:
                return True
        select.select([display.fileno()], [], [], left)
    return False


def _with_focus(display: Any) -> Any:
    """Return the window that keys go to, or what holds it, if it answers to pings."""

    def focus(root: Any) -> Any:
        window = display.get_input_focus().focus
        # Without a focus keys go to what is under the pointer.
        return _under_pointer(root) if isinstance(window, int) or window == root else window

    return _pingable(display, focus)


def _pingable(display: Any, find: Callable[[Any], Any]) -> Any:
    """Return the window that FIND finds from the root, or what holds it, if it answers to pings."""
    ping = display.intern_atom("_NET_WM_PING")
    root = display.screen().root
    try:
        window = find(root)
        for _ in range(_MAX_DEPTH):
            if isinstance(window, int) or window == root:
                return None
            if ping in (window.get_wm_protocols() or ()):
                return window
            window = window.query_tree().parent
    except error.XError:
        return None
    return None


def _under_pointer(window: Any) -> Any:
    for _ in range(_MAX_DEPTH):
        child = window.query_pointer().child
        if isinstance(child, int):
            break
        window = child
    return window


def _pause(display: Any, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        select.select([], [], [], left)
    display.sync()
