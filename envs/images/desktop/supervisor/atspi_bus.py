"""Reading applications' widgets over the accessibility bus, in as few round trips as can be.

GTK hands out what it has cached in one message. What is in no cache (web pages, tables that make
their cells on demand) is asked for level by level, all widgets of a level at once, and of those
that are not shown nothing but that. So are LibreOffice, which with a spreadsheet open and asked for
its cache counts the sheet's cells and answers nobody for minutes, and Chromium, whose cache keeps
the page that was left. Each application is spoken to directly where it offers that, past the bus.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import dbus_client
import dbus_wire
from atspi_roles import (
    APPLICATION,
    FOCUSED,
    MANAGES_DESCENDANTS,
    MENU,
    SELECTED,
    SHOWING,
    VISIBLE,
    has,
)
from dbus_client import Call, Connection

ROOT_PATH = "/org/a11y/atspi/accessible/root"
_CACHE_PATH = "/org/a11y/atspi/cache"
_CACHE_LAYOUT = "a((so)(so)(so)iiassusau)"
_REGISTRY, _REGISTRY_PATH = "org.a11y.atspi.Registry", "/org/a11y/atspi/registry"
_RARE_EVENT = "window:lower"  # applications keep a cache only while somebody listens to events
ACCESSIBLE = "org.a11y.atspi.Accessible"
_APPLICATION = "org.a11y.atspi.Application"
COMPONENT = "org.a11y.atspi.Component"
TEXT = "org.a11y.atspi.Text"
VALUE = "org.a11y.atspi.Value"
_PROPERTIES_GET = "org.freedesktop.DBus.Properties.Get"
_NULL_PATH = "/org/a11y/atspi/null"
_BATCH_S = 1.5
_PEER_S = 0.2
_MAX_CHILDREN = 400
_MAX_LEVELS, _MAX_ASKED = 40, 4000  # of widgets that no cache held
_MAX_ROLES = 50_000
_UNCACHED = frozenset({"soffice", "Chromium"})  # applications that are never asked for their cache
_LARGE_CACHE, _MOSTLY_HIDDEN = 500, 4  # widgets; cached ones for each that is shown

Ref = tuple[str, str]
Box = tuple[int, int, int, int]


@dataclass(slots=True)
class Widget:
    """One widget, as its application tells."""

    ref: Ref
    role: int
    name: str
    states: int
    child_count: int
    children: list["Widget"] = field(default_factory=list)
    description: str = ""


_NOTHING: Mapping[Ref, Widget] = MappingProxyType({})


class AtspiBus:
    """The accessibility bus of a session, and the applications on it."""

    def __init__(self, session_bus: str, uid: int) -> None:
        """Connect.

        Raises:
            OSError: The session's bus or the accessibility bus cannot be reached.
        """
        self._uid = uid
        session = Connection(session_bus, _BATCH_S, uid)
        try:
            get_address = Call("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus.GetAddress")
            (address,) = session.one(get_address, _BATCH_S)
        finally:
            session.close()
        self._bus = Connection(address, _BATCH_S)
        self._peers: dict[str, Connection] = {}
        self._met: set[str] = set()
        self._tardy: set[str] = set()  # applications that kept this reading waiting once
        self._hoarders: set[str] = set()  # applications that are not asked for their cache
        self._roles: dict[Ref, int] = {}  # a widget never changes its role
        self.values_of([
            Call(_REGISTRY, _REGISTRY_PATH, f"{_REGISTRY}.RegisterEvent", "sass",
                 (_RARE_EVENT, (), "")),
        ])  # fmt: skip

    def close(self) -> None:
        """Close all connections."""
        for connection in (self._bus, *self._peers.values()):
            connection.close()

    def messages_of(self, calls: list[Call]) -> list[dbus_wire.Message | None]:
        """Make calls to any applications at once; None where no answer came in time.

        Who answers nothing is not asked again until the next reading: an application that is busy
        starting costs it one wait, not one for each level of its widgets.

        Raises:
            OSError: The bus itself is gone.
        """
        batches: dict[Connection, list[int]] = {}
        for number, call in enumerate(calls):
            if call.to in self._tardy:
                continue
            peer = self._peers.get(call.to)
            usable = peer is not None and not peer.failed
            batches.setdefault(peer if usable and peer else self._bus, []).append(number)
        for connection, numbers in batches.items():
            connection.begin([calls[number] for number in numbers])
        dbus_client.exchange(list(batches), _BATCH_S)
        if self._bus.failed:
            raise dbus_wire.DBusError("The accessibility bus is gone.")
        answers: list[dbus_wire.Message | None] = [None] * len(calls)
        for connection, numbers in batches.items():
            for number, answer in zip(numbers, connection.answers, strict=True):
                answers[number] = answer
        asked = {calls[number].to for numbers in batches.values() for number in numbers}
        heard = {call.to for call, answer in zip(calls, answers, strict=True) if answer is not None}
        self._tardy |= asked - heard - {_REGISTRY}
        return answers

    def values_of(self, calls: list[Call]) -> list[list[Any] | None]:
        """Like `messages_of`, with the values of each answer; None for an error, too."""
        return [dbus_client.values_in(message) for message in self.messages_of(calls)]

    def applications(self) -> list[Ref]:
        """Return the applications that are on the bus, and connect to new ones.

        Raises:
            OSError: The registry does not answer.
        """
        self._tardy.clear()
        call = Call(_REGISTRY, ROOT_PATH, f"{ACCESSIBLE}.GetChildren")
        (found,) = self._bus.one(call, _BATCH_S)
        refs = [(name, path) for name, path in found]
        names = {name for name, _ in refs}
        for gone in self._peers.keys() - names:
            self._peers.pop(gone).close()
        self._hoarders &= names
        self._met &= names
        self._meet([name for name in names if name not in self._peers])
        if len(self._roles) > _MAX_ROLES:
            self._roles.clear()
        return refs

    def _meet(self, names: list[str]) -> None:
        """Connect to applications directly, where they offer that."""
        calls = [
            Call(name, ROOT_PATH, f"{_APPLICATION}.GetApplicationBusAddress") for name in names
        ]
        for name, values in zip(names, self.values_of(calls), strict=True):
            if not values or not values[0]:
                continue
            try:
                self._peers[name] = Connection(values[0], _PEER_S, self._uid, peer=True)
            except OSError:
                continue

    def _greet(self, refs: list[Ref]) -> list[str]:
        """Find out by name who must not be asked for a cache; return who does not answer."""
        new = [ref for ref in refs if ref[0] not in self._met]
        calls = [Call(*ref, _PROPERTIES_GET, "ss", (ACCESSIBLE, "Name")) for ref in new]
        silent = []
        for (name, _), values in zip(new, self.values_of(calls), strict=True):
            if values is None:
                silent.append(name)
                continue
            self._met.add(name)
            if values[0] in _UNCACHED:
                self._hoarders.add(name)
        return silent

    def read_applications(self, refs: list[Ref]) -> tuple[list[Widget], list[str]]:
        """Return the tree of each application, and the bus names of those that do not answer."""
        silent = self._greet(refs)
        cached = [ref for ref in refs if ref[0] not in {*self._hoarders, *silent}]
        calls = [Call(name, _CACHE_PATH, "org.a11y.atspi.Cache.GetItems") for name, _ in cached]
        messages = dict(zip(cached, self.messages_of(calls), strict=True))
        silent += [ref[0] for ref, message in messages.items() if message is None]
        found = []
        for ref in refs:
            message = messages.get(ref)
            root = self._from_cache(ref, message) if message is not None else None
            if root is None and ref[0] not in silent:
                root = next(iter(self._describe([ref])), None)
            if root is not None:
                found.append(root)
        self._complete(found)
        return found, silent

    def _from_cache(self, ref: Ref, message: dbus_wire.Message) -> Widget | None:
        """Return an application as it was cached; None where there is no cache of use."""
        values = dbus_client.values_in(message)
        if not values or message.signature != _CACHE_LAYOUT:
            return None
        root = assemble(values[0], ref)
        if root is None or not root.children:
            return None
        size = len(values[0])
        if size > _LARGE_CACHE and len(_showing(root)) * _MOSTLY_HIDDEN < size:
            self._hoarders.add(ref[0])  # mostly hidden: it is quicker to ask for what is shown
        return root

    def _complete(self, roots: list[Widget]) -> None:
        """Ask for the children that no cache held, where they are few enough to be read.

        Each widget has one place: Chromium's bubbles are claimed by more than one parent.
        """
        left = _MAX_ASKED
        placed = {w.ref for root in roots for w in _showing(root)}
        for _level in range(_MAX_LEVELS):
            incomplete = [w for root in roots for w in _showing(root) if _lacks_children(w)]
            if not incomplete or left <= 0:
                return
            answers = self.values_of(
                [Call(*w.ref, f"{ACCESSIBLE}.GetChildren") for w in incomplete]
            )
            wanted: list[tuple[Widget, Ref]] = []
            for widget, values in zip(incomplete, answers, strict=True):
                placed.update(child.ref for child in widget.children)  # hidden ones, too
                refs = [(ref[0], ref[1]) for ref in values[0]] if values else []
                widget.child_count = len(widget.children)  # asked once only
                new = [ref for ref in dict.fromkeys(refs[:_MAX_CHILDREN]) if ref not in placed]
                wanted += [(widget, ref) for ref in new if ref[1] != _NULL_PATH]
                placed.update(new)
            wanted, left = wanted[:left], left - len(wanted[:left])
            above = {ref: widget for widget, ref in wanted}
            described = {w.ref: w for w in self._describe(list(above), above)}
            for widget, ref in wanted:
                if ref in described:
                    widget.children.append(described[ref])
            roots = [described[ref] for _, ref in wanted if ref in described]

    def _describe(self, refs: list[Ref], above: Mapping[Ref, Widget] = _NOTHING) -> list[Widget]:
        """Ask for widgets one by one, all at once; of hidden ones for nothing but that.

        ABOVE has the parents of those that have one.
        """
        answers = self.values_of([Call(*ref, f"{ACCESSIBLE}.GetState") for ref in refs])
        states = {
            ref: _states_below(above.get(ref), _bits(values[0]))
            for ref, values in zip(refs, answers, strict=True)
            if values
        }
        shown = [ref for ref in states if _is_shown(states[ref]) or ref[1] == ROOT_PATH]
        new = [ref for ref in shown if ref not in self._roles]
        calls = [Call(*ref, f"{ACCESSIBLE}.GetRole") for ref in new]
        for ref in shown:
            calls.append(Call(*ref, _PROPERTIES_GET, "ss", (ACCESSIBLE, "Name")))
            calls.append(Call(*ref, _PROPERTIES_GET, "ss", (ACCESSIBLE, "ChildCount")))
        answers = self.values_of(calls)
        for ref, values in zip(new, answers[: len(new)], strict=True):
            if values:
                self._roles[ref] = values[0]
        found = []
        for number, ref in enumerate(shown):
            named, count = answers[len(new) + number * 2 : len(new) + number * 2 + 2]
            if ref in self._roles:
                name, children = named[0] if named else "", count[0] if count else 0
                found.append(Widget(ref, self._roles[ref], name, states[ref], children))
        return found

    def boxes(self, widgets: list[Widget]) -> dict[Ref, Box]:
        """Return where widgets are on the screen."""
        asked = [w for w in widgets if w.role != APPLICATION]
        calls = [Call(*w.ref, f"{COMPONENT}.GetExtents", "u", (0,)) for w in asked]
        return {
            w.ref: (values[0][0], values[0][1], values[0][2], values[0][3])
            for w, values in zip(asked, self.values_of(calls), strict=True)
            if values and len(values[0]) == 4
        }

    def texts(self, widgets: list[Widget], most: int) -> dict[Ref, str]:
        """Return the beginning of the text in widgets that have one."""
        calls = [Call(*w.ref, _PROPERTIES_GET, "ss", (TEXT, "CharacterCount")) for w in widgets]
        asked = [
            (w.ref, min(values[0], most))
            for w, values in zip(widgets, self.values_of(calls), strict=True)
            if values and values[0] > 0
        ]
        calls = [Call(*ref, f"{TEXT}.GetText", "ii", (0, count)) for ref, count in asked]
        return {
            ref: values[0]
            for (ref, _), values in zip(asked, self.values_of(calls), strict=True)
            if values
        }

    def numbers(self, widgets: list[Widget]) -> dict[Ref, float]:
        """Return the values of sliders and their like."""
        calls = [Call(*w.ref, _PROPERTIES_GET, "ss", (VALUE, "CurrentValue")) for w in widgets]
        return {
            w.ref: values[0]
            for w, values in zip(widgets, self.values_of(calls), strict=True)
            if values
        }


def assemble(items: list[Any], root: Ref) -> Widget | None:
    """Put the cached widgets of one application together."""
    widgets: dict[Ref, Widget] = {}
    placed: list[tuple[int, Ref, Widget]] = []
    for ref, _app, parent, index, count, _interfaces, name, role, description, states in items:
        if index < 0 and count < 0:
            continue  # it has lost its place: Thunderbird's first, empty document of a mail
        widget = Widget(ref, role, name, _bits(states), count, description=description)
        widgets[ref] = widget
        placed.append((index, parent, widget))
    placed.sort(key=lambda place: place[0])
    for _, parent, widget in placed:
        above = widgets.get(parent)
        if above is not None and widget.ref != root:
            above.children.append(widget)
            widget.states = _states_below(above, widget.states)
    return widgets.get(root)


def _states_below(above: Widget | None, states: int) -> int:
    """Return the states of a widget; in a menu that is open, what is visible shows.

    GTK 2 does not say so. What an open menu does not show has no place on the screen either.
    """
    is_open = (
        above is not None
        and above.role == MENU
        and (has(above.states, FOCUSED) or has(above.states, SELECTED))
    )
    return states | 1 << SHOWING if is_open and has(states, VISIBLE) else states


def _bits(states: list[int]) -> int:
    return states[0] | states[1] << 32 if len(states) > 1 else 0


def _is_shown(states: int) -> bool:
    return has(states, SHOWING) and has(states, VISIBLE)


def is_hidden(widget: Widget) -> bool:
    """Whether the widget says that it is not shown; applications say nothing of the sort."""
    return widget.role != APPLICATION and not _is_shown(widget.states)


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
