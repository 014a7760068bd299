"""What the hands can do is what the schema asks of a desktop, no more and no less."""

import importlib

from hypothesis import given
from hypothesis import strategies as st

from riosim.action import ACTION_TYPES, BROWSER_KINDS, KEYS

DONE_BY_THE_HOST = {"wait", "run_python", "ask_user", "finish", "refuse"}


def test_every_action_of_a_desktop_is_known_to_the_hands():
    kinds = {str(action.model_fields["kind"].default) for action in ACTION_TYPES}
    keymap = importlib.import_module("keymap")
    assert set(keymap.ACTION_KINDS) == kinds - BROWSER_KINDS - DONE_BY_THE_HOST


def test_every_named_key_of_the_schema_has_a_key_on_the_keyboard():
    keymap = importlib.import_module("keymap")
    assert set(keymap.KEY_NAMES) == {key for key in KEYS if len(key) > 1}


@given(text=st.text("abcdeFGH你好吗😀", max_size=60), room=st.integers(1, 6))
def test_pieces_of_a_text_are_the_text_and_none_needs_too_many_keys(text: str, room: int):
    keymap = importlib.import_module("keymap")
    pieces = list(keymap.chunks(text, "ab", room))
    assert "".join(pieces) == text
    assert all(len(set(piece) - set("ab")) <= room for piece in pieces)
    assert all(pieces)


def test_latin_letters_are_their_own_keysyms_and_others_are_marked():
    keymap = importlib.import_module("keymap")
    assert [keymap.keysym_of(c) for c in "aé€😀"] == [0x61, 0xE9, 0x10020AC, 0x101F600]
