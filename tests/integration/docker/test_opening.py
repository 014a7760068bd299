"""Applications opened by the set-up: usable at the first look, and told where they are."""

from collections.abc import Iterator

import numpy as np
import pytest

from riosim.accessibility import Node, find_nodes
from riosim.action import Action, Click, Hotkey, Point, TypeText
from riosim.checks.case import ReadProbe, decode_blob
from riosim.clock import SystemClock, wait_until
from riosim.observation import Frame
from riosim.task.setup import App, Open, PutFile
from riosim_envs.docker_machine import DockerMachine
from riosim_envs.docker_sandbox import DockerSandbox
from tests.support.machines import plan_for

pytestmark = [pytest.mark.docker, pytest.mark.slow]

LETTER = "/home/user/Documents/letter.odt"
PICTURE = "/home/user/Pictures/pills.xcf"
SOUND = "/home/user/Music/horn.wav"
SCRIPT = "/home/user/Projects/a.py"
FUNCTION = "def f(x):\n    if x:\n        return {'a': [x]}\n    return 'no'\n"
FILES = (
    PutFile(path=LETTER, asset="office/letter.odt"),
    PutFile(path=PICTURE, asset="pictures/pills.xcf"),
    PutFile(path=SCRIPT, text="# a\n"),
)


@pytest.fixture
def machine(sandbox: DockerSandbox) -> Iterator[DockerMachine]:
    started = sandbox.start(plan_for("desktop"), lambda _: None)
    for file in FILES:
        started.apply(file)
    yield started
    started.close()


def look(machine: DockerMachine) -> Frame:
    return machine.controller.observe(tree=True)


def nodes(machine: DockerMachine, role: str, name: str | None = None) -> list[Node]:
    tree = look(machine).tree
    assert tree is not None
    return find_nodes(tree, role=role, name=name)


def do(machine: DockerMachine, *actions: Action) -> None:
    for action in actions:
        machine.controller.perform(action)


def click(machine: DockerMachine, role: str, name: str) -> None:
    found: list[Node] = []

    def is_there() -> bool:
        found[:] = nodes(machine, role, name)
        return bool(found)

    assert wait_until(is_there, clock=SystemClock(), timeout_s=20)
    assert found[0].box is not None
    x, y = found[0].box.centre
    do(machine, Click(at=Point(x=x, y=y)))


@pytest.mark.parametrize(
    ("app", "path", "role"),
    [
        ("writer", LETTER, "paragraph"),
        ("writer", None, "document"),
        ("calc", None, "document"),
        ("gimp", PICTURE, "tablist"),
        ("code", SCRIPT, "tree"),
        ("terminal", None, "terminal"),
    ],
)
def test_what_is_seen_first_is_seen_a_second_later(
    machine: DockerMachine, app: App, path: str | None, role: str
) -> None:
    machine.apply(Open(app=app, path=path))
    first = look(machine)
    assert first.tree is not None
    assert find_nodes(first.tree, role=role)
    SystemClock().sleep(1.0)
    later = look(machine).screenshot
    assert np.mean(np.any(first.screenshot != later, axis=2)) < 0.01


def test_the_player_keeps_its_controls_on_the_screen(machine: DockerMachine) -> None:
    machine.apply(PutFile(path=SOUND, asset="sounds/harbour-horn.wav"))
    machine.apply(Open(app="media", path=SOUND))
    clock = SystemClock()
    assert wait_until(lambda: bool(nodes(machine, "text", "03:05")), clock=clock, timeout_s=20)
    clock.sleep(6.0)  # it would hide them after four
    assert nodes(machine, "text", "03:05")


def test_what_libreoffice_draws_is_where_its_tree_says(machine: DockerMachine) -> None:
    machine.apply(Open(app="writer", path=LETTER))
    (bold,) = nodes(machine, "button", "Bold")
    assert "checked" not in bold.states
    click(machine, "button", "Bold")
    assert wait_until(
        lambda: "checked" in nodes(machine, "button", "Bold")[0].states,
        clock=SystemClock(),
        timeout_s=20,
    )


def test_the_menus_of_gimp_are_told_and_open(machine: DockerMachine) -> None:
    machine.apply(Open(app="gimp", path=PICTURE))
    click(machine, "menu", "Layer")
    assert wait_until(
        lambda: bool(nodes(machine, "menuitem", "New Layer...")),
        clock=SystemClock(),
        timeout_s=20,
    )


def test_a_function_that_is_typed_into_code_is_saved_as_it_was_typed(
    machine: DockerMachine,
) -> None:
    machine.apply(Open(app="code", path=SCRIPT))
    click(machine, "textbox", "a.py")
    do(machine, Hotkey(keys=("ctrl", "end")), TypeText(text=FUNCTION), Hotkey(keys=("ctrl", "s")))
    probe = ReadProbe(path=SCRIPT)

    def is_saved() -> bool:
        (file,) = machine.probe(probe)
        return decode_blob(file["data"]).decode() == "# a\n" + FUNCTION

    assert wait_until(is_saved, clock=SystemClock(), timeout_s=20, interval_s=0.5)


def test_a_second_text_opens_in_the_window_of_the_first(machine: DockerMachine) -> None:
    machine.apply(Open(app="editor", path=SCRIPT))
    machine.apply(Open(app="editor"))
    assert nodes(machine, "textbox")
