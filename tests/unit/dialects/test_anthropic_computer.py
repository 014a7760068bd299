"""Anthropic's computer-use tool, call by call; the shapes are those of its documentation."""

import pytest

from riosim.accessibility import Box
from riosim.action import (
    AskUser,
    Back,
    Click,
    Drag,
    Finish,
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
from riosim.dialects.anthropic_computer import ANTHROPIC_VERSIONS, AnthropicComputer
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import Dialect, UnsayableError
from riosim.dialects.look import Look
from riosim.errors import UsageError

SCREEN = Screen(1280, 800)
GRID = Grid.pixels(SCREEN)
HERE = Point(x=7, y=8)
OLDEST, SECOND, THIRD, TOOLSET = ANTHROPIC_VERSIONS
AT = Point(x=500, y=300)


def tool(version=THIRD, grid=GRID, pointer=HERE):
    return AnthropicComputer(grid, version, pointer)


@pytest.mark.parametrize(
    ("said", "actions"),
    [
        ({"action": "left_click", "coordinate": [500, 300]}, [Click(at=AT)]),
        ({"action": "right_click", "coordinate": [500, 300]}, [Click(at=AT, button="right")]),
        ({"action": "middle_click", "coordinate": [500, 300]}, [Click(at=AT, button="middle")]),
        ({"action": "double_click", "coordinate": [500, 300]}, [Click(at=AT, count=2)]),
        ({"action": "triple_click", "coordinate": [500, 300]}, [Click(at=AT, count=3)]),
        (
            {"action": "left_click", "coordinate": [500, 300], "text": "ctrl+shift"},
            [Click(at=AT, modifiers=("ctrl", "shift"))],
        ),
        (
            {"action": "left_click", "coordinate": [500, 300], "key": "cmd"},
            [Click(at=AT, modifiers=("super",))],
        ),
        ({"action": "left_click", "coordinate": [500, 300], "text": ""}, [Click(at=AT)]),
        ({"action": "left_click"}, [Click(at=HERE)]),
        ({"action": "mouse_move", "coordinate": [500, 300]}, [Move(at=AT)]),
        (
            {
                "action": "left_click_drag",
                "start_coordinate": [100, 100],
                "coordinate": [500, 300],
            },
            [Drag(start=Point(x=100, y=100), end=AT)],
        ),
        (
            {"action": "left_click_drag", "coordinate": [500, 300]},
            [Drag(start=HERE, end=AT)],
        ),
        ({"action": "left_mouse_down"}, [MouseDown(at=HERE)]),
        ({"action": "left_mouse_up", "coordinate": [500, 300]}, [MouseUp(at=AT)]),
        (
            {
                "action": "scroll",
                "coordinate": [500, 300],
                "scroll_direction": "down",
                "scroll_amount": 3,
            },
            [Scroll(at=AT, dy=3)],
        ),
        (
            {"action": "scroll", "scroll_direction": "left", "scroll_amount": 2},
            [Scroll(at=HERE, dx=-2)],
        ),
        ({"action": "type", "text": "naïve\n"}, [TypeText(text="naïve\n")]),
        ({"action": "key", "text": "Return"}, [Press(key="enter")]),
        ({"action": "key", "text": "ctrl+s"}, [Hotkey(keys=("ctrl", "s"))]),
        ({"action": "key", "text": "ctrl+plus"}, [Hotkey(keys=("ctrl", "+"))]),
        (
            {"action": "key", "text": "Down Down ctrl+a Delete"},
            [Press(key="down", count=2), Hotkey(keys=("ctrl", "a")), Press(key="delete")],
        ),
        (
            {"action": "hold_key", "text": "shift+Tab", "duration": 2},
            [Hotkey(keys=("shift", "tab"))],
        ),
        ({"action": "wait", "duration": 1.5}, [Wait(seconds=1.5)]),
        ({"action": "screenshot"}, [Wait(seconds=0)]),
        ({"action": "cursor_position"}, [Wait(seconds=0)]),
        ({"action": "zoom", "region": [0, 0, 640, 400]}, [Wait(seconds=0)]),
    ],
)
def test_a_call_is_an_action(said, actions):
    assert tool().read(said).actions == tuple(actions)


@pytest.mark.parametrize(
    ("said", "actions"),
    [
        ({"name": "left_click", "input": {"coordinate": [500, 300]}}, [Click(at=AT)]),
        ({"name": "left_click", "input": {}}, [Click(at=HERE)]),
        ({"name": "key", "input": {"text": "Tab", "repeat": 3}}, [Press(key="tab", count=3)]),
        (
            {"name": "key", "input": {"text": "ctrl+z", "repeat": 2}},
            [Hotkey(keys=("ctrl", "z"))] * 2,
        ),
        ({"name": "left_mouse_down"}, [MouseDown(at=HERE)]),
        ({"name": "wait", "input": {"duration": 2}}, [Wait(seconds=2)]),
    ],
)
def test_a_call_of_the_toolset_has_its_action_for_a_name(said, actions):
    assert tool(TOOLSET).read(said).actions == tuple(actions)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"action": "explode"}, "no action 'explode'. Known: cursor_position, double_click"),
        ({"action": "left_click", "coordinate": [1281, 3]}, "coordinate: x = 1281 lies off"),
        ({"action": "left_click", "coordinate": [-1, 3]}, "coordinate: x = -1 lies off"),
        ({"action": "left_click", "coordinate": [1]}, "not [x, y]"),
        ({"action": "left_click", "coordinate": "500, 300"}, "not [x, y]"),
        ({"action": "left_click", "coordinate": [500, None]}, "y is 'None', not a number"),
        ({"action": "left_click", "coordinate": [5, 5], "text": "a"}, "'a' cannot be held"),
        ({"action": "mouse_move"}, "not [x, y]"),
        ({"action": "key"}, "not the name of a key"),
        ({"action": "key", "text": "hyperspace"}, "No key is named 'hyperspace'"),
        ({"action": "key", "text": "a " * 51}, "51 keys in one call"),
        ({"action": "key", "text": "a", "repeat": 0}, "repeat is '0'"),
        ({"action": "type"}, "text"),
        ({"action": "type", "text": "\x1b[2J"}, "control character"),
        ({"action": "wait", "duration": 61}, "seconds"),
        ({"action": "wait", "duration": "soon"}, "not a number of seconds"),
        ({"action": "scroll", "scroll_direction": "away", "scroll_amount": 1}, "scroll_direction"),
        ({"action": "scroll", "scroll_direction": ["up"], "scroll_amount": 1}, "scroll_direction"),
        ({"action": "scroll", "scroll_direction": "up", "scroll_amount": 51}, "0 to 50"),
        ({"action": "scroll", "scroll_direction": "up", "scroll_amount": True}, "0 to 50"),
        (
            {"action": "scroll", "scroll_direction": "up", "scroll_amount": 1, "text": "ctrl"},
            "held while scrolling",
        ),
        (
            {"action": "left_click_drag", "coordinate": [5, 5], "text": "shift"},
            "held while dragging",
        ),
        ({"action": "zoom", "region": [5, 5, 5, 9]}, "is empty"),
        ({"action": "zoom", "region": [5, 5, 9]}, "not [x0, y0, x1, y1]"),
        ({"action": "zoom", "region": [0, 0, 1281, 9]}, "lies off"),
        ({}, "no action 'None'"),
        ([], "an object, not a list"),
        (None, "an object, not a NoneType"),
    ],
)
def test_what_is_no_call_is_told_why(said, why):
    (found,) = tool().read(said).actions
    assert isinstance(found, InvalidOutput)
    assert why in found.reason
    assert tool().look(said) is None


