"""Fixtures of the tests that use an engine; imported by the conftest of each such folder."""

from collections.abc import Iterator

import pytest

from riosim_envs.engine import Engine
from riosim_envs.slot import Slot
from tests.support.require import require
from tests.support.slots import engine_for_tests, slot_of_echoes

__all__ = ["engine", "shared_slot", "slot"]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine, or the reason why there is none."""
    require("docker")
    with engine_for_tests() as connected:
        yield connected


@pytest.fixture(scope="module")
def shared_slot(engine: Engine) -> Iterator[Slot]:
    """A slot of echo guests for all tests of a module."""
    with slot_of_echoes(engine) as opened:
        yield opened


@pytest.fixture
def slot(shared_slot: Slot) -> Slot:
    """The module's slot, whole again, whatever the last test did to its desktop."""
    shared_slot.inbox.mute()
    if not shared_slot.is_well:
        shared_slot.renew_desktop()
    return shared_slot
