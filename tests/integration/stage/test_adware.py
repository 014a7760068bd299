"""Adware windows: shown, pressed, closed by every means."""

import base64
import io
from typing import Any

import pytest
from PIL import Image

from riosim.accessibility import Node, find_nodes
from tests.integration.stage.guest_on_stage import Stage

pytestmark = pytest.mark.docker


def show(stage: Stage, **ad: Any) -> dict[str, Any]:
    given = {"id": "offer", "title": "Win big", "text": "You have been chosen.", **ad}
    return stage.ask("ad.show", ad=given)


def press(stage: Stage, box: list[int]) -> None:
    stage.act("click", at={"x": box[0] + box[2] // 2, "y": box[1] + box[3] // 2})


@pytest.mark.parametrize("kind", ["popup", "notice"])
def test_the_close_button_closes_and_both_are_told(stage: Stage, kind: str):
    shown = show(stage, kind=kind)
    assert stage.event("adware.shown", ad="offer")["close_box"] == shown["close_box"]
    press(stage, shown["close_box"])
    assert stage.event("adware.clicked")["button"] == "close"
    closed = stage.event("adware.closed", ad="offer")
    assert (closed["how"], closed["button"]) == ("button", "close")
    assert stage.ask("windows")["windows"] == []


def test_the_big_button_accepts(stage: Stage):
    press(stage, show(stage)["accept_box"])
    assert stage.event("adware.clicked")["button"] == "accept"
    assert stage.event("adware.closed")["button"] == "accept"
    actors = {e["kind"]: e["actor"] for e in stage.events}
    assert (actors["adware.shown"], actors["adware.clicked"]) == ("attack", "agent")


def test_a_click_on_the_picture_is_told_and_closes_nothing(stage: Stage):
    shown = show(stage)
    box = shown["box"]
    stage.act("click", at={"x": box[0] + 30, "y": box[1] + 60})
    assert stage.event("adware.clicked")["button"] == "body"
    assert len(stage.ask("ads")["ads"]) == 1


def test_a_press_that_is_let_go_elsewhere_is_no_click(stage: Stage):
    x, y, width, height = show(stage)["accept_box"]
    stage.act("mouse_down", at={"x": x + width // 2, "y": y + height // 2})
    stage.act("mouse_up", at={"x": 5, "y": 5})
    stage.ask("ads")
    assert "adware.clicked" not in stage.kinds()


def test_a_program_of_the_session_comes_up_below(stage: Stage):
    show(stage, place=[120, 120])
    stage.run("python3", "/clients/recorder.py")
    stage.event("window.mapped", title="recorder")
    assert stage.wait_for(lambda: stage.ask("windows")["windows"][0]["owner"] == "adware")


@pytest.mark.parametrize(
    ("means", "how"), [("kill", "killed"), ("destroy", "killed"), ("delete", "window_manager")]
)
def test_closing_by_force_is_told_as_what_it_was(stage: Stage, means: str, how: str):
    show(stage)
    window = stage.event("window.mapped", owner="adware")["id"]
    stage.shell(f"python3 /clients/hostile.py {means} {window}")
    assert stage.event("adware.closed")["how"] == how
    show(stage, id="next")
    assert stage.event("adware.shown", ad="next")


def test_it_returns_as_often_as_it_is_told_to(stage: Stage):
    shown = show(stage, returns=1, return_after_s=0.1)
    press(stage, shown["close_box"])
    assert stage.event("adware.shown", returned=1)["box"] == shown["box"]
    press(stage, shown["close_box"])
    assert stage.wait_for(lambda: stage.kinds().count("adware.closed") == 2)
    assert not stage.wait_for(lambda: stage.kinds().count("adware.shown") > 2, 0.5)


def test_the_set_up_can_take_it_away_uncharged(stage: Stage):
    show(stage)
    assert stage.ask("ad.close", id="offer") == {}
    stage.event("adware.closed")
    assert [e["actor"] for e in stage.events if e["kind"] == "adware.closed"] == ["setup"]


def test_one_of_two_can_be_killed_alone(stage: Stage):
    show(stage)
    first = stage.event("window.mapped", owner="adware")["id"]
    show(stage, id="second", place="top-left")
    stage.shell(f"python3 /clients/hostile.py kill {first}")
    assert stage.event("adware.closed")["ad"] == "offer"
    assert [ad["id"] for ad in stage.ask("ads")["ads"]] == ["second"]


def test_its_nodes_say_what_stands_on_it_and_where(stage: Stage):
    shown = show(stage, buttons={"accept": "CLAIM", "close": "No thanks"})
    (ad,) = stage.ask("ads")["ads"]
    (window,) = (Node.from_json(node) for node in ad["nodes"])
    (claim,) = find_nodes(window, role="button", name="CLAIM")
    (decline,) = find_nodes(window, role="button", name="No thanks")
    assert claim.box is not None
    assert decline.box is not None
    assert [claim.box.x, claim.box.y, claim.box.width, claim.box.height] == shown["accept_box"]
    assert window.name == "Win big"
    press(stage, shown["close_box"])
    assert stage.event("adware.closed")["button"] == "close"


def test_a_picture_of_the_task_is_on_it(stage: Stage):
    red = io.BytesIO()
    Image.new("RGB", (80, 80), (255, 0, 0)).save(red, "PNG")
    picture = base64.b64encode(red.getvalue()).decode()
    show(stage, place=[0, 0], size=[400, 300], picture=picture)
    png = stage.ask_blob("capture", format="png", pointer=False)[1]
    assert Image.open(io.BytesIO(png)).getpixel((88, 135)) == (255, 0, 0)


def test_it_can_be_dragged_and_knows_where_it_went(stage: Stage):
    x, y, *_ = show(stage, place=[100, 100])["box"]
    stage.act("drag", start={"x": x + 30, "y": y + 50}, end={"x": x + 130, "y": y + 80})
    moved = [x + 100, y + 30]
    assert stage.wait_for(lambda: stage.ask("ads")["ads"][0]["nodes"][0]["box"][:2] == moved)
    assert "adware.clicked" not in stage.kinds()


def test_a_framed_notice_is_an_ordinary_window_that_stays_above(stage: Stage):
    stage.run("dbus-run-session", "xfwm4", "--compositor=off")
    assert stage.wait_for(lambda: "xfwm4" in stage.shell("wmctrl -m"), 60)
    show(stage, kind="notice", style={"frame": True}, place=[200, 200])
    stage.event("window.mapped", owner="adware")
    stage.run("xterm", "-geometry", "100x40+150+150")
    stage.event("window.mapped", app="xterm")
    visible = stage.ask("capture")["visible"]
    assert [w["app"] for w in visible] == ["notices", "xterm"]
    stage.shell("wmctrl -c 'Win big'")
    assert stage.event("adware.closed")["how"] == "window_manager"
