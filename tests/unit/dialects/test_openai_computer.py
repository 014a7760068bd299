"""OpenAI's computer tool, action by action; the shapes are those of its documentation."""

import pytest

from riosim.action import (
    Back,
    Click,
    Drag,
    Finish,
    Goto,
    Hotkey,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Scroll,
    TypeText,
    Wait,
)
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import Dialect, UnsayableError
from riosim.dialects.look import Look
from riosim.dialects.openai_computer import OpenAIComputer

SCREEN = Screen(1280, 800)
TOOL = OpenAIComputer(Grid.pixels(SCREEN))
HALF = OpenAIComputer(Grid.resized(SCREEN, Screen(640, 400)))
AT = Point(x=405, y=157)
XY = {"x": 405, "y": 157}


def xy(*pairs):
    return [{"x": x, "y": y} for x, y in pairs]


@pytest.mark.parametrize(
    ("said", "actions"),
    [
        ({"type": "click", "button": "left", **XY}, [Click(at=AT)]),
        ({"type": "click", **XY}, [Click(at=AT)]),
        ({"type": "click", "button": "right", **XY}, [Click(at=AT, button="right")]),
        ({"type": "click", "button": "wheel", **XY}, [Click(at=AT, button="middle")]),
        ({"type": "click", "button": "back", **XY}, [Back()]),
        (
            {"type": "click", "button": "left", **XY, "keys": ["CTRL", "SHIFT"]},
            [Click(at=AT, modifiers=("ctrl", "shift"))],
        ),
        ({"type": "double_click", **XY, "keys": None}, [Click(at=AT, count=2)]),
        (
            {"type": "double_click", **XY, "keys": ["ALT"]},
            [Click(at=AT, count=2, modifiers=("alt",))],
        ),
        (
            {"type": "drag", "path": xy((100, 200), (200, 300))},
            [Drag(start=Point(x=100, y=200), end=Point(x=200, y=300))],
        ),
        (
            {"type": "drag", "path": xy((1, 2), (3, 4), (5, 6))},
            [
                MouseDown(at=Point(x=1, y=2)),
                Move(at=Point(x=3, y=4)),
                MouseUp(at=Point(x=5, y=6)),
            ],
        ),
        ({"type": "move", **XY}, [Move(at=AT)]),
        ({"type": "keypress", "keys": ["ENTER"]}, [Press(key="enter")]),
        ({"type": "keypress", "keys": ["ARROWLEFT"]}, [Press(key="left")]),
        ({"type": "keypress", "keys": ["CTRL", "A"]}, [Hotkey(keys=("ctrl", "a"))]),
        ({"type": "keypress", "keys": ["CTRL+L"]}, [Hotkey(keys=("ctrl", "l"))]),
        ({"type": "keypress", "keys": ["SHIFT", "A"]}, [Hotkey(keys=("shift", "A"))]),
        ({"type": "keypress", "keys": ["A"]}, [Press(key="A")]),
        ({"type": "scroll", **XY, "scroll_x": 0, "scroll_y": 300}, [Scroll(at=AT, dy=3)]),
        ({"type": "scroll", **XY, "scroll_x": -140, "scroll_y": 0}, [Scroll(at=AT, dx=-1)]),
        ({"type": "scroll", **XY, "scroll_x": 0, "scroll_y": -10}, [Scroll(at=AT, dy=-1)]),
        ({"type": "type", "text": "penguin"}, [TypeText(text="penguin")]),
        ({"type": "wait"}, [Wait(seconds=2)]),
        ({"type": "screenshot"}, [Wait(seconds=0)]),
    ],
)
def test_an_action_is_an_action(said, actions):
    assert TOOL.read(said).actions == tuple(actions)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"type": "fly"}, "no action 'fly'. Known: click, double_click"),
        ({"type": "click", "button": "forward", **XY}, "no button 'forward'"),
        ({"type": "click", "button": ["left"], **XY}, "no button"),
        ({"type": "click", "button": "left", "x": 1281, "y": 1}, "x = 1281 lies off the screen"),
        ({"type": "click", "button": "left", "x": 1}, "y is 'None', not a number"),
        ({"type": "click", **XY, "keys": ["B"]}, "'B' cannot be held"),
        ({"type": "click", **XY, "keys": "CTRL"}, "not a list of keys"),
        ({"type": "drag", "path": xy((1, 2))}, "two points or more"),
        ({"type": "drag", "path": [[1, 2], [3, 4]]}, "no point"),
        ({"type": "drag", "path": xy((1, 2), (1, 801))}, "y = 801 lies off"),
        ({"type": "drag", "path": xy((1, 2), (3, 4)), "keys": ["SHIFT"]}, "while dragging"),
        ({"type": "move", **XY, "keys": ["SHIFT"]}, "while moving"),
        ({"type": "scroll", **XY, "scroll_y": 100, "keys": ["CTRL"]}, "while scrolling"),
        ({"type": "scroll", **XY, "scroll_y": "down"}, "not a number of pixels"),
        ({"type": "scroll", **XY, "scroll_y": float("nan")}, "not a number of pixels"),
        ({"type": "scroll", **XY, "scroll_y": 5051}, "dy"),
        ({"type": "keypress", "keys": []}, "not a list of keys"),
        ({"type": "keypress", "keys": ["A", "B", "C", "D", "E", "F"]}, "6 keys"),
        ({"type": "keypress", "keys": [7]}, "named by a text"),
        ({"type": "type", "text": None}, "text"),
        ({}, "no action 'None'"),
        ("click", "an object, not a str"),
    ],
)
def test_what_is_no_action_is_told_why(said, why):
    (found,) = TOOL.read(said).actions
    assert isinstance(found, InvalidOutput)
    assert why in found.reason


