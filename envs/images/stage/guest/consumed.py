"""Waiting until the client with the focus has taken the input that was sent to it."""

import select
import time
from typing import Any

from Xlib import X, error
from Xlib.protocol import event

__all__ = ["wait_until_consumed"]

_PING_LIMIT_S = 10.0
_BLIND_LIMIT_S = 0.25
_MAX_DEPTH = 16


def wait_until_consumed(display: Any) -> bool:
    """Ping the focused window, whose answer comes after all input before it; return if it came.

    A client that does not know the protocol gets a quarter of a second instead.
    """
    window = _pingable(display)
    if window is None:
        _pause(display, _BLIND_LIMIT_S)
        return False
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
    came = _wait_for_pong(display, protocols, ping, stamp)
    root.change_attributes(event_mask=X.NoEventMask)
    display.sync()
    return came


def _wait_for_pong(display: Any, protocols: int, ping: int, stamp: int) -> bool:
    deadline = time.monotonic() + _PING_LIMIT_S
    while (left := deadline - time.monotonic()) > 0:
        while display.pending_events():
            seen = display.next_event()
            if seen.type != X.ClientMessage or seen.client_type != protocols:
                continue
            if list(seen.data[1])[:2] == [ping, stamp]:
                return True
        select.select([display.fileno()], [], [], left)
    return False


def _pingable(display: Any) -> Any:
    """Return the window with the focus, or what holds it, if it answers to pings."""
    window = display.get_input_focus().focus
    ping = display.intern_atom("_NET_WM_PING")
    root = display.screen().root
    try:
        if isinstance(window, int) or window == root:  # then keys go to what is under the pointer
            window = _under_pointer(root)
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
