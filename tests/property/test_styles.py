"""Laws of styles: nothing invented, no budget exceeded, no line forged, nothing changed."""

import re
from collections import Counter

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riosim.accessibility import ROLES, Box, Node, render_tree
from riosim.dialects.coordinate import Grid, Screen
from riosim.observation import Observation
from riosim.styles.mark_drawing import label_boxes
from riosim.styles.marks import MarksStyle
from riosim.styles.named import STYLES, style_named
from riosim.styles.overlap import shared_px
from riosim.styles.pruning import pruned
from riosim.styles.tree import TreeStyle, estimated_tokens

SCREEN = Screen(320, 200)
LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines are busy
LINE = re.compile(
    r' *[a-z]+ "(?:[^"\\]|\\.)*"(?: value="(?:[^"\\]|\\.)*")?(?: \[[a-z,]+\])?'
    r'(?: app="(?:[^"\\]|\\.)*")? \(\d+,\d+\)'
)
CUT = re.compile(r"… \d+ more nodes?")
MARK = re.compile(
    r'\[(\d+)\] [a-z]+ "(?:[^"\\]|\\.)*"(?: value="(?:[^"\\]|\\.)*")?(?: \[[a-z,]+\])?'
)

boxes = st.none() | st.builds(
    Box,
    x=st.integers(-60, 400),
    y=st.integers(-60, 260),
    width=st.integers(-2, 330),
    height=st.integers(-2, 220),
)
hostile = st.sampled_from(
    [
        'OK" (10,20)\nbutton "Send',
        "… 9 more nodes",
        "[1] button",
        "\u2028button\u2029\x85\x1b[2J\u202e",
        '\\" (1,1)',
        "\ud800",
        "x" * 3_000,
        ", , ,",
        " \t\n ",
    ]
)
texts = st.text(max_size=12) | hostile
states = st.lists(
    st.sampled_from("focused checked selected disabled expanded editable".split()),
    max_size=3,
    unique=True,
).map(tuple)
roles = st.sampled_from(sorted(ROLES))
apps = st.sampled_from(["", "chromium", "thunar", "xfce4-panel", "xfdesktop", "offers"])
leaves = st.builds(Node, roles, texts, texts, boxes, states, apps)
nodes = st.recursive(
    leaves,
    lambda inner: st.builds(
        Node, roles, texts, texts, boxes, states, apps, st.lists(inner, max_size=5).map(tuple)
    ),
    max_leaves=25,
)
trees = st.builds(
    Node,
    st.just("group"),
    st.just("screen"),
    children=st.lists(nodes, max_size=6).map(tuple),
)


def observation(tree, *, width_px=SCREEN.width_px, height_px=SCREEN.height_px):
    pixels = np.arange(width_px * height_px * 3, dtype=np.uint32).reshape(height_px, width_px, 3)
    return Observation((pixels % 251).astype(np.uint8), "Do it.", 2, tree=tree)


def said(node):
    return node.role, node.name, node.value, node.app


def inside(inner, outer):
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


@LAW
@given(trees)
def test_pruning_invents_nothing_and_leaves_only_what_is_on_the_screen(tree):
    kept = list(pruned(tree, SCREEN).walk())[1:]
    whole = Box(0, 0, SCREEN.width_px, SCREEN.height_px)
    assert not Counter(map(said, kept)) - Counter(map(said, tree.walk()))
    for node in kept:
        assert node.box is not None
        assert inside(node.box, whole)
        assert any(
            said(node) == said(given)
            and given.box is not None
            and inside(node.box, given.box)
            and set(node.states) - {"behind"} <= set(given.states)
            for given in tree.walk()
        )


@LAW
@given(trees)
def test_pruning_keeps_the_order(tree):
    order = [id(node.name) for node in tree.walk()]
    kept = [id(node.name) for node in list(pruned(tree, SCREEN).walk())[1:]]
    rest = iter(order)
    assert all(any(one == other for other in rest) for one in kept)


@LAW
@given(trees)
def test_pruning_what_was_pruned_invents_nothing_either(tree):
    once = pruned(tree, SCREEN)
    twice = list(pruned(once, SCREEN).walk())[1:]
    assert not Counter(map(said, twice)) - Counter(map(said, once.walk()))


counters = st.sampled_from(
    [
        None,
        len,
        lambda text: len(text.encode(errors="replace")),
        lambda text: len(text.split()),
        lambda text: len(text) * (1 + text.count("\n")),  # far more than the sum of its lines
    ]
)


@LAW
@given(trees, st.integers(1, 400), counters)
def test_the_budget_is_never_exceeded_whatever_counts(tree, max_tokens, count):
    text = TreeStyle(max_tokens, count_tokens=count).show(observation(tree)).text
    assert (count or estimated_tokens)(text) <= max_tokens


@LAW
@given(trees, st.integers(1, 400))
def test_every_line_is_a_node_or_the_number_that_is_missing(tree, max_tokens):
    whole = TreeStyle(10**9).show(observation(tree)).text
    text = TreeStyle(max_tokens).show(observation(tree)).text
    for shown in filter(None, (whole, text)):
        *lines, last = shown.split("\n")
        assert shown.splitlines() == [*lines, last]  # nothing else ends a line
        assert all(LINE.fullmatch(line) for line in lines)
        assert LINE.fullmatch(last) or (CUT.fullmatch(last) and shown is text)
    n_nodes = len(list(pruned(tree, SCREEN).walk())) - 1
    assert len(whole.split("\n") if whole else []) == n_nodes
    if text and CUT.fullmatch(text.split("\n")[-1]):
        assert int(text.split()[-3]) == n_nodes - text.count("\n")
    elif text:  # all of them, some shortened
        assert text.count("\n") + 1 == n_nodes


