"""Gymnasium's own checker finds nothing to say, not even a warning."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.gyms import GYMS, Gym

_ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("gym", GYMS)
def test_the_checker_is_content_with_warnings_as_errors(gym: Gym) -> None:
    code = (
        "import gymnasium as gym, riosim; from gymnasium.utils.env_checker import check_env; "
        f"env = gym.make({gym.env_id!r}, task={gym.task!r}, sandbox={gym.sandbox!r}); "
        "check_env(env.unwrapped)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=_ROOT, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert done.returncode == 0
