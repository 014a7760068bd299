"""Several environments in one program, and one that nobody closes."""

import subprocess
import sys
from pathlib import Path

import gymnasium
import pytest

import riosim  # noqa: F401  # registers the ids
from riosim.action import Move, Point
from tests.support.gyms import GYMS, Gym

_ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("gym", GYMS[-1:])
def test_two_browser_environments_live_side_by_side(gym: Gym) -> None:
    one = gymnasium.make(gym.env_id, **gym.settings)
    other = gymnasium.make(gym.env_id, **gym.settings)
    try:
        one.reset(seed=1)
        other.reset(seed=2)
        for env in (one, other, one):
            assert env.step(Move(at=Point(x=5, y=5)))[4]["valid"]
        one.close()
        assert other.step(Move(at=Point(x=9, y=9)))[4]["valid"]
    finally:
        one.close()
        other.close()


@pytest.mark.parametrize("gym", GYMS[-1:])
def test_an_environment_that_nobody_closes_ends_with_the_program(gym: Gym) -> None:
    code = (
        "import gymnasium, riosim\n"
        f"env = gymnasium.make({gym.env_id!r}, task={gym.task!r}, sandbox={gym.sandbox!r})\n"
        "env.reset(seed=1)\n"
        "print(env.unwrapped._own_sandbox._folder)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=_ROOT, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert done.stdout.startswith("/")
    assert not Path(done.stdout.strip()).exists()
