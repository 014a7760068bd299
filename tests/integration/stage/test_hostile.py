"""What clients of the session do to the X server does not stop the stage."""

import io

import pytest
from PIL import Image

from tests.integration.stage.guest_on_stage import Program, RefusedError, Stage

pytestmark = pytest.mark.docker


def hostile(stage: Stage, what: str, *args: str, timeout_s: float = 60.0) -> Program:
    program = stage.run("python3", "/clients/hostile.py", what, *args)
    assert stage.wait_for(lambda: "ready" in program.lines, timeout_s)
    return program


def picture(stage: Stage) -> Image.Image:
    return Image.open(io.BytesIO(stage.ask_blob("capture", format="png")[1])).convert("RGB")


def test_a_grabbed_server_does_not_stop_the_eyes_and_is_told(stage: Stage):
    grabber = hostile(stage, "grab")
    hands = stage.send("act", action={"kind": "move", "at": {"x": 10, "y": 10}})
    for _ in range(2):
        assert picture(stage).getpixel((100, 100)) == (255, 0, 0)
        assert stage.ask("quiet")["since_damage_ms"] >= 0
    assert not stage.has_answered(hands), "the eyes waited as long as the hands"
    assert stage.event("screen.grabbed", over=False)["seconds"] >= 0.5
    grabber.go_on()
    assert stage.event("screen.grabbed", over=True)["seconds"] >= 0.5


def test_an_action_on_a_grabbed_server_times_out_and_the_next_one_works(stage: Stage):
    grabber = hostile(stage, "grab")
    with pytest.raises(RefusedError) as refused:
        stage.act("click", at={"x": 10, "y": 10})
    assert refused.value.kind == "timeout"
    grabber.go_on()
    assert stage.wait_for(lambda: grabber.process.poll() is not None)
    assert stage.act("move", at={"x": 20, "y": 20})["t_ns"] > 0


def test_a_reset_ends_a_grab(stage: Stage):
    hostile(stage, "grab")
    stage.ask("reset")
    assert stage.act("move", at={"x": 20, "y": 20})["t_ns"] > 0


def test_a_full_screen_cover_is_told_once(stage: Stage):
    hostile(stage, "cover")
    covered = stage.event("screen.covered", title="cover")
    assert covered["fraction"] == 1.0
    picture(stage)
    assert stage.kinds().count("screen.covered") == 1


def test_an_ad_is_above_a_cover_even_one_that_fights(stage: Stage):
    stage.ask("ad.show", ad={"id": "top", "place": [100, 100], "size": [300, 200]})
    hostile(stage, "cover")
    assert stage.wait_for(lambda: stage.ask("windows")["windows"][0]["owner"] == "adware")
    hostile(stage, "raiser")
    assert stage.wait_for(lambda: stage.ask("windows")["windows"][0]["owner"] == "adware")


def test_three_thousand_windows_neither_stop_the_stage_nor_flood_the_host(stage: Stage):
    hostile(stage, "many")
    assert stage.ask("capture")["width_px"] == 1280
    assert stage.act("move", at={"x": 20, "y": 20})["t_ns"] > 0
    assert stage.wait_for(lambda: len(stage.ask("windows")["windows"]) == 200)
    assert stage.kinds().count("window.mapped") < 1_500
    assert stage.event("system.limit")["which"] == "window_events"


def test_malformed_properties_are_read_as_far_as_they_go(stage: Stage):
    hostile(stage, "titles")

    def long_title() -> str:
        found = [w["title"] for w in stage.ask("windows")["windows"] if "AAA" in w["title"]]
        return found[0] if found else ""

    title = stage.wait_for(long_title)
    assert len(title) <= 300
    assert "\x1b" not in title
    assert len(stage.ask("windows")["windows"]) == 2


def test_a_smaller_screen_by_xrandr_keeps_the_size_of_the_picture(stage: Stage):
    stage.shell("xrandr --fb 640x480; xrandr -s 640x480; xrandr -q")
    assert picture(stage).size == (1280, 800)
    assert stage.act("click", at={"x": 50, "y": 50})["t_ns"] > 0


def test_remapped_keys_do_not_change_what_is_typed(stage: Stage):
    stage.shell("xmodmap -e 'keycode 38 = b B' -e 'keycode 36 = Escape'; setxkbmap de")
    keep = "read -r line; printf '%s' \"$line\" > /tmp/remapped; sleep 30"
    typed = stage.run("xterm", "-e", "sh", "-c", keep)
    box = stage.event("window.mapped")["box"]
    assert typed.process.poll() is None
    stage.act("click", at={"x": box[0] + 50, "y": box[1] + 50})
    stage.act("type_text", text="yes: a\\z {ü}\n")
    read = "cat /tmp/remapped 2>/dev/null"
    assert stage.wait_for(lambda: stage.shell(read) == "yes: a\\z {ü}"), stage.shell(read)


def test_closed_access_does_not_lock_the_hands_out(stage: Stage):
    stage.shell("xhost -")
    assert stage.act("move", at={"x": 20, "y": 20})["t_ns"] > 0
    assert stage.ask("capture")["width_px"] == 1280


def test_what_the_session_prints_to_the_server_cannot_be_a_frame(stage: Stage):
    stage.shell("kill -9 -1; true")
    assert stage.ask("hello") == {"protocol": 1}
