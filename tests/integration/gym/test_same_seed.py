"""Two resets with one seed: the same world, triggers, placement, and the same first picture."""

from typing import Any

import gymnasium
import numpy as np
import pytest

import riosim  # noqa: F401  # registers the ids
from riosim.registry import Registry
from riosim.sandbox import Emit, Machine, MachinePlan, Sandbox
from tests.support.gyms import GYMS, Gym

SANDBOXES: Registry[Any] = Registry("sandbox")


class Watched:
    """A sandbox that keeps what it was asked for and what it gave."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.started: list[tuple[MachinePlan, Machine]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)

    def start(self, plan: MachinePlan, emit: Emit) -> Machine:
        machine = self._sandbox.start(plan, emit)
        self.started.append((plan, machine))
        return machine


@pytest.mark.parametrize("gym", GYMS)
def test_one_seed_gives_one_world_one_placement_and_one_first_picture(gym: Gym) -> None:
    with SANDBOXES[gym.sandbox]() as ready:
        sandbox = Watched(ready)
        env = gymnasium.make(gym.env_id, task=gym.task, sandbox=sandbox, reveal=True)
        first, first_info = env.reset(seed=7)
        second, second_info = env.reset(seed=7)
        env.close()
    (plan, machine), (plan_again, machine_again) = sandbox.started
    assert plan_again == plan
    assert machine_again.facts()["world_digest"] == machine.facts()["world_digest"]
    assert second_info == first_info
    assert np.array_equal(second["screenshot"], first["screenshot"])
    assert {name: second[name] for name in second if name != "screenshot"} == {
        name: first[name] for name in first if name != "screenshot"
    }


@pytest.mark.parametrize("gym", GYMS[-1:])
def test_another_seed_gives_another_world(gym: Gym) -> None:
    with SANDBOXES[gym.sandbox]() as ready:
        sandbox = Watched(ready)
        env = gymnasium.make(gym.env_id, task=gym.task, sandbox=sandbox)
        for seed in (7, 8):
            env.reset(seed=seed)
        env.close()
    digests = [machine.facts()["world_digest"] for _, machine in sandbox.started]
    assert digests[0] != digests[1]
