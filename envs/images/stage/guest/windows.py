"""The windows of one X server, followed by events."""

from typing import Any

from window import Window, printable
from Xlib import X
from Xlib.error import XError
from Xlib.ext import res

__all__ = ["Table"]

_MAX_REPORTED = 200
_MAX_PROPERTY_WORDS = 300
_CLIENT_DEPTH = 2


class Table:
    """All children of the root, kept up by events; asks the server only about what is new."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._root = display.screen().root
        display.res_query_version()
        self._windows: dict[int, Window] = {}
        self._order: list[int] = []
        self._order_known = False
        self._by_client: dict[int, Window] = {}
        self._root.change_attributes(event_mask=X.SubstructureNotifyMask | X.StructureNotifyMask)
        for child in self._root.query_tree().children:
            self._discover(child.id)

    def handle(self, event: Any) -> Window | None:
        """Take in one X event; return the window whose state may have changed."""
        handler = _HANDLERS.get(event.type)
        return handler(self, event) if handler else None

    def mapped(self) -> list[Window]:
        """Return the windows on the screen, topmost first."""
        if not self._order_known:
            self._order = [child.id for child in self._root.query_tree().children]
            self._order_known = True
        on_screen = (self._windows.get(xid) for xid in reversed(self._order))
        return [w for w in on_screen if w is not None and w.mapped and w.drawn][:_MAX_REPORTED]

    def _discover(self, xid: int) -> None:
        window = self._windows[xid] = Window(xid)
        try:
            place = self._display.create_resource_object("window", xid).get_geometry()
            border = 2 * place.border_width
            window.x, window.y = place.x, place.y
            window.width, window.height = place.width + border, place.height + border
        except XError:
            return
        self._look_into(window)

    def _look_into(self, window: Window) -> None:
        """Ask the server what a newly mapped window is."""
        frame = self._display.create_resource_object("window", window.xid)
        try:
            attributes = frame.get_attributes()
            window.drawn = attributes.win_class == X.InputOutput
            window.override = bool(attributes.override_redirect)
            window.mapped = attributes.map_state == X.IsViewable
            client = frame if window.override else self._client_in(frame, _CLIENT_DEPTH) or frame
            client.change_attributes(event_mask=X.PropertyChangeMask)
        except XError:
            return
        window.client = client.id
        window.connection_pid = _connection_pid(self._display, client.id)
        self._by_client[client.id] = window
        self._read_properties(window)

    def _client_in(self, window: Any, depth: int) -> Any:
        if window.get_property(self._atom("WM_STATE"), X.AnyPropertyType, 0, 1) is not None:
            return window
        if depth == 0:
            return None
        for child in window.query_tree().children[:16]:
            found = self._client_in(child, depth - 1)
            if found is not None:
                return found
        return None

    def _read_properties(self, window: Window) -> None:
        client = self._display.create_resource_object("window", window.client)
        try:
            title = self._text(client, "_NET_WM_NAME") or self._text(client, "WM_NAME")
            window.title = printable(title)
            parts = self._text(client, "WM_CLASS").strip("\0").split("\0")
            window.app = printable(parts[-1]).lower()[:80]
            pids = self._numbers(client, "_NET_WM_PID")
            window.pid = pids[0] if pids else None
            states = self._numbers(client, "_NET_WM_STATE")
            window.fullscreen = self._atom("_NET_WM_STATE_FULLSCREEN") in states
            types = self._numbers(client, "_NET_WM_WINDOW_TYPE")
            window.desktop = self._atom("_NET_WM_WINDOW_TYPE_DESKTOP") in types
        except XError:
            return

    def _property(self, client: Any, name: str) -> Any:
        return client.get_property(self._atom(name), X.AnyPropertyType, 0, _MAX_PROPERTY_WORDS)

    def _text(self, client: Any, name: str) -> str:
        found = self._property(client, name)
        if found is None or found.format != 8:
            return ""
        raw = found.value if isinstance(found.value, bytes) else bytes(found.value)
        utf8 = found.property_type == self._atom("UTF8_STRING")
        return raw.decode("utf-8" if utf8 else "latin-1", errors="replace")

    def _numbers(self, client: Any, name: str) -> list[int]:
        found = self._property(client, name)
        return list(found.value) if found is not None and found.format == 32 else []

    def _atom(self, name: str) -> int:
        atom: int = self._display.intern_atom(name)
        return atom

    def _created(self, event: Any) -> Window | None:
        self._order_known = False
        border = 2 * event.border_width
        self._windows[event.window.id] = Window(
            event.window.id,
            *(event.x, event.y, event.width + border, event.height + border),
            override=bool(event.override),
        )
        return None

    def _mapped(self, event: Any) -> Window | None:
        window = self._windows.get(event.window.id)
        if window is None:
            return None
        window.mapped = True
        self._look_into(window)
        return window

    def _unmapped(self, event: Any) -> Window | None:
        window = self._windows.get(event.window.id)
        if window is not None:
            window.mapped = False
        return window

    def _configured(self, event: Any) -> Window | None:
        window = self._windows.get(event.window.id)
        if window is None:
            return None
        border = 2 * event.border_width
        self._order_known = False
        window.x, window.y = event.x, event.y
        window.width, window.height = event.width + border, event.height + border
        return window

    def _destroyed(self, event: Any) -> Window | None:
        self._order_known = False
        window = self._windows.pop(event.window.id, None)
        if window is None:
            return None
        self._by_client.pop(window.client, None)
        window.mapped = False
        return window

    def _reparented(self, event: Any) -> Window | None:
        self._order_known = False
        if event.parent == self._root:
            if event.window.id not in self._windows:
                self._discover(event.window.id)
            return self._windows.get(event.window.id)
        return self._destroyed(event)

    def _changed(self, event: Any) -> Window | None:
        window = self._by_client.get(event.window.id)
        if window is not None:
            self._read_properties(window)
        return window

    def _moved(self, event: Any) -> Window | None:
        self._order_known = False
        return self._windows.get(event.window.id)


_HANDLERS: dict[int, Any] = {
    X.CreateNotify: Table._created,
    X.MapNotify: Table._mapped,
    X.UnmapNotify: Table._unmapped,
    X.ConfigureNotify: Table._configured,
    X.GravityNotify: Table._moved,
    X.CirculateNotify: Table._moved,
    X.DestroyNotify: Table._destroyed,
    X.ReparentNotify: Table._reparented,
    X.PropertyNotify: Table._changed,
}


def _connection_pid(display: Any, xid: int) -> int:
    """Ask the X server which process made a window; no client can lie about it."""
    asked = [{"client": xid, "mask": res.LocalClientPIDMask}]
    try:
        known = display.res_query_client_ids(asked).ids
    except XError:
        return 0
    return int(known[0].value[0]) if known and known[0].value else 0
