"""Environments on the fake sandbox, to be wrapped."""

import pytest

from riosim.env import ComputerEnv
from riosim.testing.fakes import FakeSandbox
from tests.support.small_tasks import ATTACKED, small_library


@pytest.fixture
def make(tmp_path):
    """Make environments of a small task on a screen of 900x620; they are closed at the end."""
    library = small_library(tmp_path)
    made = []

    def make_one(task=ATTACKED, **more):
        given = {"width_px": 900, "height_px": 620, "sandbox": FakeSandbox(), **more}
        env = ComputerEnv(task, library=library, **given)
        made.append(env)
        return env

    yield make_one
    for env in made:
        env.close()