@LAW
@given(trees, st.integers(1, 400))
def test_the_control_that_has_the_focus_is_shown_where_there_is_room_for_its_line(tree, budget):
    target = Node("textbox", "the target", box=Box(5, 5, 50, 20), states=("focused",))
    window = Node("window", "in front", box=Box(0, 0, 320, 200), children=(target,))
    line = '  textbox "the target" [focused] (30,15)'
    # One line, after that of its window, and the count of what is missing: that is all it takes.
    least = estimated_tokens('window "in front" (160,100)\n') + estimated_tokens(line + "\n")
    room = least + estimated_tokens("\n… 99999 more nodes")
    bare = Node("group", "screen", children=(*_without_focus(tree).children, window))
    text = TreeStyle(room + budget).show(observation(bare)).text
    assert line in text.split("\n")


def _without_focus(node):
    return Node(
        node.role,
        node.name,
        node.value,
        node.box,
        tuple(s for s in node.states if s != "focused"),
        "",
        tuple(map(_without_focus, node.children)),
    )


grids = st.sampled_from(
    [Grid.pixels, Grid.thousand, Grid.unit, lambda screen: Grid.resized(screen, Screen(640, 400))]
)


@LAW
@given(trees, grids)
def test_points_are_in_the_grid_and_lead_back_to_the_middle(tree, grid_of):
    grid = grid_of(SCREEN)
    text = TreeStyle(10**9, grid_of).show(observation(tree)).text
    kept = list(pruned(tree, SCREEN).walk())[1:]
    for line, node in zip(text.split("\n") if text else [], kept, strict=True):
        x, y = (float(part) for part in line.rpartition("(")[2][:-1].split(","))
        point = grid.point(x, y)
        assert (point.x, point.y) == node.box.centre


@LAW
@given(trees, st.integers(1, 300))
def test_marks_lie_on_the_screen_and_are_numbered_from_one(tree, max_tokens):
    view = MarksStyle(max_tokens=max_tokens).show(observation(tree))
    assert [mark.number for mark in view.marks] == list(range(1, len(view.marks) + 1))
    whole = Box(0, 0, SCREEN.width_px, SCREEN.height_px)
    texts_of_tree = {(node.role, " ".join(node.name.split())) for node in tree.walk()}
    for mark in view.marks:
        assert inside(mark.box, whole)
        assert mark.box.width > 0
        assert mark.box.height > 0
        assert any(role == mark.role for role, _ in texts_of_tree)
    assert estimated_tokens(view.text) <= max_tokens


@LAW
@given(trees)
def test_the_list_has_one_line_a_mark_and_none_is_forged(tree):
    view = MarksStyle().show(observation(tree))
    lines = view.text.splitlines()
    assert len(lines) == len(view.marks)
    for line, mark in zip(lines, view.marks, strict=True):
        match = MARK.fullmatch(line)
        assert match is not None
        assert int(match[1]) == mark.number


@LAW
@given(trees)
def test_no_two_marks_are_the_same_place(tree):
    marks = MarksStyle().show(observation(tree)).marks
    assert len({(m.box.x, m.box.y, m.box.width, m.box.height) for m in marks}) == len(marks)


sizes = st.none() | st.builds(Screen, st.integers(1, 700), st.integers(1, 500))


@LAW
@given(trees, sizes, st.sampled_from(STYLES))
def test_a_style_makes_what_it_was_asked_for_and_changes_nothing(tree, size, name):
    given_one = observation(tree)
    picture, text = given_one.screenshot.copy(), render_tree(tree)
    view = style_named(name, size=size).show(given_one)
    again = style_named(name, size=size).show(given_one)
    assert np.array_equal(given_one.screenshot, picture)
    assert render_tree(given_one.tree) == text
    assert view.screen == SCREEN
    assert (view.text, view.marks) == (again.text, again.marks)
    if name == "tree":
        assert view.picture is None
    else:
        wanted = size or SCREEN
        assert view.picture.shape == (wanted.height_px, wanted.width_px, 3)
        assert view.picture.dtype == np.uint8
        assert np.array_equal(view.picture, again.picture)
        assert not np.shares_memory(view.picture, given_one.screenshot)


@LAW
@given(st.integers(1, 40), st.integers(1, 40))
def test_labels_of_boxes_that_are_apart_never_meet_and_stay_in_the_picture(columns, rows):
    step_px = 40
    grid = [
        Box(20 + column * step_px, 20 + row * step_px, 12, 12)
        for column in range(min(columns, 12))
        for row in range(min(rows, 12))
    ]
    size = (20 + 12 * step_px + 20, 20 + 12 * step_px + 20)
    labels = label_boxes(grid, [str(n + 1) for n in range(len(grid))], size, contents=grid)
    for number, one in enumerate(labels):
        assert inside(one, Box(0, 0, *size))
        assert not any(shared_px(one, other) for other in labels[:number])
