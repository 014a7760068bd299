"""Laws of the coordinate systems."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riosim.action import Point
from riosim.dialects.coordinate import Grid, Screen
from riosim.errors import InvalidActionError
from tests.support.any_action import any_screen


@st.composite
def placed(draw):
    """Return a screen and a point on it."""
    screen = draw(any_screen)
    x = draw(st.integers(0, screen.width_px - 1))
    return screen, Point(x=x, y=draw(st.integers(0, screen.height_px - 1)))


@given(placed())
def test_pixels_and_fractions_return_to_the_pixel(case):
    screen, point = case
    for grid in (Grid.pixels(screen), Grid.unit(screen)):
        assert grid.point(*grid.coordinates(point)) == point


@given(placed())
def test_a_fraction_survives_being_written_with_five_digits(case):
    screen, point = case
    x, y = Grid.unit(screen).coordinates(point)
    assert Grid.unit(screen).point(round(x, 5), round(y, 5)) == point


@given(placed(), st.integers(0, 3000), st.integers(0, 3000))
def test_a_finer_grid_returns_to_the_pixel(case, more_x, more_y):
    screen, point = case
    finer = Screen(screen.width_px + more_x, screen.height_px + more_y)
    grid = Grid.resized(screen, finer)
    x, y = grid.coordinates(point)
    assert isinstance(x, int)
    assert isinstance(y, int)
    assert grid.point(x, y) == point


@given(placed(), any_screen)
def test_any_grid_returns_to_within_one_of_its_own_steps(case, picture):
    screen, point = case
    grid = Grid.resized(screen, picture)
    back = grid.point(*grid.coordinates(point))
    assert abs(back.x - point.x) <= max(1, screen.width_px / picture.width_px)
    assert abs(back.y - point.y) <= max(1, screen.height_px / picture.height_px)


@given(any_screen, st.floats(0, 1), st.floats(0, 1))
def test_whatever_lies_on_the_grid_lies_on_the_screen(screen, x, y):
    for grid in (Grid.unit(screen), Grid.thousand(screen), Grid.pixels(screen)):
        point = grid.point(x * grid.width, y * grid.height)
        assert 0 <= point.x < screen.width_px
        assert 0 <= point.y < screen.height_px


@given(
    any_screen,
    st.none() | st.booleans() | st.text() | st.floats() | st.integers() | st.lists(st.integers()),
)
def test_what_is_no_place_is_refused_and_nothing_else_is_raised(screen, x):
    grid = Grid.pixels(screen)
    on_it = type(x) in (int, float) and 0 <= x <= screen.width_px
    if on_it:
        grid.point(x, 0)
    else:
        with pytest.raises(InvalidActionError, match="x"):
            grid.point(x, 0)


def test_the_far_edge_is_the_last_pixel():
    screen = Screen(1280, 800)
    last = Point(x=1279, y=799)
    assert Grid.unit(screen).point(1, 1.0) == last
    assert Grid.thousand(screen).point(1000, 1000) == last
    assert Grid.pixels(screen).point(1280, 800) == last


@pytest.mark.parametrize(("x", "y"), [(1280, 0), (0, 800)])
def test_a_pixel_off_the_screen_has_no_coordinates(x, y):
    with pytest.raises(InvalidActionError, match="lies off the screen"):
        Grid.pixels(Screen(1280, 800)).coordinates(Point(x=x, y=y))


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (-1, 1), (20_000, 1)])
def test_a_screen_that_is_none_is_refused(size):
    with pytest.raises(ValueError, match="is no screen"):
        Screen(*size)


@pytest.mark.parametrize("extent", [0, -1, float("nan"), float("inf")])
def test_a_grid_without_extent_is_refused(extent):
    with pytest.raises(ValueError, match="is no grid"):
        Grid(Screen(1280, 800), extent, 1)