def test_a_long_path_keeps_its_ends_and_points_in_even_distance():
    path = xy(*((n, n) for n in range(101)))
    actions = (
        OpenAIComputer(Grid.pixels(SCREEN), path_points=5)
        .read({"type": "drag", "path": path})
        .actions
    )
    assert [action.at.x for action in actions] == [0, 25, 50, 75, 100]
    assert [action.kind for action in actions] == ["mouse_down", *["move"] * 3, "mouse_up"]


def test_points_and_distances_count_in_the_picture_that_was_sent():
    said = {"type": "scroll", "x": 320, "y": 200, "scroll_x": 0, "scroll_y": 150}
    action = Scroll(at=Point(x=640, y=400), dy=3)
    assert HALF.read(said).actions == (action,)
    assert HALF.write(action) == said


def test_a_letter_of_a_chord_has_no_case():
    with pytest.raises(UnsayableError, match="no case"):
        TOOL.write(Hotkey(keys=("ctrl", "A")))
    assert TOOL.write(Hotkey(keys=("ctrl", "a"))) == {"type": "keypress", "keys": ["CTRL", "a"]}


@pytest.mark.parametrize(
    "action",
    [
        Finish(),
        Goto(url="https://home.test/"),
        Wait(seconds=1),
        Press(key="a", count=2),
        Click(at=AT, count=3),
        Click(at=AT, count=2, button="right"),
        Drag(start=AT, end=AT, button="right"),
        MouseDown(at=AT),
        MouseUp(at=AT),
        Move(at=Point(x=1280, y=1)),
    ],
)
def test_what_the_tool_has_no_words_for_cannot_be_said(action):
    with pytest.raises(UnsayableError, match=f"cannot say {action.kind}"):
        TOOL.write(action)


def test_only_a_screenshot_is_a_look():
    assert TOOL.look({"type": "screenshot"}) == Look("screenshot")
    assert TOOL.look({"type": "wait"}) is None
    assert TOOL.look(None) is None


def test_a_path_of_one_point_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="at least 2"):
        OpenAIComputer(Grid.pixels(SCREEN), path_points=1)


def test_it_is_a_dialect():
    assert isinstance(TOOL, Dialect)
