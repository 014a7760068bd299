"""Laws of the gym spaces: membership is exact, samples are seeded."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from riosim.action import (
    ACTION_TYPES,
    BROWSER_KINDS,
    Action,
    Click,
    Drag,
    Move,
    Point,
    RunPython,
    Scroll,
    TypeText,
    action_json_schema,
)
from riosim.action_space import ActionSpace
from riosim.observation import UnicodeText, observation_space

WIDTH, HEIGHT = 800, 600
points = st.builds(Point, x=st.integers(0, 2 * WIDTH), y=st.integers(0, 2 * HEIGHT))
pointed = st.one_of(
    st.builds(Click, at=points),
    st.builds(Move, at=points),
    st.builds(Scroll, at=points, dy=st.integers(-50, 50)),
    st.builds(Drag, start=points, end=points),
)


def space(*, browser):
    return ActionSpace(WIDTH, HEIGHT, browser=browser, seed=0)


@given(pointed, st.booleans())
def test_an_action_belongs_to_it_exactly_if_its_points_lie_on_the_screen(action, browser):
    ends = [getattr(action, name, None) for name in ("at", "start", "end")]
    inside = all(p.x < WIDTH and p.y < HEIGHT for p in ends if p is not None)
    assert space(browser=browser).contains(action) == inside


@given(st.none() | st.text() | st.integers() | st.dictionaries(st.text(), st.text()))
def test_what_is_no_action_does_not_belong_to_it(value):
    assert not space(browser=True).contains(value)
    assert value not in space(browser=False)


EXAMPLES: dict[str, Any] = {
    "goto": {"url": "https://a.test/"},
    "switch_tab": {"index": 0},
    "type_text": {"text": "a"},
    "press": {"key": "a"},
    "hotkey": {"keys": ["ctrl", "a"]},
    "run_python": {"code": "1"},
    "ask_user": {"question": "?"},
    **{name: {"at": {"x": 1, "y": 1}} for name in ("click", "move", "scroll")},
    **{name: {"at": {"x": 1, "y": 1}} for name in ("mouse_down", "mouse_up")},
    "drag": {"start": {"x": 1, "y": 1}, "end": {"x": 2, "y": 2}},
}


@pytest.mark.parametrize("kind", [cls.model_fields["kind"].default for cls in ACTION_TYPES])
def test_each_kind_belongs_to_the_surfaces_that_have_it(kind):
    adapter = TypeAdapter(Action)
    action = adapter.validate_python({"kind": kind, **EXAMPLES.get(kind, {})}, strict=False)
    assert space(browser=True).contains(action) == (kind != "run_python")
    assert space(browser=False).contains(action) == (kind not in BROWSER_KINDS)


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_the_same_seed_samples_the_same(seed, browser):
    one, other = (ActionSpace(WIDTH, HEIGHT, browser=browser, seed=seed) for _ in range(2))
    first = [one.sample() for _ in range(20)]
    assert [other.sample() for _ in range(20)] == first
    one.seed(seed)
    assert [one.sample() for _ in range(20)] == first


def test_in_time_every_kind_is_sampled_that_ends_nothing():
    everything = {cls.model_fields["kind"].default for cls in ACTION_TYPES}
    never = {"finish", "refuse", "ask_user", "run_python", "goto"}
    drawn = space(browser=True)
    assert {drawn.sample().kind for _ in range(2_000)} == everything - never
    drawn = space(browser=False)
    assert {drawn.sample().kind for _ in range(2_000)} == everything - never - BROWSER_KINDS


def test_samples_survive_their_json_form():
    drawn = space(browser=True)
    samples = [drawn.sample() for _ in range(100)]
    assert drawn.from_jsonable(drawn.to_jsonable(samples)) == samples


def test_spaces_are_equal_if_screen_and_surface_are():
    assert space(browser=True) == space(browser=True)
    assert hash(space(browser=True)) == hash(space(browser=True))
    assert space(browser=True) != space(browser=False)
    assert ActionSpace(WIDTH, HEIGHT + 1, browser=True) != space(browser=True)
    assert repr(space(browser=True)) == "ActionSpace(800, 600, browser=True)"


@given(st.text(), st.integers(0, 50))
def test_a_text_space_holds_any_unicode_up_to_its_length(text, length):
    assert UnicodeText(length).contains(text) == (len(text) <= length)


@given(st.integers(0, 2**31))
def test_a_sampled_text_is_in_its_space_and_seeded(seed):
    one, other = UnicodeText(30, seed=seed), UnicodeText(30, seed=seed)
    text = one.sample()
    assert one.contains(text)
    assert other.sample() == text


@given(st.binary(max_size=20) | st.none() | st.integers())
def test_what_is_no_text_is_not_in_a_text_space(value):
    assert not UnicodeText(100).contains(value)


def test_a_sampled_observation_is_in_the_space():
    whole = observation_space(40, 30, max_steps=5, parts=("screenshot", "url"))
    whole.seed(3)
    assert whole.contains(whole.sample())
    assert set(whole.spaces) == {"screenshot", "url", "instruction", "message", "step"}


@given(st.text())
def test_text_to_type_holds_no_control_character(text):
    bad = any(
        (ord(c) < 32 and c not in "\t\n") or 127 <= ord(c) < 160 or 0xD800 <= ord(c) < 0xE000
        for c in text
    )
    if bad:
        with pytest.raises(ValidationError):
            TypeText(text=text)
    else:
        assert TypeText(text=text).text == text


def test_actions_are_frozen_and_their_schema_is_closed():
    with pytest.raises(ValidationError, match="frozen"):
        setattr(RunPython(code="1"), "code", "2")  # noqa: B010  # mypy knows, too
    schema = action_json_schema()
    kinds = schema["discriminator"]["mapping"]
    assert set(kinds) == {cls.model_fields["kind"].default for cls in ACTION_TYPES}
    for definition in schema["$defs"].values():
        assert definition["additionalProperties"] is False
