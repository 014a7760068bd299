"""Our own JSON, as chat models wrap and break it."""

import json

import pytest

from riosim.accessibility import Box
from riosim.action import Back, Click, Drag, Finish, Point, Press, Scroll, TypeText
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import UnsayableError
from riosim.dialects.own_json import OwnJson
from riosim.styles.style import Mark

SCREEN = Screen(1280, 800)
PIXELS = OwnJson(Grid.pixels(SCREEN))
CLICK = Click(at=Point(x=3, y=4))
CLICK_SAID = '{"kind": "click", "at": {"x": 3, "y": 4}}'
MARKS = (
    Mark(1, Box(100, 40, 20, 10), "button", "Go"),
    Mark(7, Box(1270, 790, 100, 100), "button", "half off the screen"),
)


def read(said, dialect=PIXELS):
    return dialect.read(said)


def reason(said, dialect=PIXELS):
    (only,) = dialect.read(said).actions
    assert isinstance(only, InvalidOutput)
    return only.reason


@pytest.mark.parametrize(
    ("said", "thought"),
    [
        (CLICK_SAID, ""),
        (f"  \n{CLICK_SAID}\n", ""),
        (f"```json\n{CLICK_SAID}\n```", ""),
        (f"I see it.\n\n```json\n{CLICK_SAID}\n```\nDone.", "I see it.\nDone."),
        (f"Now I click {CLICK_SAID}.", "Now I click\n."),
        ('{"thought": "there", "kind": "click", "at": {"x": 3, "y": 4}}', "there"),
        (f'{{"thought": "there", "action": {CLICK_SAID}}}', "there"),
        (f'{{"thought": "there", "actions": [{CLICK_SAID}]}}', "there"),
        (f"[{CLICK_SAID}]", ""),
        (f'The page says {{"a": 1}} and {{x}}, so {CLICK_SAID}', "The page says\nand {x}, so"),
        ('{"kind": "click", "at": [3, 4], "button": null}', ""),
        (f"First {CLICK_SAID} – that is, {CLICK_SAID}", "First\n– that is,"),
    ],
)
def test_one_action_is_found_wherever_it_stands(said, thought):
    reading = read(said)
    assert reading.actions == (CLICK,)
    assert reading.thought == thought


def test_two_objects_are_two_actions_in_order():
    assert read(f'{CLICK_SAID} and then {{"kind": "back"}}').actions == (CLICK, Back())


def test_a_list_may_hold_the_same_action_twice():
    tab = '{"kind": "press", "key": "tab"}'
    assert read(f'{{"actions": [{tab}, {tab}]}}').actions == (Press(key="tab"),) * 2
    assert read(f"[{tab}, {tab}]").actions == (Press(key="tab"),) * 2


def test_what_is_wrong_stands_in_its_place_among_what_is_right():
    first, second, third = read(f'[{CLICK_SAID}, {{"kind": "fly"}}, {{"kind": "back"}}]').actions
    assert (first, third) == (CLICK, Back())
    assert isinstance(second, InvalidOutput)
    assert second.text == '{"kind": "fly"}'


