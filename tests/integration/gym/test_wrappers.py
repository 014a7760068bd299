"""Wrapped environments on real machines: a third party's checker, and what the styles show."""

import subprocess
import sys
from pathlib import Path

import gymnasium
import numpy as np
import pytest

import riosim  # noqa: F401  # registers the ids
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.own_json import OwnJson
from riosim.styles.named import style_named
from riosim.wrappers.dialect_actions import DialectActions
from riosim.wrappers.history import HistoryObservation
from riosim.wrappers.styled import StyledObservation
from tests.support.gyms import GYMS, Gym
from tests.support.require import require

_ROOT = Path(__file__).resolve().parents[3]
_CHECK = """
import gymnasium, riosim
from stable_baselines3.common.env_checker import check_env
from riosim.dialects.coordinate import Screen
from riosim.wrappers.numeric import NumericActions
from riosim.wrappers.pixels import PixelsOnly
env = gymnasium.make({env_id!r}, task={task!r}, sandbox={sandbox!r}, parts=("screenshot",))
import warnings; warnings.simplefilter("error")
check_env(NumericActions(PixelsOnly(env, size=Screen(84, 84))))
env.close()
"""


@pytest.mark.parametrize("gym", GYMS)
def test_sb3s_checker_is_content_with_warnings_as_errors(gym: Gym) -> None:
    require("transformers")  # for torch
    pytest.importorskip("stable_baselines3")
    code = _CHECK.format(env_id=gym.env_id, task=gym.task, sandbox=gym.sandbox)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize("gym", GYMS)
def test_a_real_screen_is_marked_and_a_mark_can_be_clicked(gym: Gym) -> None:
    screen = Screen(1280, 800)
    env = gymnasium.make(gym.env_id, render_mode="rgb_array", **gym.settings)
    styled = StyledObservation(env, style_named("marks", size=Screen(960, 600)))
    wrapped = HistoryObservation(
        DialectActions(styled, lambda marks: OwnJson(Grid.pixels(screen), marks)), 2
    )
    try:
        first, _ = wrapped.reset(seed=3)
        assert wrapped.observation_space.contains(first)
        assert len(styled.view.marks) >= 3
        for mark in styled.view.marks:
            assert mark.box.x + mark.box.width <= screen.width_px
            assert mark.box.y + mark.box.height <= screen.height_px
        second, *_, info = wrapped.step('{"thought": "the last", "kind": "click", "mark": 1}')
        assert info["valid"]
        assert np.array_equal(second["past_pictures"][1], first["picture"])
        assert second["past_actions"].endswith('\\"mark\\": 1}"')
        assert wrapped.observation_space.contains(second)
    finally:
        wrapped.close()


@pytest.mark.parametrize("gym", GYMS)
def test_a_real_tree_is_told_in_a_fraction_of_its_tokens(gym: Gym) -> None:
    env = gymnasium.make(gym.env_id, **gym.settings)
    try:
        whole, _ = env.reset(seed=3)
        told, _ = StyledObservation(env, style_named("tree")).reset(seed=3)
        assert 0 < len(told["text"]) < 0.8 * len(whole["accessibility_tree"])
        little, _ = StyledObservation(env, style_named("tree", max_tokens=60)).reset(seed=3)
        assert 0 < len(little["text"]) <= 240
    finally:
        env.close()
