"""What is left when a process dies with sandboxes in hand, and who may sweep it away."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from riosim.errors import UsageError
from riosim_envs.channel import ChannelLostError
from riosim_envs.engine import Engine
from riosim_envs.loss import diagnose
from riosim_envs.prune import prune
from riosim_envs.slot import Slot
from tests.support.echo_image import echo_image
from tests.support.slots import counts, echo_settings

pytestmark = pytest.mark.docker

_ROOT = Path(__file__).resolve().parents[2]


def hold_a_slot(run_id: str) -> "subprocess.Popen[bytes]":
    """Start a process that holds a slot of a run, and wait until it does."""
    holder = subprocess.Popen(
        [sys.executable, "-m", "tests.support.slot_holder", run_id, echo_image()],
        cwd=_ROOT,
        env={"PYTHONPATH": f"{_ROOT}:{_ROOT / 'envs'}", "PATH": "/usr/bin:/bin"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"ready\n"
    return holder


def reap(holder: "subprocess.Popen[bytes]") -> None:
    holder.kill()
    holder.communicate()


def test_a_killed_holders_desktop_ends_by_itself_and_a_sweep_removes_the_rest(
    engine: Engine,
) -> None:
    run_id = echo_settings().run_id
    holder = hold_a_slot(run_id)
    try:
        names = engine.client.api.containers(all=True, filters={"label": f"riosim={run_id}"})
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        for container in names:
            assert engine.client.api.wait(container["Id"], timeout=20)["StatusCode"] == 0
        assert counts(engine, run_id) == (2, 1, 1)
        swept = prune(engine, run_id=run_id)
        assert len(swept.containers) == 2
        assert counts(engine, run_id) == (0, 0, 0)
        assert not prune(engine, run_id=run_id)
    finally:
        reap(holder)
        prune(engine, run_id=run_id, even_alive=True)


def test_a_sweep_never_touches_a_living_colleague(engine: Engine) -> None:
    run_id = echo_settings().run_id
    holder = hold_a_slot(run_id)
    try:
        prune(engine)
        prune(engine, run_id=run_id)
        assert counts(engine, run_id) == (2, 1, 1)
        with pytest.raises(UsageError):
            prune(engine, even_alive=True)
        prune(engine, run_id=run_id, even_alive=True)
        assert counts(engine, run_id) == (0, 0, 0)
    finally:
        reap(holder)
        prune(engine, run_id=run_id, even_alive=True)


def test_a_container_killed_in_mid_request_is_lost_at_once_and_not_by_the_agent(
    slot: Slot,
) -> None:
    desktop = slot.desktop
    killer = subprocess.Popen(["docker", "kill", desktop.container_id], stdout=subprocess.DEVNULL)
    with pytest.raises(ChannelLostError):
        desktop.channel.request("hold", {}, timeout_s=30.0)
    killer.wait()
    loss = diagnose(desktop, [])
    assert loss.reason == "killed_from_outside"
    assert not loss.by_agent


def test_a_container_removed_by_somebody_is_not_the_agents_doing(slot: Slot) -> None:
    desktop = slot.desktop
    slot.engine.client.api.remove_container(desktop.container_id, force=True)
    assert desktop.channel.wait_lost(10.0)
    loss = diagnose(desktop, [])
    assert (loss.reason, loss.by_agent) == ("removed_from_outside", False)
