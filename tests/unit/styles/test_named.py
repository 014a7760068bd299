"""Styles by name, and pictures in other sizes."""

import numpy as np
import pytest

from riosim.dialects.coordinate import Grid, Screen
from riosim.errors import UsageError
from riosim.styles.both import BothStyle
from riosim.styles.marks import MarksStyle
from riosim.styles.named import STYLES, style_named
from riosim.styles.screenshot import ScreenshotStyle, resized
from riosim.styles.tree import TreeStyle
from tests.unit.styles.screens import DESKTOP, SCREEN, observed


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("screenshot", ScreenshotStyle(Screen(64, 40))),
        ("tree", TreeStyle(99, Grid.thousand)),
        ("both", BothStyle(TreeStyle(99, Grid.thousand), Screen(64, 40))),
        ("marks", MarksStyle(Screen(64, 40), 99)),
    ],
)
def test_a_name_gives_the_style_with_its_settings(name, style):
    made = style_named(name, size=Screen(64, 40), max_tokens=99, grid=Grid.thousand)
    assert made == style


def test_both_are_the_screenshot_and_the_tree():
    seen = observed(DESKTOP, level=70)
    both = style_named("both").show(seen)
    assert np.array_equal(both.picture, style_named("screenshot").show(seen).picture)
    assert both.text == style_named("tree").show(seen).text
    assert both.screen == SCREEN
    assert set(STYLES) == {"screenshot", "tree", "both", "marks"}


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(UsageError, match="Did you mean 'marks'"):
        style_named("mark")
    with pytest.raises(UsageError, match="max_tokens"):
        style_named("tree", max_tokens=0)


def test_a_resized_picture_shows_the_same():
    halves = np.zeros((80, 128, 3), np.uint8)
    halves[:, 64:] = (250, 10, 90)
    small = resized(halves, Screen(32, 20))
    assert small.shape == (20, 32, 3)
    assert (small[:, :12] == 0).all()
    assert (small[:, 20:] == (250, 10, 90)).all()
    same = resized(halves, Screen(128, 80))
    assert np.array_equal(same, halves)
    same[:] = 1
    assert halves[0, 100].tolist() == [250, 10, 90]
