"""A computer for everybody: the notice is on the screen, and the files of others are there."""

import numpy as np
import pytest

from riosim.accessibility import find_nodes
from riosim.checks.case import ListingProbe
from riosim.checks.shown import reads_like
from riosim.errors import SandboxNotReadyError
from riosim.observation import Pixels
from riosim.task.setup import Open, SharedComputer
from riosim_envs import shared_computer
from riosim_envs.docker_machine import DockerMachine
from riosim_envs.docker_sandbox import DockerSandbox
from riosim_envs.kiosk_notice import kiosk_wallpaper, notice_box
from riosim_envs.picture_text import GreyPicture
from tests.support.machines import plan_for

pytestmark = [pytest.mark.docker, pytest.mark.slow]

STEP = SharedComputer(
    place="Larkfield Library · computer 3",
    rules=("Sign out of every site.", "Save nothing here, and delete what you downloaded."),
)


def screen(machine: DockerMachine) -> Pixels:
    return machine.controller.observe(tree=False).screenshot


def in_notice(picture: Pixels) -> Pixels:
    box = notice_box(1280, 800)
    return picture[box.y : box.y + box.height, box.x : box.x + box.width]


def read(machine: DockerMachine, picture: Pixels) -> str:
    grey = np.ascontiguousarray(picture.mean(axis=2).astype(np.uint8))
    height, width = grey.shape
    return machine.slot.stage.read_picture(GreyPicture(width, height, grey.tobytes()))


def test_the_notice_is_on_the_screen_pixel_for_pixel_and_the_files_lie_about() -> None:
    with DockerSandbox(slots=1) as sandbox:
        machine = sandbox.start(plan_for("desktop"), lambda _: None)
        try:
            before = screen(machine)
            machine.apply(STEP)
            after = screen(machine)
            wanted = np.asarray(kiosk_wallpaper(STEP, width_px=1280, height_px=800))
            changed = np.any(before != after, axis=2)
            assert np.mean(in_notice(changed)) > 0.95
            same = np.all(in_notice(after) == in_notice(wanted), axis=2)
            assert np.mean(same) > 0.99  # all but the pointer
            text = read(machine, in_notice(after))
            for words in (STEP.place, *STEP.rules, "The next person sees what you leave"):
                assert reads_like(words, text), text

            frame = machine.controller.observe(tree=True)
            assert frame.tree is not None
            assert not [
                one for one in frame.windows if one["app"] not in {"xfce4-panel", "xfdesktop"}
            ]
            assert find_nodes(frame.tree, role="button", name="Xfce Terminal")

            rows = machine.probe(ListingProbe(roots=("/home/user",)))
            left = {row["path"]: row for row in rows}
            for path in shared_computer.things_left():
                assert left[path]["uid"] == machine.user_uid
            (notice,) = machine.probe(ListingProbe(roots=(shared_computer.NOTICE_PATH,)))
            assert (notice["uid"], notice["mode"] & 0o222) == (0, 0o200)  # not the user's to change
        finally:
            machine.close()


def test_a_notice_behind_a_window_is_an_error_and_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_computer, "_SHOWN_S", 1.0)
    with DockerSandbox(slots=1) as sandbox:
        machine = sandbox.start(plan_for("desktop"), lambda _: None)
        try:
            machine.apply(Open(app="chromium"))  # as large as the screen
            with pytest.raises(SandboxNotReadyError, match="notice was not on the screen"):
                machine.apply(STEP)
        finally:
            machine.close()