def test_text_in_an_action_is_kept_to_the_letter():
    text = 'He said "{";\n\ttab, naïve 你好'
    said = json.dumps({"kind": "type_text", "text": text})
    assert read(said).actions == (TypeText(text=text),)
    raw = '{"kind": "type_text", "text": "two\nlines"}'
    assert read(raw).actions == (TypeText(text="two\nlines"),)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "empty"),
        ("I cannot see it.", "no JSON object"),
        ('{"kind": "click", "at": {"x": 3, "y": 4}', "cut off"),
        ('{"kind": "type_text", "text": "hel', "cut off"),
        ('{"kind": "click", "at": {"x": 3, "y": }}', "cannot be read"),
        ("{'kind': 'back'}", "double quotes"),
        ('{"kind": "fly"}', "fly"),
        ('{"thought": "hm"}', "no `kind`"),
        ('{"action": "click"}', "an object with a `kind`"),
        ('{"actions": []}', "an object with a `kind`"),
        ('{"kind": "click"}', "click.at"),
        ('{"kind": "click", "at": {"x": 3}}', "click.at.y"),
        ('{"kind": "click", "at": {"x": 1281, "y": 4}}', "x = 1281 lies off the screen"),
        ('{"kind": "click", "at": {"x": -1, "y": 4}}', "x = -1 lies off the screen"),
        ('{"kind": "click", "at": {"x": true, "y": 4}}', "not a number"),
        ('{"kind": "click", "at": {"x": "3", "y": 4}}', "not a number"),
        ('{"kind": "click", "at": {"x": 1e999, "y": 4}}', "off the screen"),
        ('{"kind": "click", "at": {"x": 3, "y": 4}, "count": true}', "count"),
        ('{"kind": "click", "at": {"x": 3, "y": 4}, "force": 1}', "force"),
        ('{"kind": "wait", "seconds": NaN}', "NaN"),
        ('{"kind": "back", "kind": "finish"}', "'kind' stands twice"),
        ('{"kind": "back", "a": ' + "[" * 60 + "]" * 60 + "}", "levels deep"),
        ('{"kind": "click", "mark": 1}', "No marks"),
    ],
)
def test_what_is_no_action_says_why(said, why):
    assert why in reason(said)


@pytest.mark.parametrize("said", [None, 3, b"{}", {"kind": "back"}, ["x"]])
def test_what_is_no_text_is_no_action(said):
    assert "no text" in reason(said)


def test_points_are_counted_in_the_grid():
    dialect = OwnJson(Grid.thousand(SCREEN))
    said = '{"kind": "drag", "start": {"x": 0, "y": 0}, "end": {"x": 1000, "y": 500}}'
    drag = Drag(start=Point(x=0, y=0), end=Point(x=1279, y=400))
    assert read(said, dialect).actions == (drag,)
    half = OwnJson(Grid.resized(SCREEN, Screen(640, 400)))
    assert half.write(CLICK) == '{"kind": "click", "at": {"x": 2, "y": 2}}'


def test_a_mark_is_the_middle_of_its_box():
    dialect = OwnJson(Grid.thousand(SCREEN), MARKS)
    assert read('{"kind": "click", "mark": 1}', dialect).actions == (Click(at=Point(x=110, y=45)),)
    assert read('{"kind": "scroll", "mark": 1, "at": null, "dy": 3}', dialect).actions == (
        Scroll(at=Point(x=110, y=45), dy=3),
    )
    said = '{"kind": "drag", "start_mark": 1, "end": {"x": 0, "y": 0}}'
    assert read(said, dialect).actions == (Drag(start=Point(x=110, y=45), end=Point(x=0, y=0)),)


def test_a_mark_that_sticks_out_is_clicked_on_the_screen():
    dialect = OwnJson(PIXELS.grid, MARKS)
    assert read('{"kind": "click", "mark": 7}', dialect).actions == (
        Click(at=Point(x=1274, y=794)),
    )


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        ("9", "There is no mark 9; there are 2."),
        ('"1"', "whole number"),
        ("true", "whole number"),
        ('1, "at": {"x": 1, "y": 1}', "Both `mark` and `at`"),
    ],
)
def test_a_mark_that_is_not_there_says_so(mark, why):
    said = f'{{"kind": "click", "mark": {mark}}}'
    assert why in reason(said, OwnJson(PIXELS.grid, MARKS))


def test_what_is_written_is_short_and_reads_back():
    assert PIXELS.write(CLICK) == CLICK_SAID
    assert PIXELS.write(Finish()) == '{"kind": "finish"}'
    assert read(PIXELS.write(Finish(answer="42"))).actions == (Finish(answer="42"),)


def test_a_point_off_the_screen_cannot_be_said():
    with pytest.raises(UnsayableError, match="own_json cannot say click: x = 1280"):
        PIXELS.write(Click(at=Point(x=1280, y=4)))
