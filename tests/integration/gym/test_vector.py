"""Vectors of environments: each worker sees what a single one sees, and nothing stays behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import riosim
from riosim.action import Action, Click, Move, Point, Press, Scroll, TypeText
from riosim.clock import SystemClock, wait_until
from riosim_envs.engine import Engine
from riosim_envs.labels import OWNER_LABEL, Owner
from riosim_envs.prune import prune
from tests.support.gyms import GYMS, Gym
from tests.support.slots import engine_for_tests

_ROOT = Path(__file__).resolve().parents[3]
_SEED = 11
_ACTIONS: tuple[Action, ...] = (
    Click(at=Point(x=694, y=61)),
    TypeText(text="naïve 你好"),
    Press(key="backspace"),
    Move(at=Point(x=300, y=500)),
    Scroll(at=Point(x=640, y=600), dy=3),
)


@pytest.fixture
def engine() -> Iterator[Engine]:
    with engine_for_tests() as connected:
        yield connected


def owned_by(engine: Engine, pids: Collection[int], *, running: bool = False) -> list[str]:
    """Return the containers, networks and volumes that these processes made."""
    api, ours = engine.client.api, {"label": OWNER_LABEL}
    things = list(api.containers(all=not running, filters=ours))
    if not running:
        things += api.networks(filters=ours)
        things += api.volumes(filters=ours).get("Volumes") or []
    owners = [(thing, Owner.from_label(thing["Labels"][OWNER_LABEL])) for thing in things]
    return [
        str(thing.get("Id") or thing["Name"])
        for thing, owner in owners
        if owner and owner.pid in pids
    ]


def carriers(containers: Collection[str]) -> list[int]:
    """Return the processes of this machine that carry a browser's pipe into these containers."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        if any(f'"container": "{one}"'.encode() in environment for one in containers):
            found.append(int(folder.name))
    return found


def play_alone(gym: Gym, seed: int) -> list[dict[str, Any]]:
    env = gymnasium.make(gym.env_id, **gym.settings)
    try:
        seen = [env.reset(seed=seed)[0]]
        seen += [env.step(action)[0] for action in _ACTIONS]
    finally:
        env.close()
    return seen


@pytest.mark.parametrize("gym", GYMS)
def test_each_worker_sees_what_a_single_environment_sees(gym: Gym) -> None:
    alone = [play_alone(gym, _SEED + number) for number in range(2)]
    envs = gymnasium.make_vec(
        gym.env_id,
        num_envs=2,
        vectorization_mode="async",
        vector_kwargs={"shared_memory": False},
        **gym.settings,
    )
    try:
        seen = [envs.reset(seed=_SEED)[0]]
        for action in _ACTIONS:
            observations, _, terminated, truncated, _ = envs.step((action, action))
            assert not terminated.any()
            assert not truncated.any()
            seen.append(observations)
    finally:
        envs.close()
    for step, observations in enumerate(seen):
        for worker in range(2):
            expected = alone[worker][step]
            for part in ("instruction", "accessibility_tree", "url", "step"):
                assert observations[part][worker] == expected[part], (step, worker, part)
            assert np.array_equal(observations["screenshot"][worker], expected["screenshot"])
    assert seen[0]["accessibility_tree"][0]


@pytest.mark.parametrize("gym", [g for g in GYMS if g.values[0].sandbox == "docker"])
def test_a_closed_vector_leaves_nothing(gym: Gym, engine: Engine) -> None:
    envs = riosim.make_vec(gym.env_id, 2, **gym.settings)
    envs.reset(seed=1)
    pids = [process.pid for process in envs.unwrapped.processes]
    containers = owned_by(engine, pids, running=True)
    assert len(containers) >= 4
    assert bool(carriers(containers)) == gym.has_browser
    envs.close()
    assert owned_by(engine, pids) == []
    assert carriers(containers) == []


@pytest.mark.parametrize("killed", ["parent", "everybody"])
@pytest.mark.parametrize("gym", [g for g in GYMS if g.values[0].sandbox == "docker"])
def test_a_killed_vectors_machines_end_by_themselves_and_a_sweep_removes_the_rest(
    gym: Gym, killed: str, engine: Engine
) -> None:
    argv = [sys.executable, "-m", "tests.support.vector_holder", gym.env_id, gym.task, gym.sandbox]
    holder = subprocess.Popen(
        argv,
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    workers: list[int] = []
    try:
        assert holder.stdout is not None
        workers = json.loads(holder.stdout.readline())
        containers = owned_by(engine, workers, running=True)
        assert len(containers) >= 4
        assert bool(carriers(containers)) == gym.has_browser
        for pid in (holder.pid, *(workers if killed == "everybody" else ())):
            os.kill(pid, signal.SIGKILL)
        clock = SystemClock()
        assert wait_until(
            lambda: not owned_by(engine, workers, running=True) and not carriers(containers),
            clock=clock,
            timeout_s=60.0,
            interval_s=0.2,
        )
        assert wait_until(
            lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in workers),
            clock=clock,
            timeout_s=60.0,
            interval_s=0.2,
        )
        prune(engine)
        assert owned_by(engine, workers) == []
    finally:
        for pid in workers:
            if Path(f"/proc/{pid}/exe").exists():
                os.kill(pid, signal.SIGKILL)
        holder.kill()
        holder.communicate()
        prune(engine)