@pytest.mark.parametrize("name", ["left_mouse_down", "scroll", "triple_click", "wait", "zoom"])
def test_an_older_version_has_fewer_actions(name):
    (found,) = tool(OLDEST).read({"action": name}).actions
    assert isinstance(found, InvalidOutput)
    assert f"no action '{name}'" in found.reason


def test_the_oldest_version_clicks_where_the_pointer_is():
    assert tool(OLDEST).write(Click(at=HERE)) == {"action": "left_click"}
    assert tool(OLDEST).read({"action": "left_click"}).actions == (Click(at=HERE),)
    with pytest.raises(UnsayableError, match=r"moved to \(500, 300\) first"):
        tool(OLDEST).write(Click(at=AT))
    with pytest.raises(UnsayableError, match="no triple_click"):
        tool(OLDEST).write(Click(at=HERE, count=3))


def test_without_a_known_pointer_a_coordinate_is_wanted():
    (found,) = tool(pointer=None).read({"action": "left_mouse_down"}).actions
    assert isinstance(found, InvalidOutput)
    assert "give a coordinate" in found.reason


def test_points_count_in_the_picture_that_was_sent():
    grid = Grid.resized(Screen(2560, 1600), SCREEN)
    read = tool(grid=grid).read({"action": "left_click", "coordinate": [500, 300]})
    assert read.actions == (Click(at=Point(x=1000, y=600)),)
    assert tool(grid=grid).write(Click(at=Point(x=1000, y=600))) == {
        "action": "left_click",
        "coordinate": [500, 300],
    }


def test_a_look_says_what_is_to_be_seen():
    grid = Grid.resized(Screen(2560, 1600), SCREEN)
    seen = AnthropicComputer(grid, TOOLSET)
    assert seen.look({"name": "screenshot", "input": {}}) == Look("screenshot")
    assert seen.look({"name": "cursor_position"}) == Look("cursor_position")
    whole = {"name": "zoom", "input": {"region": [0, 0, 1280, 800]}}
    assert seen.look(whole) == Look("zoom", Box(0, 0, 2560, 1600))
    part = {"name": "zoom", "input": {"region": [10, 20, 30, 50]}}
    assert seen.look(part) == Look("zoom", Box(20, 40, 40, 60))
    assert seen.look({"name": "left_click", "input": {"coordinate": [1, 1]}}) is None


@pytest.mark.parametrize(
    "action",
    [
        Back(),
        Finish(),
        AskUser(question="?"),
        Click(at=AT, button="right", count=2),
        Drag(start=AT, end=HERE, button="right"),
        Scroll(at=AT, dx=1, dy=1),
        MouseDown(at=AT),
        MouseUp(at=HERE, button="right"),
        Click(at=Point(x=1280, y=0)),
    ],
)
def test_what_the_tool_has_no_words_for_cannot_be_said(action):
    with pytest.raises(UnsayableError, match=f"cannot say {action.kind}"):
        tool(SECOND).write(action)


def test_an_unknown_version_is_a_mistake_of_the_caller():
    with pytest.raises(UsageError, match="Known: 20241022, 20250124, 20251124, 20260801"):
        AnthropicComputer(GRID, "20990101")


def test_it_is_a_dialect():
    assert isinstance(tool(), Dialect)
    assert tool().name == "anthropic_computer_20251124"
