"""The process that walks the accessibility bus, so that a hung application hangs only it."""

import json
import os
import re
import signal
import socket
import struct
import sys
import time
from typing import Any

import atspi_bus
import atspi_places
from atspi_bus import AtspiBus, Box, Ref, Widget
from atspi_roles import (
    ACTIVE,
    APPLICATION,
    EDITABLE,
    ICONIFIED,
    PASSWORD,
    ROLE_WORDS,
    TERMINAL,
    has,
    state_words,
)

LENGTH = struct.Struct(">I")
_TEXT_CHARACTERS = 4000
_SHUN_S = 5.0
_OBJECT = "\ufffc"  # stands for an embedded widget in a text
_VALUED = frozenset({"textbox", "document", "terminal", "paragraph"})
_VERSION = re.compile(r"-\d+(\.\d+)*$")  # of an application's name: gimp-2.10
_NUMBERED = frozenset({"slider", "progressbar", "spinbutton"})


class TreeReader:
    """Keeps the connection, and remembers who did not answer."""

    def __init__(self) -> None:
        self._bus: AtspiBus | None = None
        self._shunned: dict[str, float] = {}

    def read(self, session_bus: str, uid: int, max_nodes: int, app: str) -> dict[str, Any]:
        """Return the tree as JSON.

        Raises:
            OSError: The accessibility bus cannot be reached.
        """
        for attempt in (1, 2):
            if self._bus is None:
                self._bus = AtspiBus(session_bus, uid)
            try:
                return self._read(self._bus, max_nodes, app)
            except OSError:  # a bus that went away; a new one may be there
                self._bus.close()
                self._bus = None
                if attempt == 2:
                    raise
        raise AssertionError

    def _read(self, bus: AtspiBus, max_nodes: int, app: str) -> dict[str, Any]:
        now = time.monotonic()
        self._shunned = {name: t for name, t in self._shunned.items() if now - t < _SHUN_S}
        refs = [ref for ref in bus.applications() if ref[0] not in self._shunned]
        roots, silent = bus.read_applications(refs)
        self._shunned |= dict.fromkeys(silent, now)
        roots = [root for root in roots if not app or root.name.casefold() == app.casefold()]
        return Builder(bus, max_nodes).build(roots)


