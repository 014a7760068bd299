"""An oracle waits for what is not there yet: long enough, without using up the task's steps."""

import numpy as np
import pytest

from riosim.accessibility import Node
from riosim.action import Finish, Wait
from riosim.observation import Observation
from riosim.task.play import PlayWaitFor
from riosim_agents.scripted import OracleAgent

BLANK = Observation(
    screenshot=np.zeros((8, 8, 3), dtype=np.uint8), instruction="", step=0, tree=Node("group")
)


@pytest.fixture
def decisions():
    agent = OracleAgent([PlayWaitFor(role="dialog", name="Save")])
    agent.reset("", seed=0)
    out = [agent.act(BLANK)]
    while not isinstance(out[-1].action, Finish):
        out.append(agent.act(BLANK))
    return out


def test_the_first_looks_are_quick_and_the_last_ones_far_apart(decisions):
    pauses = [d.action.seconds for d in decisions if isinstance(d.action, Wait)]
    assert pauses[0] <= 0.1
    assert pauses == sorted(pauses)


def test_a_slow_machine_is_waited_for_within_half_of_the_default_limit(decisions):
    pauses = [d.action.seconds for d in decisions if isinstance(d.action, Wait)]
    assert sum(pauses) > 15
    assert len(pauses) <= 15


def test_what_never_comes_is_named(decisions):
    assert "dialog" in decisions[-1].extra["oracle"]["failed"]
