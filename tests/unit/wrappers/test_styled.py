"""An observation in a style: what it holds, what it needs, and what it leaves alone."""

import gymnasium as gym
import numpy as np
import pytest

from riosim.accessibility import Box, Node
from riosim.action import TypeText
from riosim.dialects.coordinate import Screen
from riosim.errors import UsageError
from riosim.observation import MAX_TREE_CHARS, Observation, to_dict
from riosim.styles.named import STYLES, style_named
from riosim.styles.style import View
from riosim.testing.fakes import FakeSandbox
from riosim.wrappers.numeric import CellClicks
from riosim.wrappers.pixels import PixelsOnly
from riosim.wrappers.reading import observation_of, parts_of
from riosim.wrappers.styled import StyledObservation
from tests.support.small_tasks import ATTACKED, small_library

ALL = ("screenshot", "accessibility_tree", "url", "tabs")
ALWAYS = {"instruction", "message", "step", "url", "tabs"}
ADDED = {
    "screenshot": {"picture"},
    "tree": {"text"},
    "both": {"picture", "text"},
    "marks": {"picture", "text", "marks"},
}


@pytest.mark.parametrize("name", STYLES)
def test_each_style_adds_what_it_makes_and_takes_the_raw_parts_away(make, name):
    env = StyledObservation(make(), style_named(name))
    observation, _ = env.reset(seed=1)
    assert set(observation) == set(parts_of(env)) == ALWAYS | ADDED[name]
    assert env.observation_space.contains(observation)


def test_it_shows_what_the_style_shows_of_the_observation(make):
    inner, style = make(), style_named("marks", size=Screen(450, 310))
    env = StyledObservation(inner, style)
    looks = (lambda: env.reset(seed=1), lambda: env.step(TypeText(text="naïve 你好")))
    for look in looks:
        observation = look()[0]
        expected = style.show(inner._last)
        assert np.array_equal(observation["picture"], expected.picture)
        assert observation["text"] == expected.text
        assert env.view.marks == expected.marks
        for mark in expected.marks:
            row = observation["marks"][mark.number - 1].tolist()
            assert row == [mark.box.x, mark.box.y, mark.box.width, mark.box.height]
        assert not observation["marks"][len(expected.marks) :].any()
        assert "naïve 你好" in observation["text"] or observation["step"] == 0


def test_marks_beyond_the_rows_are_left_out(make):
    env = StyledObservation(make(), style_named("marks"), max_marks=2)
    observation, _ = env.reset(seed=1)
    assert observation["marks"].shape == (2, 4)
    assert observation["marks"].all(axis=0)[2:].all()
    assert len(env.view.marks) > 2


def test_what_the_environment_renders_is_shown_in_the_style(make):
    env = StyledObservation(make(render_mode="rgb_array"), style_named("marks"))
    assert env.render() is None
    observation, _ = env.reset(seed=1)
    assert np.array_equal(env.render(), observation["picture"])
    assert StyledObservation(make(), style_named("marks")).render() is None


@pytest.mark.parametrize("name", ["tree", "both", "marks"])
def test_a_style_of_the_tree_needs_the_tree(make, name):
    with pytest.raises(UsageError, match="accessibility_tree"):
        StyledObservation(make(parts=("screenshot",)), style_named(name))


def test_the_screenshot_does_without_the_tree_but_not_without_the_screenshot(make):
    StyledObservation(make(parts=("screenshot",)), style_named("screenshot")).reset(seed=1)
    with pytest.raises(UsageError, match="screenshot"):
        StyledObservation(make(parts=("accessibility_tree",)), style_named("tree"))


def test_a_style_over_a_style_is_refused(make):
    with pytest.raises(UsageError, match="screenshot"):
        StyledObservation(StyledObservation(make(), style_named("both")), style_named("tree"))


def test_a_style_of_a_stranger_gets_the_spaces_of_what_it_makes(make):
    class Thumbnail:
        def show(self, observation):
            return View(Screen(900, 620), observation.screenshot[::10, ::10], "one\ntwo")

    env = StyledObservation(make(), Thumbnail())
    assert parts_of(env)["picture"].shape == (62, 90, 3)
    assert "marks" not in parts_of(env)
    assert env.observation_space.contains(env.reset(seed=1)[0])


@pytest.mark.parametrize("parts", [ALL, ("screenshot",), ("screenshot", "tabs")])
def test_the_dict_reads_back_as_the_observation_it_was_made_from(parts):
    box = Box(3, 4, 50, 6)
    tree = Node(
        "group", "screen", children=(Node("textbox", 'a"\n[1] b', "\u2028x", box, ("focused",)),)
    )
    observation = Observation(
        screenshot=np.full((20, 60, 3), 7, np.uint8),
        instruction="Do it.",
        step=3,
        message="no",
        tree=tree if "accessibility_tree" in parts else None,
        url="https://a.test/" if "url" in parts else "",
        tabs=("one", "two") if "tabs" in parts else (),
    )
    back = observation_of(to_dict(observation, parts))
    assert np.array_equal(back.screenshot, observation.screenshot)
    for name in ("instruction", "step", "message", "tree", "url", "tabs"):
        assert getattr(back, name) == getattr(observation, name)


def test_a_tree_that_was_cut_within_a_line_still_reads():
    children = tuple(
        Node("button", f"{n:05} " + "x" * 990, box=Box(1, 1, 9, 9)) for n in range(500)
    )
    observation = Observation(
        np.zeros((10, 10, 3), np.uint8), "", 0, tree=Node("group", "screen", children=children)
    )
    parts = to_dict(observation, ALL)
    assert len(parts["accessibility_tree"]) == MAX_TREE_CHARS
    back = observation_of(parts).tree
    assert back.children == children[: len(back.children)]
    assert len(back.children) > 350


def test_pixels_only_are_the_picture_in_its_size(make):
    plain, small = PixelsOnly(make()), PixelsOnly(make(), size=Screen(84, 60))
    styled = PixelsOnly(StyledObservation(make(), style_named("screenshot", size=Screen(84, 60))))
    whole, shrunk, picture = (env.reset(seed=1)[0] for env in (plain, small, styled))
    assert whole.shape == (620, 900, 3)
    assert shrunk.shape == small.observation_space.shape == (60, 84, 3)
    assert np.array_equal(shrunk, picture)


def test_without_a_picture_there_are_no_pixels(make):
    with pytest.raises(UsageError, match="no picture"):
        PixelsOnly(make(parts=("url",)))
    with pytest.raises(UsageError, match="not a Dict"):
        PixelsOnly(PixelsOnly(make()))


def test_wrapped_environments_can_be_remade_from_their_spec(tmp_path):
    spec = small_library(tmp_path)[ATTACKED]
    style = style_named("both", size=Screen(90, 62), max_tokens=50)
    given = {"task": spec, "sandbox": FakeSandbox()}
    env = CellClicks(StyledObservation(gym.make("riosim/Browser-v0", **given), style))
    again = gym.make(env.spec)
    assert str(again) == str(env)
    one, other = env.reset(seed=1)[0], again.reset(seed=1)[0]
    assert one["text"] == other["text"]
    assert np.array_equal(one["picture"], other["picture"])
    assert len(one["text"]) <= 200
    env.close()
    again.close()
