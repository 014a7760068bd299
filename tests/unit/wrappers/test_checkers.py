"""Stable-Baselines3's checker and Gymnasium's find nothing to say of wrapped environments."""

import pytest
from gymnasium.utils.env_checker import check_env as gymnasiums_check

from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.own_json import OwnJson
from riosim.styles.named import STYLES, style_named
from riosim.wrappers.dialect_actions import DialectActions
from riosim.wrappers.history import HistoryObservation
from riosim.wrappers.numeric import CellClicks, NumericActions, PointClicks
from riosim.wrappers.pixels import PixelsOnly
from riosim.wrappers.styled import StyledObservation

SCREEN = Screen(900, 620)
NUMERIC = [NumericActions, CellClicks, PointClicks]
# Gymnasium says this of every wrapped environment, whatever the wrapper does.
of_wrapped = pytest.mark.filterwarnings("ignore:.*different from the unwrapped version:UserWarning")


@pytest.mark.parametrize("wrap", NUMERIC)
def test_sb3s_checker_is_content_with_pixels_and_numbers(make, wrap):
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    checker.check_env(wrap(PixelsOnly(make(), size=Screen(84, 84))))


@pytest.mark.parametrize("name", ["screenshot", "both", "marks"])
def test_sb3s_checker_is_content_with_a_style_within(make, name):
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    styled = StyledObservation(make(), style_named(name, size=Screen(120, 80)))
    checker.check_env(NumericActions(PixelsOnly(styled)))


@of_wrapped
@pytest.mark.parametrize("name", STYLES)
def test_gymnasiums_checker_is_content_with_each_style(make, name):
    env = make(render_mode="rgb_array")
    gymnasiums_check(
        StyledObservation(env, style_named(name, size=Screen(90, 62))), skip_render_check=True
    )


@of_wrapped
def test_gymnasiums_checker_is_content_with_history(make):
    gymnasiums_check(HistoryObservation(make(), 3), skip_render_check=True)


@of_wrapped
def test_gymnasiums_checker_is_content_with_a_dialect(make):
    wrapped = DialectActions(make(), OwnJson(Grid.thousand(SCREEN)))
    gymnasiums_check(wrapped, skip_render_check=True)


def test_a_policy_of_sb3_learns_a_step_from_pixels(make):
    sb3 = pytest.importorskip("stable_baselines3")
    env = NumericActions(PixelsOnly(make(), size=Screen(64, 48)), columns=9, rows=6)
    model = sb3.PPO("CnnPolicy", env, n_steps=4, batch_size=4, n_epochs=1, seed=1, device="cpu")
    before = [p.clone() for p in model.policy.parameters()]
    model.learn(total_timesteps=4)
    assert any((a != b).any() for a, b in zip(before, model.policy.parameters(), strict=True))
