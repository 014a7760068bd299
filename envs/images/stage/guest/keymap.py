"""Keys by name, characters by keysym: what needs no X server to know."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

__all__ = ["ACTION_KINDS", "KEY_NAMES", "act_limit_s", "chunks", "keysym_of"]

ACTION_KINDS = "click move drag scroll type_text press hotkey mouse_down mouse_up".split()
"""What the hands can do."""

KEY_NAMES = {
    "alt": "Alt_L",
    "backspace": "BackSpace",
    "capslock": "Caps_Lock",
    "ctrl": "Control_L",
    "delete": "Delete",
    "down": "Down",
    "end": "End",
    "enter": "Return",
    "escape": "Escape",
    "home": "Home",
    "insert": "Insert",
    "left": "Left",
    "menu": "Menu",
    "pagedown": "Next",
    "pageup": "Prior",
    "pause": "Pause",
    "printscreen": "Print",
    "right": "Right",
    "shift": "Shift_L",
    "space": "space",
    "super": "Super_L",
    "tab": "Tab",
    "up": "Up",
    **{f"f{n}": f"F{n}" for n in range(1, 13)},
}
_UNICODE_KEYSYM = 0x01000000


def keysym_of(char: str) -> int:
    """Return the keysym of one character."""
    code = ord(char)
    latin = 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xFF
    return code if latin else _UNICODE_KEYSYM + code


def chunks(text: str, known: Iterable[str], room: int) -> Iterator[str]:
    """Cut TEXT so that no piece has more than ROOM different characters outside KNOWN."""
    known = set(known)
    start, new = 0, set[str]()
    for at, char in enumerate(text):
        if char in known or char in new:
            continue
        if len(new) == room:
            yield text[start:at]
            start, new = at, set()
        new.add(char)
    if text[start:]:
        yield text[start:]


def act_limit_s(action: Mapping[str, Any]) -> float:
    """Return how long an action may take before the X server counts as frozen."""
    text = str(action.get("text", ""))
    return 5.0 + 0.01 * len(text) + (0.0 if text.isascii() else 15.0)
