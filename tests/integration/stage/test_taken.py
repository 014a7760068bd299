"""An action is answered when the application has taken it, not when it was sent."""

from typing import Any

import pytest

from tests.integration.stage.guest_on_stage import Stage

pytestmark = pytest.mark.docker

RED = b"\xff\x00\x00"


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("click", {"at": {"x": 300, "y": 300}}),
        ("press", {"key": "a"}),
        ("hotkey", {"keys": ["ctrl", "a"]}),
        ("type_text", {"text": "a"}),
        ("scroll", {"at": {"x": 300, "y": 300}, "dy": 1}),
        ("mouse_down", {"at": {"x": 300, "y": 300}}),
    ],
)
def test_a_slow_application_has_answered_when_the_action_has(
    stage: Stage, kind: str, arguments: dict[str, Any]
):
    program = stage.run("python3", "/clients/slow.py")
    assert stage.wait_for(lambda: {"what": "ready"} in program.lines)
    stage.act(kind, **arguments)
    frame, data = stage.ask_blob("capture", format="raw", pointer=False)
    at = 3 * (350 * frame["width_px"] + 350)
    assert data[at : at + 3] == RED
