"""What went before: the last pictures and what was done on each."""

import json

import numpy as np
import pytest

from riosim.action import Click, Point, TypeText
from riosim.dialects.coordinate import Screen
from riosim.errors import UsageError
from riosim.observation import MAX_TEXT_CHARS
from riosim.styles.named import style_named
from riosim.wrappers.history import HistoryObservation
from riosim.wrappers.numeric import NumericActions
from riosim.wrappers.styled import StyledObservation

ACTIONS = [TypeText(text=f"{number} naïve\n") for number in range(4)]


def test_the_past_fills_from_the_end_and_the_oldest_goes(make):
    env = HistoryObservation(make(), 2)
    observations = [env.reset(seed=1)[0], *(env.step(action)[0] for action in ACTIONS)]
    pictures = [o["screenshot"] for o in observations]
    black = np.zeros_like(pictures[0])
    for step, observation in enumerate(observations):
        assert env.observation_space.contains(observation)
        expected = ([black, black, *pictures[:step]])[-2:]
        assert np.array_equal(observation["past_pictures"], np.stack(expected))
        lines = observation["past_actions"].split("\n")
        told = [json.loads(line) if line else None for line in lines]
        done = ["", "", *(a.text for a in ACTIONS[:step])][-2:]
        assert told == [{"kind": "type_text", "text": text} if text else None for text in done]


def test_a_new_episode_has_no_past(make):
    env = HistoryObservation(make(), 2)
    env.reset(seed=1)
    env.step(ACTIONS[0])
    observation, _ = env.reset(seed=1)
    assert not observation["past_pictures"].any()
    assert observation["past_actions"] == "\n"


def test_what_was_handed_out_never_changes(make):
    env = HistoryObservation(make(), 1)
    env.reset(seed=1)
    observation = env.step(ACTIONS[0])[0]
    kept = observation["past_pictures"].copy()
    for action in ACTIONS:
        env.step(action)
    assert np.array_equal(observation["past_pictures"], kept)


def test_actions_of_any_kind_fit_on_their_line(make):
    env = HistoryObservation(make(), 3)
    env.reset(seed=1)
    env.step(Click(at=Point(x=1, y=2), count=2))
    env.step(TypeText(text="\n" * MAX_TEXT_CHARS))
    observation = env.step('nothing\n{"kind": "finish"}')[0]
    first, second, third = observation["past_actions"].split("\n")
    assert json.loads(first) == {"kind": "click", "at": {"x": 1, "y": 2}, "count": 2}
    assert second.endswith("…")
    assert json.loads(third) == 'nothing\n{"kind": "finish"}'
    assert env.observation_space.contains(observation)


def test_numbers_and_a_style_within_are_remembered_as_they_are(make):
    styled = StyledObservation(make(), style_named("both", size=Screen(90, 62)))
    env = HistoryObservation(NumericActions(styled), 2)
    env.reset(seed=1)
    observation = env.step(np.array([0, 1, 2, 0]))[0]
    assert observation["past_pictures"].shape == (2, 62, 90, 3)
    assert observation["past_actions"] == "\n[0, 1, 2, 0]"


def test_a_history_of_nothing_is_refused(make):
    with pytest.raises(UsageError, match="at least 1"):
        HistoryObservation(make(), 0)
    with pytest.raises(UsageError, match="no picture"):
        HistoryObservation(make(parts=("url",)), 1)
