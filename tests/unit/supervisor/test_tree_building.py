"""What applications tell about their widgets becomes nodes."""

from typing import Any

import tree_worker
from atspi_bus import AtspiBus, Widget

from riosim.accessibility import Node, find_nodes

SHOWN = 1 << 25 | 1 << 30 | 1 << 8 | 1 << 24


class Bus(AtspiBus):
    """Answers from tables: boxes and texts by path."""

    def __init__(self, boxes: dict[str, tuple[int, ...]], texts: dict[str, str]) -> None:
        self._boxes, self._texts = boxes, texts

    def values_of(self, calls: list[Any]) -> list[list[Any] | None]:
        return [self._value(call) for call in calls]

    def _value(self, call: Any) -> list[Any] | None:
        if call.member.endswith("GetExtents"):
            return [self._boxes.get(call.path, (1, 1, 10, 10))]
        text = self._texts.get(call.path)
        if text is None:
            return None
        if call.member.endswith("GetText"):
            start, end = call.arguments
            return [text[start:end]]
        return [len(text)]


def widget(path: str, role: int, name: str = "", *children: Widget, states: int = SHOWN) -> Widget:
    return Widget(("x", path), role, name, states, len(children), list(children))


def build(*windows: Widget, max_nodes: int = 100, **tables: Any) -> Node:
    application = widget("/app", 75, "Notes", *windows)
    bus = Bus(tables.get("boxes", {}), tables.get("texts", {}))
    builder = tree_worker.Builder(bus, max_nodes)
    return Node.from_json(builder.build([application]))


def test_containers_without_a_name_vanish_and_windows_say_whose_they_are():
    panel = widget("/p", 39, "", widget("/b", 43, "OK"))
    root = build(widget("/w", 23, "Letter", panel))
    (window,) = root.children
    assert (window.role, window.name, window.app) == ("window", "Letter", "notes")
    assert [(n.role, n.name) for n in window.children] == [("button", "OK")]
    assert find_nodes(root, role="button", app="notes")


def test_what_is_hidden_or_has_no_size_is_left_out():
    hidden = widget("/h", 43, "Hidden", states=1 << 30)
    empty = widget("/e", 43, "Empty")
    root = build(widget("/w", 23, "W", hidden, empty), boxes={"/e": (5, 5, 0, 0)})
    assert [n.name for n in root.walk()] == ["Desktop", "W"]


def test_text_is_the_value_of_boxes_and_terminals_and_is_capped():
    box = widget("/t", 61, "", states=SHOWN | 1 << 7)
    terminal = widget("/v", 60, "Terminal")
    texts = {"/t": "x" * 5000, "/v": "$ ls\n\n\n"}
    nodes = {n.role: n for n in build(widget("/w", 23, "W", box, terminal), texts=texts).walk()}
    assert len(nodes["textbox"].value) == 4000
    assert nodes["textbox"].states == ("editable",)
    assert nodes["terminal"].value == "$ ls"


def test_the_active_window_comes_first_and_the_limit_holds():
    other = widget("/a", 23, "Other", *(widget(f"/a{n}", 43, f"B{n}") for n in range(5)))
    active = widget("/b", 23, "Active", widget("/b1", 43, "Yes"), states=SHOWN | 2)
    root = build(other, active, max_nodes=4)
    assert [n.name for n in root.walk()] == ["Desktop", "Active", "Yes", "Other", "B0"]


def test_the_two_halves_of_a_cell_are_one():
    cell = widget("/c", 56, "", widget("/i", 56), widget("/n", 56, "Report.txt"))
    root = build(widget("/w", 23, "W", widget("/t", 55, "", cell)))
    assert [(n.role, n.name) for n in root.walk()][2:] == [("table", ""), ("cell", "Report.txt")]


def test_a_switched_off_button_says_so_and_a_pressed_one_is_checked():
    off = widget("/o", 43, "Off", states=1 << 25 | 1 << 30)
    pressed = widget("/p", 62, "Bold", states=SHOWN | 1 << 20)
    nodes = {n.name: n for n in build(widget("/w", 23, "W", off, pressed)).walk()}
    assert nodes["Off"].states == ("disabled",)
    assert nodes["Bold"].states == ("checked",)
