"""What other people call the keys."""

import re
from collections.abc import Sequence
from typing import Final

from riosim.action import KEYS, Action, Hotkey, Press
from riosim.errors import InvalidActionError

__all__ = ["dom_key", "key_action", "key_named", "keys_of_chord"]

_ALIASES: Final = {
    # X11 keysyms, pyautogui, DOM `key` values, and what models write, folded and without _ and -
    "return": "enter",
    "kpenter": "enter",
    "numpadenter": "enter",
    "esc": "escape",
    "back": "backspace",
    "bs": "backspace",
    "del": "delete",
    "ins": "insert",
    "pgup": "pageup",
    "prior": "pageup",
    "pgdn": "pagedown",
    "pgdown": "pagedown",
    "next": "pagedown",
    "arrowleft": "left",
    "arrowright": "right",
    "arrowup": "up",
    "arrowdown": "down",
    "leftarrow": "left",
    "rightarrow": "right",
    "uparrow": "up",
    "downarrow": "down",
    "spacebar": "space",
    "control": "ctrl",
    "ctrll": "ctrl",
    "ctrlr": "ctrl",
    "ctrlleft": "ctrl",
    "ctrlright": "ctrl",
    "controll": "ctrl",
    "controlr": "ctrl",
    "altl": "alt",
    "altr": "alt",
    "altleft": "alt",
    "altright": "alt",
    "option": "alt",
    "opt": "alt",
    "optionleft": "alt",
    "optionright": "alt",
    "shiftl": "shift",
    "shiftr": "shift",
    "shiftleft": "shift",
    "shiftright": "shift",
    "superl": "super",
    "superr": "super",
    "win": "super",
    "winleft": "super",
    "winright": "super",
    "windows": "super",
    "cmd": "super",
    "command": "super",
    "meta": "super",
    "metal": "super",
    "metar": "super",
    "metaleft": "super",
    "metaright": "super",
    "controlormeta": "ctrl",
    "apps": "menu",
    "contextmenu": "menu",
    "print": "printscreen",
    "prtsc": "printscreen",
    "prtscr": "printscreen",
    "prntscrn": "printscreen",
    "prtscn": "printscreen",
    "break": "pause",
    # punctuation by name
    "plus": "+",
    "minus": "-",
    "equal": "=",
    "comma": ",",
    "period": ".",
    "dot": ".",
    "slash": "/",
    "backslash": "\\",
    "semicolon": ";",
    "colon": ":",
    "apostrophe": "'",
    "quotedbl": '"',
    "grave": "`",
    "asciitilde": "~",
    "bracketleft": "[",
    "bracketright": "]",
    "braceleft": "{",
    "braceright": "}",
    "parenleft": "(",
    "parenright": ")",
    "less": "<",
    "greater": ">",
    "question": "?",
    "exclam": "!",
    "at": "@",
    "numbersign": "#",
    "dollar": "$",
    "percent": "%",
    "asciicircum": "^",
    "ampersand": "&",
    "asterisk": "*",
    "underscore": "_",
    "bar": "|",
    "backquote": "`",
    "quote": "'",
    # the pad of digits, by X11, by browsers, by pyautogui
    **{
        pad + name: character
        for pad in ("kp", "numpad", "")
        for name, character in {
            "add": "+",
            "subtract": "-",
            "multiply": "*",
            "divide": "/",
            "decimal": ".",
        }.items()
    },
    **{
        f"{pad}{digit}": str(digit)
        for pad in ("kp", "numpad", "num", "digit")
        for digit in range(10)
    },
    # keys by their place on a US keyboard, as browsers' `code` names them
    **{f"key{letter}": letter for letter in "abcdefghijklmnopqrstuvwxyz"},
}
_DOM_NAMES: Final = {
    "alt": "Alt",
    "backspace": "Backspace",
    "capslock": "CapsLock",
    "ctrl": "Control",
    "delete": "Delete",
    "down": "ArrowDown",
    "end": "End",
    "enter": "Enter",
    "escape": "Escape",
    "home": "Home",
    "insert": "Insert",
    "left": "ArrowLeft",
    "menu": "ContextMenu",
    "pagedown": "PageDown",
    "pageup": "PageUp",
    "pause": "Pause",
    "printscreen": "PrintScreen",
    "right": "ArrowRight",
    "shift": "Shift",
    "space": "Space",
    "super": "Meta",
    "tab": "Tab",
    "up": "ArrowUp",
}
_CHARACTERS: Final = {" ": "space", "\n": "enter", "\r": "enter", "\t": "tab", "\x1b": "escape"}


def key_named(name: object) -> str:
    """Return our name of a key that X11, pyautogui, browsers or models name in their own way.

    A single printable character is itself; case counts for it and for nothing else.

    Example:
        >>> key_named("Page_Down"), key_named("Return"), key_named("ArrowLeft"), key_named("A")
        ('pagedown', 'enter', 'left', 'A')

    Raises:
        InvalidActionError: No key has that name.
    """
    if not isinstance(name, str):
        raise InvalidActionError(f"A key is named by a text, not by {str(name)[:50]!r}.")
    if name in _CHARACTERS:
        return _CHARACTERS[name]
    if name in KEYS:
        return name
    if len(name) == 1:  # folded, a Kelvin sign would be a k
        raise InvalidActionError(f"No key types {name!r}; type it as text.")
    folded = re.sub(r"[\s_-]", "", name).casefold()
    found = _ALIASES.get(folded, folded)
    if found not in KEYS:
        raise InvalidActionError(f"No key is named {name[:40]!r}.")
    return found


def dom_key(key: str) -> str:
    """Return what browsers call one of our keys: the `key` of a DOM event, and Playwright's name.

    Example:
        >>> dom_key("pagedown"), dom_key("f5"), dom_key("a")
        ('PageDown', 'F5', 'a')
    """
    return _DOM_NAMES.get(key) or (key.upper() if len(key) > 1 else key)


def keys_of_chord(text: object, *, separators: str = "+") -> tuple[str, ...]:
    """Return the keys of a chord such as `ctrl+shift+t`; a separator at the end is a key itself.

    Example:
        >>> keys_of_chord("ctrl++"), keys_of_chord("ctrl shift t", separators="+ ")
        (('ctrl', '+'), ('ctrl', 'shift', 't'))

    Raises:
        InvalidActionError: It names no key, or one that does not exist.
    """
    if not isinstance(text, str):
        raise InvalidActionError(f"Keys are named by a text, not by {str(text)[:50]!r}.")
    if text in KEYS or text in _CHARACTERS:
        return (key_named(text),)
    last = text[-1:] if len(text) > 1 and text[-1] in separators and text[-2] in separators else ""
    names = [name for name in re.split(f"[{re.escape(separators)}]", text) if name]
    keys = tuple(key_named(name) for name in [*names, *([last] if last.strip() else [])])
    if not keys:
        raise InvalidActionError(f"No key is named in {text[:40]!r}.")
    return keys


def key_action(keys: Sequence[str]) -> Action:
    """Return the action that presses these keys together: one key, or several at once.

    Raises:
        InvalidActionError: There is none, or there are more than five.
    """
    if not 1 <= len(keys) <= 5:
        raise InvalidActionError(f"{len(keys)} keys cannot be pressed at once (1 to 5).")
    return Press(key=keys[0]) if len(keys) == 1 else Hotkey(keys=tuple(keys))
