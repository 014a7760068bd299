"""OSWorld's action objects in all their shapes."""
# ruff: noqa: E501  # one case a line: a table to be read

import json

import pytest

from riosim.action import (
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
    Refuse,
    Scroll,
    TypeText,
    Wait,
)
from riosim.agent import InvalidOutput
from riosim.dialects.computer_13 import Computer13
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import UnsayableError

SCREEN = Screen(1280, 800)
PIXELS = Computer13(Grid.pixels(SCREEN))
AT = Point(x=100, y=200)
TO = Point(x=300, y=50)
POINTED = Computer13(Grid.pixels(SCREEN), AT)


def said(action_type, **parameters):
    return {"action_type": action_type, "parameters": parameters}


def reason(answer, dialect=PIXELS):
    (only,) = dialect.read(answer).actions
    assert isinstance(only, InvalidOutput), only
    return only.reason


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (said("MOVE_TO", x=100, y=200), Move(at=AT)),
        (said("CLICK", x=100, y=200), Click(at=AT)),
        (said("CLICK", x=100.7, y=200.2, button="right"), Click(at=AT, button="right")),
        (said("CLICK", x=100, y=200, num_clicks=3), Click(at=AT, count=3)),
        (said("CLICK", x=100, y=200, click_type="MIDDLE"), Click(at=AT, button="middle")),
        (said("CLICK", x=100, y=200, click_type="WHEEL_UP", num_clicks=2), Scroll(at=AT, dy=-2)),
        (said("CLICK", x=100, y=200, button=None), Click(at=AT)),
        (said("RIGHT_CLICK", x=100, y=200), Click(at=AT, button="right")),
        (said("DOUBLE_CLICK", x=100, y=200), Click(at=AT, count=2)),
        (said("TYPING", text="a; b\nc"), TypeText(text="a; b\nc")),
        (said("PRESS", key="Enter"), Press(key="enter")),
        (said("PRESS", key="winleft"), Press(key="super")),
        (said("HOTKEY", keys=["ctrl", "shift", "t"]), Hotkey(keys=("ctrl", "shift", "t"))),
        (said("WAIT"), Wait(seconds=2)),
        (said("DONE"), Finish()),
        (said("FAIL"), Refuse()),
        ({"action_type": "CLICK", "x": 100, "y": 200}, Click(at=AT)),
        ({"action_type": "click", "x": 100, "y": 200}, Click(at=AT)),
        ({"action_type": "DONE"}, Finish()),
        ("DONE", Finish()),
        ("WAIT", Wait(seconds=2)),
        ('```json\n{"action_type": "PRESS", "parameters": {"key": "a"}}\n```', Press(key="a")),
        ("It is sent.\n```\nDONE\n```", Finish()),
        ([said("PRESS", key="a")], Press(key="a")),
        (["DONE"], Finish()),
        ([said("MOVE_TO", x=100, y=200), said("CLICK")], Click(at=AT)),
        ([said("MOVE_TO", x=100, y=200), said("DRAG_TO", x=300, y=50)], Drag(start=AT, end=TO)),
        ([said("MOVE_TO", x=100, y=200), said("SCROLL", dx=2, dy=-3)], Scroll(at=AT, dx=2, dy=3)),
        ([said("MOVE_TO", x=100, y=200), said("MOUSE_DOWN")], MouseDown(at=AT)),
        ([said("MOVE_TO", x=100, y=200), said("MOUSE_UP", button="right")], MouseUp(at=AT, button="right")),
        ([said("KEY_DOWN", key="ctrl"), said("PRESS", key="c"), said("KEY_UP", key="ctrl")], Hotkey(keys=("ctrl", "c"))),
        ([said("KEY_DOWN", key="ctrl"), said("CLICK", x=100, y=200), said("KEY_UP", key="ctrl")], Click(at=AT, modifiers=("ctrl",))),
    ],
)  # fmt: skip
def test_one_action(answer, expected):
    assert PIXELS.read(answer).actions == (expected,)


def test_positive_dy_scrolls_up():
    assert POINTED.read(said("SCROLL", dx=0, dy=5)).actions == (Scroll(at=AT, dy=-5),)
    assert POINTED.read(said("SCROLL", dy=-5)).actions == (Scroll(at=AT, dy=5),)


