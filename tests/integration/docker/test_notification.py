"""Notifications of the desktop: on the screen, in the tree, and gone when they are meant to go."""

import pytest

from riosim.accessibility import find_nodes
from riosim.clock import SystemClock, wait_until
from riosim.task.setup import Notify
from riosim_envs.docker_machine import DockerMachine

TEXT = "Free space, <b>now</b> & here."  # as it is: nothing is made bold
pytestmark = [pytest.mark.docker, pytest.mark.slow]


@pytest.fixture
def machine(desktop: DockerMachine) -> DockerMachine:
    return desktop


def shown(machine: DockerMachine) -> list[str]:
    """The texts in the windows of the program that shows notifications."""
    frame = machine.controller.observe(tree=True)
    assert frame.tree is not None
    return [node.name for node in find_nodes(frame.tree, role="text", app="xfce4-notifyd")]


def test_nothing_is_shown_that_nobody_asked_for(machine):
    frame = machine.controller.observe(tree=False)
    assert "xfce4-notifyd" not in {window["app"] for window in frame.windows}


def test_title_and_text_are_on_the_screen_and_stay(machine):
    machine.apply(Notify(title="Almost full", text=TEXT))
    frame = machine.controller.observe(tree=False)
    (window,) = [one for one in frame.windows if one["app"] == "xfce4-notifyd"]
    assert (window["owner"], window["visible_fraction"]) == ("session", 1.0)
    assert {"Almost full", TEXT} <= set(shown(machine))


def test_one_that_does_not_stay_goes_by_itself(machine):
    machine.apply(Notify(title="--help", text="Soon gone.", stays=False))
    assert "--help" in shown(machine)
    assert wait_until(
        lambda: "--help" not in shown(machine), clock=SystemClock(), timeout_s=30, interval_s=0.5
    )
    assert "Almost full" in shown(machine)
