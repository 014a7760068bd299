"""Laws of UI-TARS' grammar and Qwen's function: anything is read, what is written comes back."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from riosim.action import (
    ACTION_TYPES,
    Click,
    Drag,
    Finish,
    Hotkey,
    Move,
    Point,
    Scroll,
    TypeText,
)
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import Dialect, Reading
from riosim.dialects.qwen_vl import QWEN_VL_VERSIONS, QwenVL
from riosim.dialects.ui_tars import UI_TARS_VERSIONS, UiTars
from tests.support.any_action import ENDING, TABS, TYPING, pointing_on

SCREEN = Screen(640, 480)
GRIDS = [Grid.pixels(SCREEN), Grid.unit(SCREEN), Grid.thousand(SCREEN)]
OWN: list[UiTars | QwenVL] = [
    *(UiTars.for_screen(SCREEN, version, extras=True) for version in UI_TARS_VERSIONS),
    *(QwenVL.for_screen(SCREEN, version, extras=True) for version in QWEN_VL_VERSIONS),
]
FINE = [own for own in OWN if own.grid.width >= 640 and own.grid.height >= 480]
EXACT: list[Dialect[str]] = [
    *(UiTars(grid, version, extras=True) for grid in GRIDS for version in UI_TARS_VERSIONS),
    *(QwenVL(grid, extras=True) for grid in GRIDS),
    *(QwenVL(grid, extras=True, pixels_per_notch=120) for grid in GRIDS),
    *FINE,
]
LARGE = Screen(2_560, 1_600)
COARSE: list[UiTars | QwenVL] = [
    UiTars.for_screen(LARGE, "1.0"),
    UiTars.for_screen(LARGE, "1.5", max_pixels=1_000_000),
    QwenVL.for_screen(LARGE, "2.5", max_pixels=1_000_000),
    QwenVL.for_screen(LARGE, "3"),
]
ALL = st.sampled_from([*EXACT, *OWN, *COARSE])

ACTIONS = (pointing_on(SCREEN) | TYPING | TABS | ENDING).filter(
    lambda action: not (isinstance(action, Scroll) and action.dx and action.dy)
)


def test_some_of_the_versions_own_grids_are_finer_than_a_small_screen():
    assert {own.name for own in FINE} >= {"ui_tars-1.0", "ui_tars-doubao", "qwen_vl-3"}


@pytest.mark.parametrize("dialect", EXACT, ids=lambda dialect: f"{dialect.name} {dialect.grid}")
@given(action=ACTIONS)
@example(action=Hotkey(keys=("+", "a")))
@example(action=Hotkey(keys=("ctrl", "+", "+")))
@example(action=TypeText(text="')\nfinished()"))
@example(action=Finish(answer="\r\x00\x1f"))
def test_what_is_written_comes_back(dialect, action):
    assert dialect.read(dialect.write(action)).actions == (action,)


@given(dialect=st.sampled_from(COARSE), x=st.integers(0, 2_559), y=st.integers(0, 1_599))
def test_a_coarse_grid_comes_back_to_the_nearest_pixel_that_it_has(dialect, x, y):
    (read,) = dialect.read(dialect.write(Click(at=Point(x=x, y=y)))).actions
    assert abs(read.at.x - x) <= LARGE.width_px / dialect.grid.width
    assert abs(read.at.y - y) <= LARGE.height_px / dialect.grid.height
    assert dialect.write(read) == dialect.write(Click(at=Point(x=x, y=y)))


@given(actions=st.lists(ACTIONS, min_size=2, max_size=4))
def test_calls_in_a_row_come_back_in_a_row(actions):
    tars = EXACT[0]
    said = "\n\n".join(tars.write(action).removeprefix("Action: ") for action in actions)
    assert tars.read(f"Action: {said}").actions == tuple(actions)
    qwen = QwenVL(GRIDS[0], extras=True)
    wanted = [action for action in actions if not isinstance(action, Drag | Move)]
    if wanted:
        assert qwen.read("\n".join(map(qwen.write, wanted))).actions == tuple(wanted)


PIECES = st.sampled_from(
    [
        *"Thought: Action: click( type( content=' start_box= ( ) '( ') \" , ' # ; ,".split(),
        *"<point> </point> <|box_start|> <think> </think> ``` = 1 -5 1e999 NaN finished()".split(),
        *"wait() hotkey(key='ctrl scroll(direction='up') long_press( \\ \\n \\u12".split(),
        *'{"name":"computer_use","arguments":{"action": "left_click" "coordinate" [1,2] }}'.split(),
        *('{"action":"key","keys":["a"]}', "<tool_call>", "</tool_call>"),
        *("\n", "\n\n", "\nAction:", " "),
    ]
)
SAID = st.lists(PIECES | st.text(max_size=4), max_size=30).map("".join) | st.text()


@given(dialect=ALL, said=SAID)
def test_whatever_is_said_is_read(dialect, said):
    reading = dialect.read(said)
    assert isinstance(reading, Reading)
    assert isinstance(reading.thought, str)
    for action in reading.actions:
        assert isinstance(action, (*ACTION_TYPES, InvalidOutput))
        if isinstance(action, InvalidOutput):
            assert action.reason
            assert len(action.text) <= 20_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=6,
)
NUMBERS = st.integers(-5, 1300) | st.sampled_from([1e309, float("nan"), 10**400, 0.5])
ARGUMENTS = st.dictionaries(
    st.sampled_from(
        "action coordinate text keys pixels time status url index count button modifiers".split()
    ),
    JSON
    | NUMBERS
    | st.lists(NUMBERS, max_size=5)
    | st.sampled_from(
        "left_click key type scroll wait terminate goto refuse left_click_drag".split()
    ),
)


@given(dialect=st.sampled_from([QwenVL(GRIDS[0]), QwenVL(GRIDS[0], extras=True)]), given_=ARGUMENTS)
def test_whatever_is_called_is_read(dialect, given_):
    said = json.dumps({"name": "computer_use", "arguments": given_})
    for action in dialect.read(f"<tool_call>{said}</tool_call>").actions:
        assert isinstance(action, (*ACTION_TYPES, InvalidOutput))


@pytest.mark.parametrize(
    "hostile",
    [
        "<think" * 40_000,
        "<think>" * 30_000,
        "</think>" * 25_000,
        "Action: wait() and\n" * 10_000 + "</think>",
        "<tool_call>{}" * 15_000 + "</think>",
        "Action: " * 25_000,
        "Action: click(" * 15_000,
        "Action: type(content='" + "' " * 100_000,
        "Action: type(content='" + "\\" * 200_001,
        "Action: type(content='" + "')\n" * 60_000,
        "Action: type(content='" + ", a=" * 50_000,
        "Action: wait(" + " " * 200_000,
        "Action: wait()" + " ;" * 100_000,
        "Action: click(start_box=" + "(" * 200_000,
        "Action: " + "wait()\n" * 30_000,
        "<tool_call>" * 20_000,
        "<tool_call>{" * 20_000,
        '<tool_call>{"a":' * 14_000,
        '<tool_call>{"name":"' + "\\" * 200_001,
        '\n{"name":' * 25_000,
        "\n{" * 100_000,
        '{"action": "type", "text": "' + "x" * 200_000 + '"}',
        "A" * 200_000,
    ],
    ids=lambda hostile: hostile[:24],
)
def test_two_hundred_kilobytes_of_anything_are_read(hostile):
    for dialect in (EXACT[0], QwenVL(GRIDS[0], extras=True)):
        assert dialect.read(hostile).actions
