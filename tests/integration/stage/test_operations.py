"""What each operation of the stage answers."""

import io
import struct
import time

import pytest
from PIL import Image

from tests.integration.stage.guest_on_stage import RefusedError, Stage

pytestmark = pytest.mark.docker


def picture(stage: Stage, **args: object) -> Image.Image:
    return Image.open(io.BytesIO(stage.ask_blob("capture", format="png", **args)[1])).convert("RGB")


def test_hello_names_the_protocol(stage: Stage):
    assert stage.ask("hello") == {"protocol": 1}


def test_png_and_raw_show_the_same_pixels(stage: Stage):
    stage.run("python3", "/clients/recorder.py")
    stage.event("window.mapped", title="recorder")
    head, raw = stage.ask_blob("capture", format="raw", pointer=False)
    assert (head["width_px"], head["height_px"], len(raw)) == (1280, 800, 1280 * 800 * 3)
    assert picture(stage, pointer=False).tobytes() == raw
    assert picture(stage, pointer=False).getpixel((300, 300)) == (0xC0, 0xE0, 0xC0)


def test_the_pointer_is_drawn_where_it_is_and_only_when_asked_for(stage: Stage):
    stage.act("move", at={"x": 640, "y": 300})
    without = picture(stage, pointer=False)
    shown = picture(stage, pointer=True)
    assert without.crop((600, 260, 680, 340)).getcolors() == [(6400, (0, 0, 0))]
    assert len(shown.crop((600, 260, 680, 340)).getcolors()) > 1
    assert shown.crop((0, 0, 500, 800)).getcolors() == [(400_000, (0, 0, 0))]


def test_a_window_is_described_with_what_shows_of_it(stage: Stage):
    stage.run("python3", "/clients/recorder.py")
    mapped = stage.event("window.mapped", title="recorder")
    assert (mapped["app"], mapped["owner"], mapped["box"]) == (
        "recorder",
        "session",
        [100, 100, 600, 500],
    )
    stage.ask("ad.show", ad={"id": "over", "place": [100, 100], "size": [300, 250]})
    windows = {w["title"] or w["owner"]: w for w in stage.ask("windows")["windows"]}
    assert windows["recorder"]["visible_fraction"] == pytest.approx(0.75)
    assert windows["adware"]["visible_fraction"] == 1.0
    assert windows["adware"]["stacking"] < windows["recorder"]["stacking"]
    head, _ = stage.ask_blob("capture", format="png")
    assert {w["id"] for w in head["visible"]} == {w["id"] for w in windows.values()}


def test_what_is_wholly_covered_is_not_visible(stage: Stage):
    stage.run("python3", "/clients/recorder.py")
    stage.event("window.mapped", title="recorder")
    stage.ask("ad.show", ad={"id": "over", "place": [50, 50], "size": [700, 600]})
    head, _ = stage.ask_blob("capture", format="png")
    assert [w["owner"] for w in head["visible"]] == ["adware"]


def test_quiet_counts_from_the_last_changed_pixel_and_window(stage: Stage):
    first = stage.wait_for(lambda: (q := stage.ask("quiet"))["since_damage_ms"] > 100 and q)
    begun = time.monotonic()
    assert first["world"] == {"requests": 0, "pages": 0}
    stage.run("python3", "/clients/recorder.py")
    stage.event("window.mapped", title="recorder")
    after = stage.ask("quiet")
    since_begun_ms = (time.monotonic() - begun) * 1000
    assert after["since_damage_ms"] <= since_begun_ms
    assert after["since_window_change_ms"] <= since_begun_ms
    assert stage.wait_for(lambda: stage.ask("quiet")["since_damage_ms"] > 200)


def test_titles_are_told_when_they_change(stage: Stage):
    told = "until [ -e /tmp/go ]; do sleep 0.05; done; printf '\\033]0;second\\007'; sleep 60"
    stage.run("xterm", "-T", "first", "-e", told)
    window = stage.event("window.mapped", title="first")
    stage.shell("touch /tmp/go")
    assert stage.event("window.titled", title="second")["id"] == window["id"]


def test_a_closed_window_is_told(stage: Stage):
    stage.run("xterm", "-T", "short", "-e", "until [ -e /tmp/end ]; do sleep 0.05; done")
    window = stage.event("window.mapped", title="short")
    stage.shell("touch /tmp/end")
    assert stage.event("window.unmapped")["id"] == window["id"]


def test_a_reset_leaves_nothing(stage: Stage):
    stage.run("python3", "/clients/recorder.py")
    stage.event("window.mapped", title="recorder")
    stage.ask("ad.show", ad={"id": "gone"})
    blank = Image.new("RGB", (1280, 800))
    stage.ask("reset")
    assert picture(stage, pointer=False).tobytes() == blank.tobytes()
    assert stage.ask("windows")["windows"] == []
    assert stage.ask("ads") == {"ads": []}


def test_two_resets_give_the_same_first_frame(stage: Stage):
    first = stage.ask_blob("capture", format="png")[1]
    stage.act("move", at={"x": 3, "y": 5})
    stage.ask("reset")
    assert stage.ask_blob("capture", format="png")[1] == first


@pytest.mark.parametrize(
    ("op", "args", "kind"),
    [
        ("nonsense", {}, "bad_request"),
        ("act", {"action": {"kind": "goto", "url": "http://shop.test"}}, "bad_request"),
        ("act", {"action": {"kind": "press", "key": "nokey"}}, "bad_request"),
        ("act", {}, "bad_request"),
        ("capture", {"format": "bmp"}, "bad_request"),
        ("ad.close", {"id": "nobody"}, "not_found"),
        ("ad.show", {"ad": {"id": "x", "colour": "red"}}, "bad_request"),
        ("ad.show", {"ad": {"id": "x", "picture": "AAAA"}}, "bad_request"),
        ("start", {"width_px": 3, "height_px": 3}, "bad_request"),
    ],
)
def test_what_cannot_be_done_is_refused_and_the_stage_goes_on(
    stage: Stage, op: str, args: dict[str, object], kind: str
):
    with pytest.raises(RefusedError) as refused:
        stage.ask(op, **args)
    assert refused.value.kind == kind
    assert stage.ask("hello") == {"protocol": 1}


def test_another_size_can_be_started(stage: Stage):
    stage.ask("start", width_px=800, height_px=600)
    try:
        head, png = stage.ask_blob("capture", format="png")
        assert (head["width_px"], head["height_px"]) == (800, 600)
        assert struct.unpack(">II", png[16:24]) == (800, 600)
    finally:
        stage.ask("start", width_px=1280, height_px=800)
