"""Widgets that no cache holds are asked for level by level, each once."""

from typing import Any

import atspi_bus
import pytest
from atspi_bus import ROOT_PATH, AtspiBus, Widget
from dbus_client import Call

SHOWN = [1 << 25 | 1 << 30, 0]


class Bus(AtspiBus):
    """Answers from a table: the paths of each widget's children."""

    def __init__(self, children: dict[str, list[str]]) -> None:
        self._children, self._roles, self.asked = children, {}, 0

    def values_of(self, calls: list[Any]) -> list[list[Any] | None]:
        return [self._value(call) for call in calls]

    def _value(self, call: Any) -> list[Any]:
        self.asked += 1
        below = self._children.get(call.path, [])
        match call.member.rpartition(".")[2]:
            case "GetChildren":
                return [[("x", path) for path in below]]
            case "GetState":
                return [SHOWN]
            case "GetRole":
                return [39]
        return [call.path if call.arguments[1] == "Name" else len(below)]


def read(children: dict[str, list[str]]) -> tuple[list[str], Bus]:
    bus = Bus(children)
    root = Widget(("x", ROOT_PATH), 75, "Browser", 0, len(children[ROOT_PATH]))
    bus._complete([root])
    found, stack = [], [root]
    while stack:
        widget = stack.pop()
        found.append(widget.name)
        assert len(found) < 1000, "the tree has no end"
        stack.extend(reversed(widget.children))
    return found, bus


def test_a_widget_that_two_others_claim_is_there_once():
    names, _ = read({ROOT_PATH: ["/frame", "/bubble"], "/frame": ["/bubble"], "/bubble": ["/ok"]})
    assert names == ["Browser", "/frame", "/bubble", "/ok"]


def test_widgets_that_are_claimed_twice_on_every_level_do_not_multiply():
    levels = {f"/{n}{side}": [f"/{n + 1}a", f"/{n + 1}b"] for n in range(12) for side in "ab"}
    names, bus = read({ROOT_PATH: ["/0a", "/0b"], **levels})
    assert len(names) == 1 + 2 * 13
    assert bus.asked < 300


def test_a_widget_that_claims_one_above_it_does_not_begin_anew():
    names, _ = read({ROOT_PATH: ["/frame"], "/frame": ["/menu"], "/menu": ["/frame", ROOT_PATH]})
    assert names == ["Browser", "/frame", "/menu"]


class App(AtspiBus):
    """One application that is called as told; counts who is asked for a cache."""

    def __init__(self, name: str | None) -> None:
        self._name, self.caches_asked = name, 0
        self._met: set[str] = set()
        self._hoarders: set[str] = set()

    def values_of(self, calls: list[Any]) -> list[list[Any] | None]:
        return [None if self._name is None else [self._name] for _ in calls]

    def messages_of(self, calls: list[Any]) -> list[Any]:
        self.caches_asked += len(calls)
        return [None for _ in calls]

    def _describe(self, refs: list[Any], above: Any = None) -> list[Widget]:
        return [Widget(ref, 75, str(self._name), 0, 0) for ref in refs]


@pytest.mark.parametrize("name", ["soffice", "Chromium"])
def test_an_application_whose_cache_is_of_no_use_is_never_asked_for_it(name):
    app, other = App(name), App("mousepad")
    found, silent = app.read_applications([(":1.9", ROOT_PATH)])
    assert ([root.name for root in found], silent, app.caches_asked) == ([name], [], 0)
    other.read_applications([(":1.9", ROOT_PATH)])
    assert other.caches_asked == 1


def test_an_application_that_does_not_say_its_name_is_asked_for_nothing_more():
    hung = App(None)
    assert hung.read_applications([(":1.9", ROOT_PATH)]) == ([], [":1.9"])
    assert hung.caches_asked == 0


class Line:
    """A line to the bus on which some applications answer and others are silent."""

    failed = False

    def __init__(self, answering: set[str]) -> None:
        self._answering, self.asked = answering, []
        self.answers: list[Any] = []

    def begin(self, calls: list[Any]) -> None:
        self.asked += [call.to for call in calls]
        self.answers = [object() if call.to in self._answering else None for call in calls]


def bus_with(answering: set[str], monkeypatch: Any) -> tuple[AtspiBus, Line]:
    monkeypatch.setattr(atspi_bus.dbus_client, "exchange", lambda connections, timeout_s: None)
    bus, line = AtspiBus.__new__(AtspiBus), Line(answering)
    bus._bus, bus._peers, bus._tardy = line, {}, set()  # type: ignore[assignment]  # stands in for it
    return bus, line


def test_who_answers_nothing_is_waited_for_once(monkeypatch):
    bus, line = bus_with({":1.2"}, monkeypatch)
    calls = [Call(name, ROOT_PATH, "x.GetRole") for name in (":1.2", ":1.9", ":1.2")]
    for _ in range(3):
        assert [answer is not None for answer in bus.messages_of(calls)] == [True, False, True]
    assert line.asked.count(":1.9") == 1
    assert line.asked.count(":1.2") == 6
