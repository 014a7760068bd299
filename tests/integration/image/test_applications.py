"""Every application opens one window without a question, looks nothing up and is still.

All are watched at the same time, each on a machine of its own, because most of it is waiting.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import docker
import numpy as np
import pytest

from riosim.clock import SystemClock
from tests.integration.image.conftest import Machine, fresh_machine

pytestmark = [pytest.mark.docker, pytest.mark.slow]

APPLICATIONS = {
    "chromium": "chromium",
    "thunderbird": "thunderbird",
    "writer": "libreoffice --norestore --writer",
    "calc": "libreoffice --norestore --calc",
    "impress": "libreoffice --norestore --impress",
    "draw": "libreoffice --norestore --draw",
    "gimp": "gimp",
    "code": "code",
    "terminal": "xfce4-terminal",
    "files": "thunar",
    "editor": "mousepad",
    "archive": "engrampa",
    "pdf": "evince",
    "pictures": "ristretto",
    "media": "parole",
    "settings": "xfce4-settings-manager",
}
DIALOGS = {"settings"}  # whose own window is one
NETWORKED = ("chromium", "thunderbird", "code")  # their makers have servers
AT_ONCE = 8
SETTLING_S = 20.0
IDLE_S = 30.0
LOOKS = 3  # one of them must see nothing move: a busy machine draws late, a caret never stops
LONG_IDLE_S = 120.0
OWN = {"home.test"}  # Chromium's new-tab page is the world's

clock = SystemClock()


@dataclass
class Watched:
    """One application on its machine, and what it did there."""

    machine: Machine
    moved: list[str] = field(default_factory=list)  # what moved at each look, until nothing did
    windows: list[str] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    log: str = ""

    @property
    def is_still(self) -> bool:
        return bool(self.moved) and self.moved[-1] == ""

    def conclude(self) -> None:
        self.windows = self.machine.application_windows()
        self.looked_up = self.machine.looked_up()
        self.log = self.machine.run("cat /tmp/started.log")[1]


@pytest.fixture(scope="module")
def three(client: docker.DockerClient, tags: dict[str, str]) -> Iterator[tuple[Machine, float]]:
    """A machine on which the networked applications stand idle, and since when."""
    with fresh_machine(client, tags) as machine:
        for opened, name in enumerate(NETWORKED, start=1):
            machine.start(name)
            machine.wait(
                lambda wanted=opened: len(machine.application_windows()) >= wanted,
                f"{name}'s window",
            )
        yield machine, clock.monotonic()


@pytest.fixture(scope="module")
def watched(
    client: docker.DockerClient, tags: dict[str, str], three: tuple[Machine, float]
) -> dict[str, Watched]:
    """Every application, watched; the long idle time of the three passes meanwhile."""
    del three
    found: dict[str, Watched] = {}
    names = list(APPLICATIONS)
    for first in range(0, len(names), AT_ONCE):
        with ExitStack() as stack:
            group = {
                name: Watched(stack.enter_context(fresh_machine(client, tags)))
                for name in names[first : first + AT_ONCE]
            }
            watch(group)
            found |= group
    return found


def watch(group: dict[str, Watched]) -> None:
    for name, one in group.items():
        one.machine.start(APPLICATIONS[name])
        one.machine.wait(lambda m=one.machine: bool(m.application_windows()), f"{name}'s window")
    clock.sleep(SETTLING_S)
    for _ in range(LOOKS):
        restless = [one for one in group.values() if not one.is_still]
        if not restless:
            break
        before = [one.machine.frame().copy() for one in restless]
        clock.sleep(IDLE_S)
        for one, frame in zip(restless, before, strict=True):
            one.moved.append(difference(frame, one.machine.frame()))
    for one in group.values():
        one.conclude()


def difference(before: "np.ndarray[Any, Any]", after: "np.ndarray[Any, Any]") -> str:
    changed = np.argwhere((after != before).any(axis=2))
    return f"{changed.min(axis=0)}…{changed.max(axis=0)} (y, x)" if changed.size else ""


@pytest.mark.parametrize("name", APPLICATIONS)
def test_an_application_shows_its_window_and_no_dialog_looks_nothing_up_and_stands_still(
    watched: dict[str, Watched], name: str
) -> None:
    one = watched[name]
    assert len(one.windows) == 1, f"{name} shows more than its window: {one.windows}"
    assert ("_DIALOG" in one.windows[0]) == (name in DIALOGS), one.windows
    assert one.is_still, f"{name} drew at {one.moved}"
    assert set(one.looked_up) - OWN == set()
    assert "Couldn't register with accessibility bus" not in one.log


def test_applications_that_stand_idle_for_two_minutes_look_nothing_up(
    three: tuple[Machine, float], watched: dict[str, Watched]
) -> None:
    del watched  # played in the meantime
    machine, since = three
    clock.sleep(max(0.0, since + LONG_IDLE_S - clock.monotonic()))
    assert set(machine.looked_up()) - OWN == set()
    assert len(machine.application_windows()) >= len(NETWORKED)
