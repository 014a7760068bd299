"""Every application opens one window without a question, looks nothing up and is still."""

import numpy as np
import pytest

from riosim.clock import SystemClock
from tests.integration.image.conftest import Machine

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
SETTLING_S = 20.0
IDLE_S = 30.0


@pytest.mark.parametrize("name", APPLICATIONS)
def test_an_application_shows_its_window_and_no_dialog_looks_nothing_up_and_stands_still(
    machine: Machine, name: str
) -> None:
    clock = SystemClock()
    machine.start(APPLICATIONS[name])
    machine.wait(lambda: bool(machine.application_windows()), f"{name}'s window")
    clock.sleep(SETTLING_S)
    windows = machine.application_windows()
    assert len(windows) == 1, f"{name} shows more than its window: {windows}"
    assert "_DIALOG" not in windows[0]
    before = machine.frame().copy()
    clock.sleep(IDLE_S)
    changed = np.argwhere((machine.frame() != before).any(axis=2))
    assert changed.size == 0, f"{name} drew at {changed.min(axis=0)}…{changed.max(axis=0)} (y, x)"
    asked = [host for host in machine.looked_up() if host != "home.test"]
    assert asked == [], f"{name} looked up {asked}"
    _, log = machine.run("cat /tmp/started.log")
    assert "Couldn't register with accessibility bus" not in log
