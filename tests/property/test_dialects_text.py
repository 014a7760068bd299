"""Laws of the dialects that are text or JSON: nothing said raises, what is written reads back."""

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from riosim.accessibility import Box
from riosim.action import ACTION_TYPES, Click, Point
from riosim.agent import InvalidOutput
from riosim.dialects.browsergym import BrowserGym
from riosim.dialects.computer_13 import Computer13
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import Dialect, Reading, UnsayableError
from riosim.dialects.own_json import OwnJson
from riosim.dialects.pyautogui_code import PyautoguiCode
from riosim.styles.style import Mark
from tests.support.any_action import any_action, any_screen

SCREEN = Screen(1280, 800)
MARKS = (Mark(1, Box(5, 5, 10, 10), "button", "Go"), Mark(12, Box(50, 60, 99, 20), "textbox", "To"))
POINTER = Point(x=7, y=9)


def dialects(grid: Grid) -> list[Dialect[Any]]:
    return [
        OwnJson(grid),
        OwnJson(grid, MARKS),
        PyautoguiCode(grid),
        PyautoguiCode(grid, otherwise="run_python", pointer=POINTER),
        Computer13(grid),
        Computer13(grid, POINTER),
        BrowserGym(grid, MARKS),
    ]


NAMES = [f"{dialect.name}-{n}" for n, dialect in enumerate(dialects(Grid.pixels(SCREEN)))]
WORDS = (
    "{ } [ ] ( ) \" ' , : ; + = . \\ ``` ```json ```python \n \t # - 1 -5 0.5 1e999 true null"
    " None kind at x y mark thought action actions action_type parameters click CLICK DONE WAIT"
    " FAIL MOVE_TO SCROLL dx dy keys KEY_DOWN KEY_UP HOTKEY pyautogui. pyautogui.click( moveTo("
    " write( hotkey( press( keyDown( keyUp( 'ctrl' 'a' time.sleep( import for with while lambda f'"
    " fill( noop( goto( scroll( send_msg_to_user( '12' 'https://a.test/' **x *y button=\"left\""
).split(" ")
TEXTS = st.text() | st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=30).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(WORDS),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(WORDS) | st.text(), inner),
    max_leaves=12,
)
OBJECTS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from([kind.model_fields["kind"].default for kind in ACTION_TYPES]),
        "action_type": st.sampled_from(WORDS),
        "parameters": st.dictionaries(st.sampled_from(WORDS), JSON),
        "at": JSON,
        "start": JSON,
        "mark": JSON,
        "keys": JSON,
        "text": JSON,
        "action": JSON,
        "actions": JSON,
    },
)


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
@settings(deadline=None)  # the machine may be busy
@given(said=TEXTS | JSON | OBJECTS | OBJECTS.map(json.dumps) | st.lists(OBJECTS))
def test_whatever_is_said_is_read_as_something(number, said):
    reading = dialects(Grid.pixels(SCREEN))[number].read(said)
    assert isinstance(reading, Reading)
    for action in reading.actions:
        assert isinstance(action, (*ACTION_TYPES, InvalidOutput))
        if isinstance(action, InvalidOutput):
            assert action.reason
            assert len(action.text) <= 20_000


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
@settings(deadline=None)
@given(data=st.data(), screen=any_screen)
def test_what_is_written_reads_back(number, data, screen):
    unit = data.draw(st.booleans())
    dialect = dialects(Grid.unit(screen) if unit else Grid.pixels(screen))[number]
    action = data.draw(any_action(screen))
    try:
        said = dialect.write(action)
    except UnsayableError:
        assume(False)  # noqa: FBT003  # hypothesis' own word for "draw again"
        raise
    assert dialect.read(said).actions == (action,)


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
@settings(deadline=None)
@given(data=st.data())
def test_what_is_written_reads_back_near_where_it_was_on_a_coarser_grid(number, data):
    picture = data.draw(st.builds(Screen, st.integers(64, 1280), st.integers(40, 800)))
    dialect = dialects(Grid.resized(SCREEN, picture))[number]
    at = Point(x=data.draw(st.integers(0, 1279)), y=data.draw(st.integers(0, 799)))
    (click,) = dialect.read(dialect.write(Click(at=at))).actions
    assert isinstance(click, Click)
    assert abs(click.at.x - at.x) <= 1280 / picture.width_px
    assert abs(click.at.y - at.y) <= 800 / picture.height_px


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_each_is_a_dialect_with_a_name(number):
    dialect = dialects(Grid.pixels(SCREEN))[number]
    assert isinstance(dialect, Dialect)
    assert dialect.name
