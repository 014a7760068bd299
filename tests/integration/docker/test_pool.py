"""A pool hands out whole slots, replaces broken ones, and leaves nothing behind."""

import threading

import pytest

from riosim.errors import SandboxError, SandboxNotReadyError
from riosim_envs.engine import Engine
from riosim_envs.pool import Pool
from riosim_envs.slot import Slot
from tests.support.slots import counts, echo_settings

pytestmark = pytest.mark.docker


def test_a_released_slot_comes_back_with_a_fresh_prepared_desktop(engine: Engine) -> None:
    prepared: list[str] = []
    settings = echo_settings()

    def prepare(slot: Slot) -> None:
        prepared.append(slot.desktop.container_id)

    with Pool(engine, settings, size=1, prepare=prepare) as pool:
        first = pool.acquire()
        used = first.desktop.container_id
        pool.release(first)
        again = pool.acquire()
        assert again is first
        assert again.desktop.container_id != used
        assert prepared == [used, again.desktop.container_id]
        assert engine.inspect(used) is None
    assert counts(engine, settings.run_id) == (0, 0, 0)


def test_a_slot_whose_stage_died_is_replaced(engine: Engine) -> None:
    settings = echo_settings()
    with Pool(engine, settings, size=1) as pool:
        first = pool.acquire()
        engine.client.api.kill(first.stage.container_id)
        pool.release(first)
        other = pool.acquire()
        assert other is not first
        assert other.desktop.exec("true").status == 0
        assert counts(engine, settings.run_id) == (2, 1, 1)
    assert counts(engine, settings.run_id) == (0, 0, 0)


def test_a_desktop_that_died_while_it_waited_is_not_handed_out(engine: Engine) -> None:
    killed: list[str] = []

    def prepare(slot: Slot) -> None:
        if not killed:  # the first one dies just before it would be handed out
            killed.append(slot.desktop.container_id)
            engine.client.api.kill(slot.desktop.container_id)
            assert slot.desktop.channel.wait_lost(10.0)

    with Pool(engine, echo_settings(), size=1, prepare=prepare) as pool:
        slot = pool.acquire()
        assert slot.desktop.container_id != killed[0]
        assert slot.desktop.exec("true").status == 0


def test_nobody_gets_a_slot_that_another_has(engine: Engine) -> None:
    with Pool(engine, echo_settings(), size=1) as pool:
        slot = pool.acquire()
        with pytest.raises(SandboxNotReadyError, match="1 of 1 in use"):
            pool.acquire(timeout_s=0.05)
        pool.release(slot)
        pool.release(slot)  # twice does not make two of it
        pool.acquire()
        with pytest.raises(SandboxNotReadyError):
            pool.acquire(timeout_s=0.05)


def test_a_pool_that_cannot_make_slots_says_why_instead_of_waiting(engine: Engine) -> None:
    settings = echo_settings(desktop_image="riosim-dev/there-is-no-such-image:latest")
    with Pool(engine, settings, size=2) as pool:
        with pytest.raises(SandboxError, match="there-is-no-such-image"):
            pool.acquire(timeout_s=60.0)
    assert counts(engine, settings.run_id) == (0, 0, 0)


def test_an_error_while_preparing_is_told_and_leaves_nothing(engine: Engine) -> None:
    settings = echo_settings()

    def prepare(slot: Slot) -> None:
        raise SandboxError("the panel never came")

    with Pool(engine, settings, size=1, prepare=prepare) as pool:
        with pytest.raises(SandboxError, match="the panel never came"):
            pool.acquire(timeout_s=60.0)
    assert counts(engine, settings.run_id) == (0, 0, 0)


def test_two_pools_at_once_on_one_engine(engine: Engine) -> None:
    runs = [echo_settings(), echo_settings()]
    uids: set[int] = set()

    def use(number: int) -> None:
        with Pool(engine, runs[number], size=2) as pool:
            slots = [pool.acquire(), pool.acquire()]
            uids.update(slot.uid for slot in slots)

    threads = [threading.Thread(target=use, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(uids) >= 2
    assert [counts(engine, run.run_id) for run in runs] == [(0, 0, 0), (0, 0, 0)]
