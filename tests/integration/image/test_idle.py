"""Two idle minutes with the three applications that have makers with servers of their own."""

import pytest

from riosim.clock import SystemClock
from tests.integration.image.conftest import Machine

pytestmark = [pytest.mark.docker, pytest.mark.slow]

_NETWORKED = ("chromium", "thunderbird", "code")
_IDLE_S = 120.0
_OWN = {"home.test"}  # Chromium's new-tab page is the world's


def test_applications_that_stand_idle_for_two_minutes_look_nothing_up(machine: Machine) -> None:
    for opened, name in enumerate(_NETWORKED, start=1):
        machine.start(name)
        machine.wait(
            lambda wanted=opened: len(machine.application_windows()) >= wanted, f"{name}'s window"
        )
    SystemClock().sleep(_IDLE_S)
    assert set(machine.looked_up()) - _OWN == set()
