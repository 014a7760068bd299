"""What applications tell about their widgets becomes nodes."""

from typing import Any

import tree_worker
from atspi_bus import AtspiBus, Widget, assemble

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


def office(**boxes: tuple[int, int, int, int]) -> Node:
    """A window of LibreOffice: a bar of GTK's, a pane below it, a box of GTK's within the pane."""
    native = widget("/native", 39, "", widget("/entry", 79, "Font", states=SHOWN | 1 << 7))
    holder = widget("/holder", 39, "", native)
    tools = widget("/tools", 63, "Formatting", widget("/bold", 43, "Bold"), holder)
    folded = widget("/folded", 34, "", widget("/file2", 33, "File"))
    pane = widget("/pane", 46, "a.odt", folded, tools)
    bar = widget("/bar", 34, "", widget("/file", 33, "File"))
    window = widget("/w", 23, "a.odt", widget("/all", 39, "", bar, widget("/around", 39, "", pane)))
    places = {
        "/w": (0, 0, 800, 600), "/bar": (0, 23, 800, 25), "/file": (0, 23, 40, 25),
        "/around": (0, 48, 800, 552), "/pane": (0, 23, 800, 552), "/folded": (0, 23, 800, 0),
        "/file2": (0, 23, 35, 19), "/tools": (0, 23, 800, 40), "/bold": (4, 25, 30, 35),
        "/holder": (50, 27, 180, 30), "/native": (50, 52, 180, 30), "/entry": (50, 52, 150, 30),
    }  # fmt: skip
    return build(window, boxes={**places, **{f"/{name}": box for name, box in boxes.items()}})


def box_of(root: Node, name: str) -> tuple[int, int]:
    (node,) = find_nodes(root, name=name)
    assert node.box
    return node.box.x, node.box.y


def test_what_libreoffice_draws_itself_lies_below_its_menu_bar():
    root = office()
    assert box_of(root, "Bold") == (4, 50)
    assert box_of(root, "Formatting") == (0, 48)


def test_widgets_of_gtk_within_it_and_beside_it_stay_where_they_are():
    root = office()
    assert box_of(root, "Font") == (50, 52)
    assert box_of(root, "File") == (0, 23)  # the menu bar without a height is not told


def test_a_pane_that_fills_its_place_or_has_another_size_is_not_moved():
    assert box_of(office(pane=(0, 48, 800, 552)), "Bold") == (4, 25)
    assert box_of(office(pane=(0, 23, 700, 500)), "Bold") == (4, 25)


def test_an_application_goes_by_its_name_without_its_version():
    application = widget("/app", 75, "gimp-2.10", widget("/w", 23, "Picture"))
    root = Node.from_json(tree_worker.Builder(Bus({}, {}), 9).build([application]))
    assert [n.app for n in root.children] == ["gimp"]


def item(path: str, parent: str, index: int, count: int, role: int, name: str = "") -> list[Any]:
    """Return one widget as an application's cache tells it."""
    states = [SHOWN & 0xFFFFFFFF, SHOWN >> 32]
    return [("x", path), ("x", "/app"), ("x", parent), index, count, [], name, role, "", states]


def test_a_widget_that_has_lost_its_place_is_not_taken_from_the_cache():
    root = assemble(
        [
            item("/app", "", -1, 1, 75, "Thunderbird"),
            item("/frame", "/app", 0, 1, 28),
            item("/blank", "/frame", -1, -1, 95),
        ],
        ("x", "/app"),
    )
    assert root is not None
    (frame,) = root.children
    assert (frame.children, frame.child_count) == ([], 1)  # so what is there now is asked for


def test_a_table_that_makes_its_cells_on_demand_is_taken_from_the_cache():
    root = assemble([item("/app", "", -1, 1, 75), item("/table", "/app", 0, -1, 55)], ("x", "/app"))
    assert root is not None
    assert [child.ref for child in root.children] == [("x", "/table")]


def menu_of(*, states: int, item: int = 1 << 30) -> list[str]:
    """The items told of a menu as a cache holds it; GTK 2 says that they are visible, no more."""
    app = ("x", "/app")
    rows = [
        (("x", "/app"), app, ("", "/null"), 0, 1, [], "gimp", 75, "", [0, 0]),
        (("x", "/w"), app, ("x", "/app"), 0, 1, [], "W", 23, "", [SHOWN, 0]),
        (("x", "/m"), app, ("x", "/w"), 0, 2, [], "Layer", 33, "", [SHOWN | states, 0]),
        (("x", "/new"), app, ("x", "/m"), 0, 0, [], "New", 35, "", [item, 0]),
        (("x", "/off"), app, ("x", "/m"), 1, 0, [], "Folded away", 35, "", [item, 0]),
    ]
    root = assemble(rows, app)
    assert root
    nowhere = (-(2**31), -(2**31), 1, 1)
    tree = tree_worker.Builder(Bus({"/off": nowhere}, {}), 99).build([root])
    return [node.name for node in Node.from_json(tree).walk() if node.role == "menuitem"]


def test_the_items_of_an_open_menu_are_told_though_gtk_2_does_not_call_them_shown():
    assert menu_of(states=1 << 12) == ["New"]  # focused
    assert menu_of(states=1 << 23) == ["New"]  # selected


def test_the_items_of_a_closed_menu_and_invisible_ones_are_not():
    assert menu_of(states=0) == []
    assert menu_of(states=1 << 12, item=0) == []
