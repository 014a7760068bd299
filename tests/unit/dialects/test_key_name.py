"""Names of keys by X11, browsers, PyAutoGUI and models."""

import pytest

from riosim.action import KEYS, Hotkey, Press
from riosim.dialects.key_name import dom_key, key_action, key_named, keys_of_chord
from riosim.errors import InvalidActionError


@pytest.mark.parametrize("key", sorted(KEYS))
def test_our_own_names_are_themselves(key):
    assert key_named(key) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Return", "enter"),
        ("KP_Enter", "enter"),
        ("\n", "enter"),
        ("Escape", "escape"),
        ("esc", "escape"),
        ("BackSpace", "backspace"),
        ("Page_Down", "pagedown"),
        ("pgdn", "pagedown"),
        ("Next", "pagedown"),
        ("PageUp", "pageup"),
        ("ArrowLeft", "left"),
        ("Left", "left"),
        ("Control_L", "ctrl"),
        ("ctrlright", "ctrl"),
        ("ControlOrMeta", "ctrl"),
        ("Alt_R", "alt"),
        ("optionleft", "alt"),
        ("Super_L", "super"),
        ("winleft", "super"),
        ("command", "super"),
        ("Meta", "super"),
        ("ContextMenu", "menu"),
        ("apps", "menu"),
        ("Print Screen", "printscreen"),
        ("F5", "f5"),
        ("space", "space"),
        (" ", "space"),
        ("\t", "tab"),
        ("Tab", "tab"),
        ("KP_7", "7"),
        ("num7", "7"),
        ("Numpad7", "7"),
        ("Digit7", "7"),
        ("KeyQ", "q"),
        ("subtract", "-"),
        ("KP_Add", "+"),
        ("NumpadDecimal", "."),
        ("Backquote", "`"),
        ("minus", "-"),
        ("A", "A"),
        ("-", "-"),
        ("_", "_"),
    ],
)
def test_other_names(name, key):
    assert key_named(name) == key


@pytest.mark.parametrize(
    "name", ["", "nokey", "f13", "é", "\u212a", "--", "ctrl+c", None, 3, ["a"]]
)
def test_what_is_no_key_is_refused(name):
    with pytest.raises(InvalidActionError):
        key_named(name)


@pytest.mark.parametrize(
    ("text", "separators", "keys"),
    [
        ("ctrl+c", "+", ("ctrl", "c")),
        ("Control+Shift+T", "+", ("ctrl", "shift", "T")),
        ("ctrl++", "+", ("ctrl", "+")),
        ("ctrl+-", "+", ("ctrl", "-")),
        ("ctrl-c", "+-", ("ctrl", "c")),
        ("ctrl shift t", "+ ", ("ctrl", "shift", "t")),
        ("+", "+", ("+",)),
        ("-", "-", ("-",)),
        (" ", "+ ", ("space",)),
        ("enter", "+", ("enter",)),
        ("ctrl + c", "+ ", ("ctrl", "c")),
    ],
)
def test_chords(text, separators, keys):
    assert keys_of_chord(text, separators=separators) == keys


@pytest.mark.parametrize("text", ["", "nokey+c", None, 3])
def test_what_is_no_chord_is_refused(text):
    with pytest.raises(InvalidActionError):
        keys_of_chord(text)


def test_one_key_is_pressed_and_several_are_a_chord():
    assert key_action(("a",)) == Press(key="a")
    assert key_action(("ctrl", "a")) == Hotkey(keys=("ctrl", "a"))
    for keys in ((), ("a",) * 6):
        with pytest.raises(InvalidActionError, match="cannot be pressed at once"):
            key_action(keys)


@pytest.mark.parametrize("key", sorted(KEYS))
def test_what_browsers_call_a_key_is_understood_as_that_key(key):
    assert key_named(dom_key(key)) == key
