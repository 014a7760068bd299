"""Laws of the vendors' computer tools: whatever is said is read, and what is written comes back."""

from hypothesis import given
from hypothesis import strategies as st

from riosim.action import (
    ACTION_TYPES,
    Wait,
)
from riosim.agent import InvalidOutput
from riosim.dialects.anthropic_computer import ANTHROPIC_VERSIONS, AnthropicComputer
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import Reading, UnsayableError
from riosim.dialects.function_tool import FunctionTools, offered_kinds
from riosim.dialects.look import Look, pointer_after
from riosim.dialects.openai_computer import OpenAIComputer
from tests.support.any_action import ENDING, TABS, TYPING, any_point, pointing_on

SCREEN = Screen(1280, 800)
GRIDS = st.sampled_from(
    [
        Grid.pixels(SCREEN),
        Grid.resized(SCREEN, Screen(1366, 854)),
        Grid.resized(Screen(640, 480), Screen(1024, 768)),
    ]
)
SMALL_GRIDS = st.sampled_from(
    [Grid.resized(Screen(2560, 1600), SCREEN), Grid.pixels(Screen(1, 1)), Grid.thousand(SCREEN)]
)
SMALL = Screen(640, 480)
POINTS = any_point(SMALL)
POINTING = pointing_on(SMALL)
OWN = ENDING | TABS
VERSIONS = st.sampled_from(sorted(ANTHROPIC_VERSIONS))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=8,
)
WORDS = st.sampled_from(
    [
        *ANTHROPIC_VERSIONS["20260801"],
        *"click move keypress drag finish goto left right up down ctrl+a Return shift".split(),
    ]
)
NAMES = st.sampled_from(
    "action name input coordinate start_coordinate region text key keys repeat duration type path "
    "x y button scroll_x scroll_y scroll_direction scroll_amount arguments url".split()
)
NUMBERS = st.integers(-5, 1300) | st.sampled_from([1e309, float("nan"), 10**400, 0.5])
VALUES = WORDS | NUMBERS | st.lists(NUMBERS | WORDS, max_size=5) | JSON
NEARLY = st.dictionaries(NAMES, VALUES | st.dictionaries(NAMES, VALUES, max_size=4), max_size=6)
SAID = NEARLY | JSON | st.dictionaries(st.text(), JSON)


def holds_actions(reading):
    assert isinstance(reading, Reading)
    return all(isinstance(action, (*ACTION_TYPES, InvalidOutput)) for action in reading.actions)


@given(SAID, VERSIONS, GRIDS | SMALL_GRIDS, st.none() | POINTS)
def test_anthropics_tool_reads_whatever_is_said(said, version, grid, pointer):
    tool = AnthropicComputer(grid, version, pointer)
    reading = tool.read(said)
    assert holds_actions(reading)
    look = tool.look(said)
    assert look is None or isinstance(look, Look)
    if look is not None:
        assert reading.actions == (Wait(seconds=0),)


@given(SAID, GRIDS | SMALL_GRIDS)
def test_openais_tool_reads_whatever_is_said(said, grid):
    assert holds_actions(OpenAIComputer(grid).read(said))
    OpenAIComputer(grid).look(said)


@given(SAID, st.booleans())
def test_functions_read_whatever_is_called(said, browser):
    assert holds_actions(FunctionTools(offered_kinds(browser=browser, code=True)).read(said))


@given(POINTING | TYPING | OWN, VERSIONS, GRIDS, st.none() | POINTS)
def test_what_anthropics_tool_writes_it_reads_back(action, version, grid, pointer):
    tool = AnthropicComputer(grid, version, pointer)
    try:
        said = tool.write(action)
    except UnsayableError:
        return
    assert tool.read(said).actions == (action,)


@given(POINTING | TYPING | OWN, GRIDS)
def test_what_openais_tool_writes_it_reads_back(action, grid):
    tool = OpenAIComputer(grid)
    try:
        said = tool.write(action)
    except UnsayableError:
        return
    assert tool.read(said).actions == (action,)


@given(POINTING | TYPING | OWN, VERSIONS.filter(lambda version: version != "20241022"))
def test_between_the_tool_and_functions_nothing_common_is_left_unsaid(action, version):
    """Only what the vendors' tools lack cannot be said, and the list of that is short."""
    functions = FunctionTools(offered_kinds(browser=True, code=False))
    at = getattr(action, "at", None)
    tool = AnthropicComputer(Grid.pixels(SCREEN), version, at)
    if action.kind in functions.kinds:
        assert functions.read(functions.write(action)).actions == (action,)
        return
    lacking = (
        (action.kind == "click" and action.count > 1 and action.button != "left")
        or (action.kind in ("drag", "mouse_down", "mouse_up") and action.button != "left")
        or (action.kind == "scroll" and action.dx and action.dy)
    )
    if not lacking:
        assert tool.read(tool.write(action)).actions == (action,)


@given(POINTING | TYPING, st.none() | POINTS)
def test_the_pointer_is_where_it_was_last_moved_to(action, before):
    after = pointer_after(action, before)
    assert after == getattr(action, "end", getattr(action, "at", before))
