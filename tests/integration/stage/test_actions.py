"""Each action arrives at a client as a person's would."""

from typing import Any

import pytest

from tests.integration.stage.guest_on_stage import Program, Stage

pytestmark = pytest.mark.docker

_SHIFT, _CTRL = 1, 4


@pytest.fixture
def recorder(stage: Stage) -> Program:
    stage.act("move", at={"x": 5, "y": 5})
    program = stage.run("python3", "/clients/recorder.py")
    assert stage.wait_for(lambda: {"what": "ready"} in program.lines)
    return program


def seen(stage: Stage, recorder: Program, what: str, count: int) -> list[dict[str, Any]]:
    def those() -> list[dict[str, Any]]:
        return [line for line in list(recorder.lines) if line["what"] == what]

    assert stage.wait_for(lambda: len(those()) >= count), recorder.lines
    return those()


@pytest.mark.parametrize(("button", "code"), [("left", 1), ("middle", 2), ("right", 3)])
def test_a_click_is_one_press_and_release_at_the_point(
    stage: Stage, recorder: Program, button: str, code: int
):
    stage.act("click", at={"x": 222, "y": 333}, button=button)
    (down,) = seen(stage, recorder, "down", 1)
    (up,) = seen(stage, recorder, "up", 1)
    assert (down["x"], down["y"], down["detail"], up["detail"]) == (222, 333, code, code)


def test_a_triple_click_is_three(stage: Stage, recorder: Program):
    stage.act("click", at={"x": 222, "y": 333}, count=3)
    assert len(seen(stage, recorder, "up", 3)) == 3


def test_modifiers_are_held_during_a_click_only(stage: Stage, recorder: Program):
    stage.act("click", at={"x": 222, "y": 333}, modifiers=["ctrl", "shift"])
    stage.act("click", at={"x": 222, "y": 333})
    first, second = seen(stage, recorder, "down", 2)
    assert (first["state"], second["state"]) == (_CTRL | _SHIFT, 0)


def test_a_drag_moves_in_between(stage: Stage, recorder: Program):
    stage.act("drag", start={"x": 150, "y": 150}, end={"x": 450, "y": 350})
    (down,), (up,) = seen(stage, recorder, "down", 1), seen(stage, recorder, "up", 1)
    between = [m for m in seen(stage, recorder, "move", 5) if 150 < m["x"] < 450]
    assert (down["x"], down["y"], up["x"], up["y"]) == (150, 150, 450, 350)
    assert len(between) >= 5


def test_the_wheel_turns_in_notches_each_way(stage: Stage, recorder: Program):
    stage.act("scroll", at={"x": 300, "y": 300}, dy=3)
    stage.act("scroll", at={"x": 300, "y": 300}, dy=-2)
    stage.act("scroll", at={"x": 300, "y": 300}, dx=1)
    stage.act("scroll", at={"x": 300, "y": 300}, dx=-1)
    turned = [line["detail"] for line in seen(stage, recorder, "down", 7)]
    assert turned == [5, 5, 5, 4, 4, 7, 6]


def test_a_button_stays_down_until_it_is_let_go(stage: Stage, recorder: Program):
    stage.act("mouse_down", at={"x": 200, "y": 200})
    stage.act("move", at={"x": 260, "y": 200})
    seen(stage, recorder, "down", 1)
    assert not [line for line in recorder.lines if line["what"] == "up"]
    stage.act("mouse_up", at={"x": 280, "y": 200})
    (up,) = seen(stage, recorder, "up", 1)
    assert up["x"] == 280


@pytest.mark.parametrize(
    ("key", "keysym"),
    [
        ("enter", 0xFF0D),
        ("escape", 0xFF1B),
        ("pagedown", 0xFF56),
        ("super", 0xFFEB),
        ("menu", 0xFF67),
        ("f12", 0xFFC9),
        ("a", 0x61),
        ("A", 0x41),
        ("%", 0x25),
        ("space", 0x20),
        (" ", 0x20),
    ],
)
def test_a_key_arrives_as_itself(stage: Stage, recorder: Program, key: str, keysym: int):
    stage.act("press", key=key, count=2)
    shift = 0xFFE1
    assert stage.wait_for(
        lambda: [e["keysym"] for e in _keys(recorder) if e["keysym"] != shift] == [keysym] * 2
    ), recorder.lines


def test_every_named_key_of_the_schema_can_be_pressed(stage: Stage, recorder: Program):
    from riosim.action import KEYS

    for key in sorted(KEYS):
        stage.act("press", key=key)


def test_a_hotkey_is_pressed_in_order_and_released_in_reverse(stage: Stage, recorder: Program):
    stage.act("hotkey", keys=["ctrl", "shift", "t"])
    released = seen(stage, recorder, "key-up", 3)
    pressed = _keys(recorder)
    assert [e["detail"] for e in pressed] == [e["detail"] for e in released][::-1]
    assert pressed[-1]["state"] == _CTRL | _SHIFT


def _keys(recorder: Program) -> list[dict[str, Any]]:
    return [line for line in list(recorder.lines) if line["what"] == "key"]
