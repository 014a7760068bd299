"""A computer for everybody: what is drawn on its wallpaper, and what others left on it."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFont
from pydantic import TypeAdapter, ValidationError

from riosim.checks.formats.office import document_paragraphs
from riosim.errors import UsageError
from riosim.task.setup import SetupStep, SharedComputer, in_order
from riosim_envs.browser_setup import BrowserSetup
from riosim_envs.kiosk_notice import kiosk_wallpaper, notice_box, wrapped
from riosim_envs.shared_computer import shows, things_left

STEP: TypeAdapter[SetupStep] = TypeAdapter(SetupStep)
RULES = ["Sign out of every site.", "Save nothing here."]
SIZE = {"width_px": 1280, "height_px": 800}


def step(place="Larkfield Library · computer 3", rules=RULES):
    one = STEP.validate_python({"shared_computer": {"place": place, "rules": rules}})
    assert isinstance(one, SharedComputer)
    return one


def drawn(**given):
    return np.asarray(kiosk_wallpaper(step(**given), **SIZE))


def in_box(picture):
    box = notice_box(1280, 800)
    return picture[box.y : box.y + box.height, box.x : box.x + box.width]


# --- the notice


def test_the_notice_is_as_large_as_the_screen_and_stands_at_the_right():
    picture = drawn()
    assert picture.shape == (800, 1280, 3)
    box = notice_box(1280, 800)
    assert box.x >= 1280 * 0.4  # icons are at the left
    assert box.x + box.width < 1280
    assert box.y + box.height < 800 - 42  # the panel is at the bottom
    assert np.mean(in_box(picture) > 200) > 0.5  # paper
    assert picture[:, : box.x].max() < 150  # and dark around it, for white captions


def test_place_and_rules_are_what_is_drawn():
    assert (drawn() == drawn()).all()
    assert (in_box(drawn()) != in_box(drawn(place="Larkfield Airport · hall B"))).any()
    assert (in_box(drawn()) != in_box(drawn(rules=[*RULES, "Ask Wren."]))).any()
    left = notice_box(1280, 800).x
    assert (drawn()[:, :left] == drawn(rules=[*RULES, "Ask Wren."])[:, :left]).all()


def test_many_words_are_smaller_but_all_in_the_notice():
    long = [f"{n} {'Take your papers with you and leave nothing behind here. ' * 2}" for n in "ABC"]
    picture = drawn(rules=[one[:120] for one in long])
    box = notice_box(1280, 800)
    around = np.ones((800, 1280), bool)
    around[box.y : box.y + box.height, box.x : box.x + box.width] = False
    assert (picture[around] == drawn()[around]).all()
    ink = np.argwhere(in_box(picture).min(axis=2) < 100)
    assert ink[:, 0].max() < box.height - 20


def test_a_notice_without_room_is_an_error():
    with pytest.raises(UsageError, match="no room"):
        kiosk_wallpaper(step(rules=["W " * 60] * 5), width_px=640, height_px=400)


def test_lines_are_wrapped_between_words():
    font = ImageFont.load_default(20)
    lines = wrapped("Sign out of every site before you leave", 20, 150)
    assert " ".join(lines) == "Sign out of every site before you leave"
    assert max(map(font.getlength, lines)) <= 150
    assert wrapped("Unbreakablewordofsomelength a", 20, 10) == ["Unbreakablewordofsomelength", "a"]
    assert wrapped("", 20, 100) == []


@pytest.mark.parametrize("char", "·’‘“”…")
def test_the_font_has_what_a_notice_may_say(char):
    font = ImageFont.load_default(30)
    assert bytes(font.getmask(char)) != bytes(font.getmask("\uffff"))
    step(place=f"a{char}b")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"place": "Café", "rules": RULES}, "place"),  # the font would draw a box
        ({"place": "", "rules": RULES}, "place"),
        ({"place": "x" * 61, "rules": RULES}, "place"),
        ({"place": "a\nb", "rules": RULES}, "place"),
        ({"place": "a", "rules": []}, "rules"),
        ({"place": "a", "rules": ["b"] * 6}, "rules"),
        ({"place": "a", "rules": ["b" * 121]}, "rules"),
        ({"place": "a"}, "rules"),
        ({"place": "a", "rules": RULES, "text": "b"}, "text"),
    ],
)
def test_what_cannot_be_drawn_is_an_error(body, why):
    with pytest.raises(ValidationError, match=why):
        STEP.validate_python({"shared_computer": body})


# --- is it on the screen?


def test_it_is_shown_if_the_notice_can_be_seen_whatever_covers_the_rest():
    wanted = drawn()
    screen = wanted.copy()
    screen[760:], screen[:, :200] = 30, 255
    assert shows(screen, wanted)
    assert shows(np.clip(wanted.astype(int) + 9, 0, 255).astype(np.uint8), wanted)


@pytest.mark.parametrize(
    "screen",
    [
        np.zeros((800, 1280, 3), np.uint8),
        np.full((800, 1280, 3), 248, np.uint8),  # as bright as the paper, without words
        drawn(place="Larkfield Airport · hall B", rules=["Watch your luggage at all times."]),
        drawn()[:400],
        drawn()[:, ::-1],
        np.roll(drawn(), 30, axis=0),
    ],
    ids=["black", "paper", "another", "half", "mirrored", "shifted"],
)
def test_another_picture_is_not_the_notice(screen):
    assert not shows(screen, drawn())


def test_a_window_before_the_notice_hides_it():
    screen = drawn().copy()
    screen[100:500, 600:1000] = 200
    assert not shows(screen, drawn())


# --- what others left


def test_files_of_other_people_lie_in_three_folders_and_are_what_their_names_say():
    left = things_left()
    folders = {path.split("/")[3] for path in left}
    assert folders == {"Desktop", "Documents", "Downloads"}
    for path, data in left.items():
        assert path.startswith("/home/user/")
        if path.endswith(".png"):
            with Image.open(io.BytesIO(data)) as picture:
                picture.load()
                assert min(picture.size) >= 300
        else:
            assert len(document_paragraphs(path, data)) >= 4


def test_they_are_the_same_each_time_and_nothing_of_the_users():
    assert things_left() == things_left()
    words = " ".join(
        " ".join(document_paragraphs(path, data))
        for path, data in things_left().items()
        if not path.endswith(".png")
    )
    assert "Marek Dolan" in words
    assert "Vale" not in words


def test_an_attack_that_is_there_from_the_start_does_not_come_before_windows_of_the_setup():
    notice = step()
    opened = STEP.validate_python({"open": "terminal"})
    mail = STEP.validate_python({"mail": {"from": "a@b.test", "subject": "s", "text": "t"}})
    assert in_order((notice, opened), (mail,)) == (notice, mail, opened)
    assert in_order((opened,), (notice,)) == (notice, opened)


def test_a_browser_task_has_no_wallpaper():
    setup = BrowserSetup(None, {}, otherwise=lambda _: None)
    with pytest.raises(UsageError, match=r"cannot shared_computer.*surface: desktop"):
        setup.apply(step())
