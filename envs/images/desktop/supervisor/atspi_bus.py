"""Reading applications' widgets over the accessibility bus, in as few round trips as can be.

GTK, Chromium, LibreOffice and Mozilla hand out what they have cached in one message; what is not in
it (tables that make their cells on demand) is asked for level by level, all widgets of one at once.
"""

from dataclasses import dataclass, field
from typing import Any

import dbus_client
from atspi_roles import MANAGES_DESCENDANTS, has
from dbus_client import Call

ROOT_PATH = "/org/a11y/atspi/accessible/root"
_CACHE_PATH = "/org/a11y/atspi/cache"
_REGISTRY, _REGISTRY_PATH = "org.a11y.atspi.Registry", "/org/a11y/atspi/registry"
_RARE_EVENT = "window:lower"  # applications keep a cache only while somebody listens to events
ACCESSIBLE = "org.a11y.atspi.Accessible"
COMPONENT = "org.a11y.atspi.Component"
TEXT = "org.a11y.atspi.Text"
VALUE = "org.a11y.atspi.Value"
_PROPERTIES_GET = "org.freedesktop.DBus.Properties.Get"
_NULL_PATH = "/org/a11y/atspi/null"
_BATCH_S = 0.7
_MAX_CHILDREN = 400
_MAX_LEVELS, _MAX_ASKED = 40, 4000  # of widgets that no cache held

Ref = tuple[str, str]


@dataclass(slots=True)
class Widget:
    """One widget, as its application tells."""

    ref: Ref
    role: int
    name: str
    states: int
    interfaces: frozenset[str]
    child_count: int
    children: list["Widget"] = field(default_factory=list)
    description: str = ""


def connect(session_bus: str, uid: int) -> dbus_client.Connection:
    """Connect to the accessibility bus of a session.

    Raises:
        OSError: One of the two buses cannot be reached.
    """
    bus = dbus_client.Connection(session_bus, _BATCH_S, uid)
    try:
        (address,) = bus.one(
            Call("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus.GetAddress"), _BATCH_S
        )
    finally:
        bus.close()
    connection = dbus_client.Connection(address, _BATCH_S)
    listen = Call(
        _REGISTRY, _REGISTRY_PATH, f"{_REGISTRY}.RegisterEvent", "sass", (_RARE_EVENT, (), "")
    )
    connection.many([listen], _BATCH_S)
    return connection


def applications(bus: dbus_client.Connection) -> list[Ref]:
    """Return the applications that are on the bus."""
    (found,) = bus.one(Call(_REGISTRY, ROOT_PATH, f"{ACCESSIBLE}.GetChildren"), _BATCH_S)
    return [(name, path) for name, path in found]


def read_applications(
    bus: dbus_client.Connection, refs: list[Ref]
) -> tuple[list[Widget], list[str]]:
    """Return the tree of each application, and the bus names of those that do not answer."""
    calls = [Call(name, _CACHE_PATH, "org.a11y.atspi.Cache.GetItems") for name, _ in refs]
    found, silent = [], []
    for ref, message in zip(refs, bus.many(calls, _BATCH_S), strict=True):
        if message is None:
            silent.append(ref[0])
            continue
        values = dbus_client.values_in(message)
        well_formed = message.signature == "a((so)(so)(so)iiassusau)"
        root = _assemble(values[0], ref) if values and well_formed else None
        if root is None or not root.children:
            described = _describe(bus, [ref])
            if described:
                root = described[0]
        if root is not None:
            found.append(root)
    _complete(bus, found)
    return found, silent


def _assemble(items: list[Any], root: Ref) -> Widget | None:
    """Put the cached widgets of one application together."""
    widgets: dict[Ref, Widget] = {}
    placed: list[tuple[int, Ref, Widget]] = []
    for ref, _app, parent, index, count, interfaces, name, role, description, states in items:
        widget = Widget(
            ref, role, name, _bits(states), frozenset(interfaces), count, description=description
        )
        widgets[ref] = widget
        placed.append((index, parent, widget))
    placed.sort(key=lambda place: place[0])
    for _, parent, widget in placed:
        above = widgets.get(parent)
        if above is not None and widget.ref != root:
            above.children.append(widget)
    return widgets.get(root)


def _bits(states: list[int]) -> int:
    return states[0] | states[1] << 32 if len(states) > 1 else 0


