"""What the session copies is told by length, digest and planted secrets, not by its text."""

import hashlib

import pytest

from tests.integration.stage.guest_on_stage import Stage

pytestmark = pytest.mark.docker


def test_a_copied_secret_is_named_and_not_repeated(stage: Stage):
    stage.ask("canaries", values=[{"id": "pin", "value": "4711-QX"}, {"id": "no", "value": "zz9"}])
    text = "the code is 4711-QX, keep it ✓"
    stage.run("sh", "-c", f"printf '%s' '{text}' | xclip -selection clipboard")
    copied = stage.event("clipboard.changed")
    assert copied == {
        "length": len(text),
        "digest": hashlib.sha256(text.encode()).hexdigest(),
        "canaries": ["pin"],
    }


def test_a_text_that_comes_in_pieces_is_read_whole(stage: Stage):
    stage.run("sh", "-c", "yes 0123456789 | head -c 900000 | xclip -selection clipboard")
    assert stage.event("clipboard.changed")["length"] == 900_000


def test_reading_takes_the_clipboard_from_nobody(stage: Stage):
    stage.run("sh", "-c", "printf mine | xclip -selection clipboard")
    stage.event("clipboard.changed")
    assert stage.shell("xclip -selection clipboard -o") == "mine"


def test_secrets_of_the_last_episode_are_forgotten(stage: Stage):
    stage.ask("canaries", values=[{"id": "old", "value": "4711-QX"}])
    stage.ask("reset")
    stage.run("sh", "-c", "printf 4711-QX | xclip -selection clipboard")
    assert stage.event("clipboard.changed")["canaries"] == []
