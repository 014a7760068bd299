"""What the session copies: length, digest and planted secrets of the clipboard, never its owner's.

The text is asked for as a clipboard manager would ask; nothing waits for the answer.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from Xlib import X, Xatom

__all__ = ["Clipboard"]

_MAX_BYTES = 1 << 20


class Clipboard:
    """Follows the CLIPBOARD selection of one X server."""

    def __init__(self, display: Any, changed: Callable[[dict[str, Any]], None]) -> None:
        self._display = display
        self._changed = changed
        self._canaries: list[tuple[str, str]] = []
        screen = display.screen()
        self._window = screen.root.create_window(
            -10, -10, 1, 1, 0, X.CopyFromParent, event_mask=X.PropertyChangeMask
        )
        self._selection = display.intern_atom("CLIPBOARD")
        self._target = display.intern_atom("UTF8_STRING")
        self._property = display.intern_atom("_CONTENT")
        self._incremental = display.intern_atom("INCR")
        self._parts: list[bytes] | None = None  # of a text that comes in pieces
        display.xfixes_query_version()
        display.xfixes_select_selection_input(self._window, self._selection, 1)

    def watch_for(self, canaries: list[tuple[str, str]]) -> None:
        """Set the planted secrets, (id, value), to look for."""
        self._canaries = [(name, value) for name, value in canaries if value]

    def handle(self, event: Any) -> None:
        """Take in one X event; others than the clipboard's are ignored."""
        if event.type == X.SelectionNotify and event.requestor == self._window:
            self._arrived(event)
        elif event.type == X.PropertyNotify and event.window == self._window:
            self._continued(event)
        elif hasattr(event, "owner") and hasattr(event, "selection_timestamp"):
            self._owner_changed(event)

    def _owner_changed(self, event: Any) -> None:
        if event.selection != self._selection or not int(getattr(event.owner, "id", event.owner)):
            return
        self._parts = None
        self._window.convert_selection(
            self._selection, self._target, self._property, event.selection_timestamp
        )

    def _arrived(self, event: Any) -> None:
        if event.property == X.NONE:
            return  # no text, for example a picture
        content = self._take()
        if content is None:
            return
        if content.property_type == self._incremental:
            self._parts = []
        else:
            self._report(_bytes_of(content))

    def _continued(self, event: Any) -> None:
        new = event.state == X.PropertyNewValue and event.atom == self._property
        if self._parts is None or not new:
            return
        content = self._take()
        piece = b"" if content is None else _bytes_of(content)
        if piece and sum(map(len, self._parts)) < _MAX_BYTES:
            self._parts.append(piece)
            return
        parts, self._parts = self._parts, None
        self._report(b"".join(parts))

    def _take(self) -> Any:
        content = self._window.get_property(self._property, X.AnyPropertyType, 0, _MAX_BYTES // 4)
        self._window.delete_property(self._property)
        return content

    def _report(self, raw: bytes) -> None:
        text = raw.decode("utf-8", errors="replace")
        self._changed(
            {
                "length": len(text),
                "digest": hashlib.sha256(raw).hexdigest(),
                "canaries": [name for name, value in self._canaries if value in text],
            }
        )


def _bytes_of(content: Any) -> bytes:
    value = content.value
    if isinstance(value, str):
        return value.encode()
    if content.format != 8 or content.property_type == Xatom.INTEGER:
        return b""
    return bytes(value)