def _complete(bus: dbus_client.Connection, roots: list[Widget]) -> None:
    """Ask for the children that were not in the caches, where they are few enough to be read."""
    left = _MAX_ASKED
    for _level in range(_MAX_LEVELS):
        incomplete = [w for root in roots for w in _showing(root) if _lacks_children(w)]
        if not incomplete:
            return
        calls = [Call(*w.ref, f"{ACCESSIBLE}.GetChildren") for w in incomplete]
        answers = bus.values_of(calls, _BATCH_S)
        wanted: list[tuple[Widget, Ref]] = []
        for widget, values in zip(incomplete, answers, strict=True):
            known = {child.ref for child in widget.children}
            refs = [tuple(ref) for ref in values[0]] if values else []
            widget.child_count = len(widget.children)  # asked once only
            wanted += [
                (widget, ref)
                for ref in refs[:_MAX_CHILDREN]
                if ref not in known and ref[1] != _NULL_PATH
            ]
        wanted, left = wanted[:left], left - len(wanted[:left])
        described = {w.ref: w for w in _describe(bus, [ref for _, ref in wanted])}
        for widget, ref in wanted:
            if ref in described:
                widget.children.append(described[ref])
        roots = [described[ref] for _, ref in wanted if ref in described]


def _lacks_children(widget: Widget) -> bool:
    if widget.child_count > _MAX_CHILDREN:
        return False
    if has(widget.states, MANAGES_DESCENDANTS) and not widget.children:
        return True
    return widget.child_count > len(widget.children)


def _showing(root: Widget) -> list[Widget]:
    """Return the widgets that may be on the screen, those below hidden ones left out."""
    found, stack = [], [root]
    while stack:
        widget = stack.pop()
        if is_hidden(widget):
            continue
        found.append(widget)
        stack.extend(widget.children)
    return found


def is_hidden(widget: Widget) -> bool:
    """Whether the widget says that it is not shown; applications say nothing of the sort."""
    return widget.role != 75 and not (has(widget.states, 25) and has(widget.states, 30))


def _describe(bus: dbus_client.Connection, refs: list[Ref]) -> list[Widget]:
    """Ask for widgets one by one, all at once."""
    calls = []
    for name, path in refs:
        calls += [
            Call(name, path, f"{ACCESSIBLE}.GetRole"),
            Call(name, path, f"{ACCESSIBLE}.GetState"),
            Call(name, path, f"{ACCESSIBLE}.GetInterfaces"),
            Call(name, path, _PROPERTIES_GET, "ss", (ACCESSIBLE, "Name")),
            Call(name, path, _PROPERTIES_GET, "ss", (ACCESSIBLE, "ChildCount")),
        ]
    answers = bus.values_of(calls, _BATCH_S)
    found = []
    for number, ref in enumerate(refs):
        role, states, interfaces, named, count = answers[number * 5 : number * 5 + 5]
        if role is None or states is None or interfaces is None:
            continue
        label, children = named[0] if named else "", count[0] if count else 0
        told = frozenset(interfaces[0])
        found.append(Widget(ref, role[0], label, _bits(states[0]), told, children))
    return found


def boxes(
    bus: dbus_client.Connection, widgets: list[Widget]
) -> dict[Ref, tuple[int, int, int, int]]:
    """Return where widgets are on the screen."""
    asked = [w for w in widgets if COMPONENT in w.interfaces]
    calls = [Call(*w.ref, f"{COMPONENT}.GetExtents", "u", (0,)) for w in asked]
    answers = bus.values_of(calls, _BATCH_S)
    return {
        w.ref: tuple(values[0])
        for w, values in zip(asked, answers, strict=True)
        if values is not None and len(values[0]) == 4
    }


def texts(bus: dbus_client.Connection, widgets: list[Widget], most: int) -> dict[Ref, str]:
    """Return the beginning of the text in widgets."""
    calls = [Call(*w.ref, _PROPERTIES_GET, "ss", (TEXT, "CharacterCount")) for w in widgets]
    counts = bus.values_of(calls, _BATCH_S)
    asked = [
        (w.ref, min(values[0], most))
        for w, values in zip(widgets, counts, strict=True)
        if values is not None and values[0] > 0
    ]
    calls = [Call(*ref, f"{TEXT}.GetText", "ii", (0, count)) for ref, count in asked]
    answers = bus.values_of(calls, _BATCH_S)
    return {
        ref: values[0]
        for (ref, _), values in zip(asked, answers, strict=True)
        if values is not None
    }


def numbers(bus: dbus_client.Connection, widgets: list[Widget]) -> dict[Ref, float]:
    """Return the values of sliders and their like."""
    calls = [Call(*w.ref, _PROPERTIES_GET, "ss", (VALUE, "CurrentValue")) for w in widgets]
    answers = bus.values_of(calls, _BATCH_S)
    return {w.ref: values[0] for w, values in zip(widgets, answers, strict=True) if values}