class Builder:
    """Turns applications' widgets into nodes."""

    def __init__(self, bus: AtspiBus, max_nodes: int) -> None:
        self._bus, self._left = bus, max_nodes
        self._boxes: dict[Ref, Box] = {}
        self._values: dict[Ref, str] = {}

    def build(self, roots: list[Widget]) -> dict[str, Any]:
        """Return the root node: the desktop, its children the windows, the active one first."""
        windows = [
            (root.name, window)
            for root in roots
            for window in root.children
            if not atspi_bus.is_hidden(window) and not has(window.states, ICONIFIED)
        ]
        windows.sort(key=lambda item: not has(item[1].states, ACTIVE))
        told: list[Widget] = []
        for _, window in windows:
            self._collect(window, told)
        self._boxes = self._places(told, [window for _, window in windows])
        self._read_values([widget for widget in told if self._is_on_screen(widget)])
        children = []
        for app, window in windows:
            for node in self._nodes(window, is_window=True):
                node["app"] = _VERSION.sub("", app.lower())
                children.append(node)
        return {"role": "group", "name": "Desktop", "children": children}

    def _collect(self, widget: Widget, told: list[Widget]) -> None:
        """List the widgets that will be nodes, in reading order, up to the limit."""
        stack = [widget]
        while stack and self._left > 0:
            current = stack.pop()
            if atspi_bus.is_hidden(current):
                continue
            if current is widget or is_told(current):
                self._left -= 1
                told.append(current)
            stack.extend(reversed(current.children))
        self._told = {w.ref for w in told}

    def _places(self, told: list[Widget], windows: list[Widget]) -> dict[Ref, Box]:
        panes = [pane for window in windows for pane in atspi_places.drawn_panes(window)]
        asked = {widget.ref: widget for widget in told}
        for around, pane in panes:
            asked |= {w.ref: w for w in (around, *atspi_places.all_within(pane))}
        boxes = self._bus.boxes(list(asked.values()))
        for pane in panes:
            atspi_places.move_drawn(pane, boxes)
        return boxes

    def _is_on_screen(self, widget: Widget) -> bool:
        box = self._boxes.get(widget.ref)
        if box is None:
            return False
        x, y, width, height = box
        return width > 0 and height > 0 and x + width > 0 and y + height > 0

    def _is_folded(self, widget: Widget) -> bool:
        """Whether it is a menu bar without a height: another one stands for it."""
        return ROLE_WORDS.get(widget.role) == "menubar" and not self._is_on_screen(widget)

    def _read_values(self, widgets: list[Widget]) -> None:
        with_text = [
            w for w in widgets if ROLE_WORDS.get(w.role) in _VALUED or has(w.states, EDITABLE)
        ]
        for ref, text in self._bus.texts(with_text, _TEXT_CHARACTERS).items():
            self._values[ref] = text.replace(_OBJECT, "").rstrip()
        with_number = [
            w for w in widgets if ROLE_WORDS.get(w.role) in _NUMBERED and w.ref not in self._values
        ]
        for ref, number in self._bus.numbers(with_number).items():
            self._values[ref] = f"{number:g}"

    def _nodes(self, widget: Widget, *, is_window: bool = False) -> list[dict[str, Any]]:
        """Return the node of a widget, or its children's where it is a mere container."""
        if atspi_bus.is_hidden(widget) or self._is_folded(widget):
            return []
        children = [node for child in widget.children for node in self._nodes(child)]
        if widget.ref not in self._told or _only_wraps_a_cell(widget, children):
            return children
        visible = self._is_on_screen(widget)
        if not visible and not children:
            return []
        role = "window" if is_window else ROLE_WORDS.get(widget.role, "group")
        if is_window and widget.role in ROLE_WORDS:
            role = ROLE_WORDS[widget.role]
        node: dict[str, Any] = {"role": role, "name": label(widget)}
        value = self._values.get(widget.ref, "")
        if value and value != node["name"]:
            node["value"] = value
        if visible:
            node["box"] = list(self._boxes[widget.ref])
        states = state_words(widget.states, widget.role)
        if states:
            node["states"] = states
        if children:
            node["children"] = children
        return [node]


def label(widget: Widget) -> str:
    """Return what a widget is called; a button without a name by its description."""
    if widget.role in (TERMINAL, PASSWORD) or widget.name:
        return widget.name
    return widget.description if ROLE_WORDS.get(widget.role) == "button" else ""


def _only_wraps_a_cell(widget: Widget, children: list[dict[str, Any]]) -> bool:
    """Whether it is the nameless outer half of a cell: GTK draws icon and text in one each."""
    return (
        ROLE_WORDS.get(widget.role) == "cell"
        and not widget.name
        and len(children) == 1
        and children[0]["role"] == "cell"
    )


def is_told(widget: Widget) -> bool:
    """Whether a widget is a node of its own: it is not a nameless container, or a separator."""
    if widget.role == APPLICATION:
        return False
    if widget.role in ROLE_WORDS:
        bare = ROLE_WORDS[widget.role] in ("text", "cell") and not widget.children
        return bool(widget.name) or not bare
    return bool(widget.name) and not widget.children


def work(channel: socket.socket) -> None:
    """Answer requests until the supervisor is gone; never returns."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    reader = TreeReader()
    try:
        while data := channel.recv(65536):
            wanted = json.loads(data)
            try:
                tree = reader.read(wanted["bus"], wanted["uid"], wanted["max_nodes"], wanted["app"])
                answer: dict[str, Any] = {"tree": tree}
            except (
                OSError,
                LookupError,
                TypeError,
                ValueError,
                RecursionError,
                struct.error,
            ) as exc:
                answer = {"error": f"{type(exc).__name__}: {exc}"}
            raw = json.dumps(answer, separators=(",", ":")).encode()
            channel.sendall(LENGTH.pack(len(raw)) + raw)
    except OSError as exc:
        print(f"tree worker: {exc}", file=sys.stderr)
    finally:
        os._exit(0)