def test_what_has_no_place_acts_where_the_pointer_is():
    assert POINTED.read(said("CLICK")).actions == (Click(at=AT),)
    assert POINTED.read(said("DRAG_TO", x=300, y=50)).actions == (Drag(start=AT, end=TO),)


def test_text_holds_several_in_order_and_prose_is_the_thought():
    text = f"First this {json.dumps(said('PRESS', key='a'))} then {json.dumps(said('DONE'))}"
    reading = PIXELS.read(text)
    assert reading.actions == (Press(key="a"), Finish())
    assert reading.thought == "First this\nthen"


def test_what_is_wrong_stands_in_its_place():
    first, second, third = PIXELS.read([said("PRESS", key="a"), 7, said("DONE")]).actions
    assert (first, third) == (Press(key="a"), Finish())
    assert isinstance(second, InvalidOutput)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (said("FLY"), "'FLY' is no action_type. Known: MOVE_TO"),
        (said("MOVE_TO"), "It needs x and y."),
        (said("MOVE_TO", x=100), "It needs x and y."),
        (said("CLICK"), "No place is given"),
        (said("CLICK", x=100, y=9999), "y = 9999 lies off the screen"),
        (said("CLICK", x=True, y=1), "not a number"),
        (said("CLICK", x=100, y=200, button="fourth"), "click.button"),
        (said("CLICK", x=100, y=200, button=["left"]), "click.button"),
        (said("CLICK", x=100, y=200, num_clicks=4), "click.count"),
        (said("CLICK", x=100, y=200, num_clicks="2"), "click.count"),
        (said("CLICK", x=100, y=200, force=1), "CLICK has no parameter 'force'"),
        (said("SCROLL"), "SCROLL needs dx or dy"),
        (said("SCROLL", dy=1.5), "not a whole number"),
        (said("SCROLL", dy=float("nan")), "not a whole number"),
        (said("TYPING"), "text is 'None'"),
        (said("TYPING", text=3), "text is '3'"),
        (said("PRESS", key="nokey"), "No key is named 'nokey'"),
        (said("PRESS"), "A key is named by a text"),
        (said("HOTKEY", keys="ctrl"), "not a list"),
        (said("HOTKEY", keys=[]), "0 keys"),
        (said("WAIT", duration="long"), "wait.seconds"),
        (said("KEY_UP", key="a"), "was not pressed"),
        (said("KEY_DOWN", key="a"), "never released"),
        ({"action_type": "CLICK", "parameters": 3}, "no object"),
        ({"action_type": None}, "is no action_type"),
        ({}, "is no action_type"),
        ([], "no object with an `action_type`"),
        ("I do not know", "no object with an `action_type`"),
        ('{"action_type": "CLICK", "parameters": {"x": 1', "cut off"),
        (None, "no object with an `action_type`"),
    ],
)
def test_what_is_no_action_says_why(answer, why):
    assert why in reason(answer)


def test_a_circle_is_no_action():
    circle: dict[str, object] = {"action_type": "TYPING"}
    circle["parameters"] = circle
    assert "TYPING has no parameter" in reason(circle)


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        (Click(at=AT), said("CLICK", button="left", x=100, y=200, num_clicks=1)),
        (Scroll(at=AT, dy=3), [said("MOVE_TO", x=100, y=200), said("SCROLL", dx=0, dy=-3)]),
        (Drag(start=AT, end=TO), [said("MOVE_TO", x=100, y=200), said("DRAG_TO", x=300, y=50)]),
        (Press(key="super"), said("PRESS", key="winleft")),
        (Finish(), {"action_type": "DONE"}),
        (Refuse(), {"action_type": "FAIL"}),
    ],
)
def test_how_actions_are_written(action, answer):
    assert PIXELS.write(action) == answer


@pytest.mark.parametrize(
    "action", [Back(), Finish(answer="42"), Wait(seconds=1), Click(at=Point(x=1280, y=1))]
)
def test_what_it_cannot_say_is_refused(action):
    with pytest.raises(UnsayableError, match=f"computer_13 cannot say {action.kind}"):
        PIXELS.write(action)
