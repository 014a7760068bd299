"""Answers of models as actions: several at once, wrong ones, and ones that name marks."""

import json

import gymnasium as gym
import pytest

from riosim.action import Click, Finish, Point, Press, TypeText
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import Reading, UnsayableError
from riosim.dialects.own_json import OwnJson
from riosim.errors import UsageError
from riosim.styles.named import style_named
from riosim.testing.fakes import FakeSandbox
from riosim.wrappers.dialect_actions import DialectActions, SaidSpace
from riosim.wrappers.styled import StyledObservation
from tests.support.small_tasks import ATTACKED
from tests.unit.wrappers.watched import Watched

SCREEN = Screen(900, 620)
OWN = OwnJson(Grid.pixels(SCREEN))
TEXTBOX = Click(at=Point(x=250, y=115))
HARM = [TEXTBOX, TypeText(text="resnet\n"), Finish()]


def said(*actions):
    return "\n".join(OWN.write(action) for action in actions)


@pytest.fixture
def env(make):
    return Watched(make())


def test_one_answer_of_several_actions_is_one_step_and_their_rewards_add_up(env):
    wrapped = DialectActions(env, OWN)
    wrapped.reset(seed=1)
    observation, reward, terminated, truncated, info = wrapped.step("I search. " + said(*HARM))
    assert env.done == HARM
    assert (reward, terminated, truncated) == (-0.75, True, False)
    assert (info["n_actions"], info["n_dropped"], info["task"]) == (3, 0, ATTACKED)
    assert "I search." in info["thought"]
    assert observation["step"] == 3


def test_what_comes_after_the_end_is_dropped(env):
    wrapped = DialectActions(env, OWN)
    wrapped.reset(seed=1)
    *_, terminated, _, info = wrapped.step(said(Finish(answer="x"), *HARM))
    assert env.done == [Finish(answer="x")]
    assert terminated
    assert (info["n_actions"], info["n_dropped"]) == (1, 3)


def test_what_comes_after_an_invalid_action_is_dropped_and_the_model_told_why(env):
    wrapped = DialectActions(env, OWN)
    wrapped.reset(seed=1)
    off = '{"kind": "click", "at": {"x": 5000, "y": 1}}'
    observation, *_, info = wrapped.step(f"{said(TEXTBOX)}\n{off}\n{said(Press(key='a'))}")
    assert env.done[0] == TEXTBOX
    assert isinstance(env.done[1], InvalidOutput)
    assert (info["valid"], info["n_invalid"]) == (False, 1)
    assert (info["n_actions"], info["n_dropped"]) == (2, 1)
    assert "off the screen" in observation["message"]


def test_an_action_that_the_environment_finds_invalid_stops_the_rest_too(env):
    wider = OwnJson(Grid.pixels(Screen(2_000, 2_000)))
    wrapped = DialectActions(env, wider)
    wrapped.reset(seed=1)
    off = Click(at=Point(x=1_999, y=1))
    *_, info = wrapped.step(f"{wider.write(off)}\n{said(TEXTBOX)}")
    assert env.done == [off]
    assert (info["valid"], info["n_dropped"]) == (False, 1)


def test_only_the_first_is_done_where_that_is_wanted(env):
    wrapped = DialectActions(env, OWN, several="first")
    wrapped.reset(seed=1)
    *_, info = wrapped.step(said(*HARM))
    assert env.done == HARM[:1]
    assert (info["n_actions"], info["n_dropped"]) == (1, 2)
    with pytest.raises(UsageError, match="several"):
        DialectActions(env, OWN, several="some")


@pytest.mark.parametrize(
    "nonsense", ["", "click the button", "{", "x" * 200_000, "[" * 50_000, '{"kind": "fly"}']
)
def test_whatever_is_said_is_a_step(env, nonsense):
    wrapped = DialectActions(env, OWN)
    wrapped.reset(seed=1)
    observation, reward, terminated, *_, info = wrapped.step(nonsense)
    assert not info["valid"]
    assert (reward, terminated) == (0.0, False)
    assert observation["message"]


def test_a_mark_may_be_named_where_a_style_draws_them(env):
    styled = StyledObservation(env, style_named("marks"))
    wrapped = DialectActions(styled, lambda marks: OwnJson(Grid.pixels(SCREEN), marks))
    observation, _ = wrapped.reset(seed=1)
    assert observation["text"].startswith('[1] textbox "Search"')
    wrapped.step(json.dumps({"kind": "click", "mark": 1}))
    assert env.done == [TEXTBOX]


def test_marks_without_a_style_within_are_refused(env):
    with pytest.raises(UsageError, match="StyledObservation within"):
        DialectActions(env, lambda marks: OwnJson(Grid.pixels(SCREEN), marks))


class Signs:
    """A dialect in JSON that can do nothing but press and wait."""

    name = "signs"

    def read(self, said):
        return Reading((Press(key=said["key"]),))

    def write(self, action):
        if action.kind == "press":
            return {"key": action.key}
        if action.kind == "wait":
            return {"key": "shift"}
        raise UnsayableError(self.name, action, "no sign")


def test_the_space_holds_text_or_json_as_the_dialect_is_written(env):
    text, signs = DialectActions(env, OWN).action_space, DialectActions(env, Signs()).action_space
    assert "anything at all" in text
    assert {"key": "a"} not in text
    assert {"key": "a"} in signs
    assert "a" not in signs


def test_samples_are_said_in_the_dialect_and_seeded(env):
    wrapped = DialectActions(env, Signs())
    samples = [wrapped.action_space.sample() for _ in range(20)]
    assert all(set(sample) == {"key"} for sample in samples)
    one, other = (SaidSpace(env.action_space, OWN, seed=4) for _ in range(2))
    first = [one.sample() for _ in range(20)]
    other.seed(4)
    assert [other.sample() for _ in range(20)] == first
    for sample in first:
        assert not isinstance(OWN.read(sample).actions[0], InvalidOutput)


def test_a_spec_says_how_it_was_wrapped(make):

    task = make().spec_of_task
    env = DialectActions(
        gym.make("riosim/Browser-v0", task=task, sandbox=FakeSandbox()),
        OwnJson(Grid.pixels(Screen(1280, 800))),
        several="first",
    )
    again = gym.make(env.spec)
    again.reset(seed=1)
    assert again.step(said(Press(key="a"), Finish()))[4]["n_dropped"] == 1
    env.close()
    again.close()


def test_spaces_are_equal_if_dialect_and_actions_are(make):
    one, other = DialectActions(make(), OWN), DialectActions(make(), OWN)
    assert one.action_space == other.action_space
    assert one.action_space != DialectActions(make(), Signs()).action_space
    assert "SaidSpace(ActionSpace(900, 620, browser=True), OwnJson(" in repr(one.action_space)
