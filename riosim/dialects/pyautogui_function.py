"""What each function of PyAutoGUI does, said with a hand."""

import ast
from collections.abc import Callable
from typing import Any, Final

from riosim.dialects.hand import Hand
from riosim.dialects.key_name import key_named
from riosim.dialects.pyautogui_call import NotUnderstoodError, number, text, truncated, whole

__all__ = ["COMMON", "DOES", "IGNORED", "SIGNATURES", "named_keys"]

COMMON: Final = ("logScreenshot", "_pause")
_CLICKED: Final = ("x", "y", "interval", "duration", "tween", *COMMON)
_CLICKED_WITH: Final = ("x", "y", "interval", "button", "duration", "tween", *COMMON)
_HELD: Final = ("x", "y", "button", "duration", "tween", *COMMON)
_TURNED: Final = ("clicks", "x", "y", *COMMON)
_MOVED: Final = ("x", "y", "duration", "tween", *COMMON)
_MOVED_BY: Final = ("xOffset", "yOffset", "duration", "tween", *COMMON)
_DRAGGED: Final = ("duration", "tween", "button", *COMMON, "mouseDownUp")
_WRITTEN: Final = ("message", "interval", *COMMON)
SIGNATURES: Final = {  # PyAutoGUI 0.9.54
    "click": ("x", "y", "clicks", "interval", "button", "duration", "tween", *COMMON),
    "leftClick": _CLICKED,
    "rightClick": _CLICKED,
    "middleClick": _CLICKED,
    "doubleClick": _CLICKED_WITH,
    "tripleClick": _CLICKED_WITH,
    "mouseDown": _HELD,
    "mouseUp": _HELD,
    "moveTo": _MOVED,
    "move": _MOVED_BY,
    "moveRel": _MOVED_BY,
    "dragTo": ("x", "y", *_DRAGGED),
    "drag": ("xOffset", "yOffset", *_DRAGGED),
    "dragRel": ("xOffset", "yOffset", *_DRAGGED),
    "scroll": _TURNED,
    "vscroll": _TURNED,
    "hscroll": _TURNED,
    "write": _WRITTEN,
    "typewrite": _WRITTEN,
    "press": ("keys", "presses", "interval", *COMMON),
    "hold": ("keys", *COMMON),
    "keyDown": ("key", *COMMON),
    "keyUp": ("key", *COMMON),
    "sleep": ("seconds",),
}
IGNORED: Final = frozenset({"duration", "tween", *COMMON})
_BUTTONS: Final = {"primary": "left", "secondary": "right", 1: "left", 2: "middle", 3: "right"}
_TWO_CLICKS_S: Final = 0.5  # further apart, two clicks are no double click

_Given = dict[str, Any]


def named_keys(value: object, node: ast.AST) -> list[str]:
    """Return one key, or several of a list."""
    if isinstance(value, list):
        return [key_named(key) for key in value]
    return [key_named(text(value, node))]


def _button(given: _Given, otherwise: str = "left") -> object:
    button = given.get("button", otherwise)
    folded = button.casefold() if isinstance(button, str) else button
    return _BUTTONS.get(folded, folded) if isinstance(folded, str | int) else folded


def _place(given: _Given, node: ast.AST) -> tuple[object, object]:
    """Return x and y, which may come as one pair, or as a box whose middle counts."""
    x, y = given.get("x"), given.get("y")
    if isinstance(x, list) and y is None:
        sides = [number(side, node) for side in x]
        if len(sides) == 2:
            return sides[0], sides[1]
        if len(sides) == 4:
            return sides[0] + sides[2] / 2, sides[1] + sides[3] / 2
    if isinstance(x, str):
        raise NotUnderstoodError(node, f"A picture ({x[:40]!r}) is no place that can be read.")
    return x, y


def _click(hand: Hand, given: _Given, node: ast.AST, *, button: str = "left", of: int = 1) -> None:
    at = hand.at(*_place(given, node))
    count = whole(given.get("clicks", 1), node)
    pause_s = number(given.get("interval", 0.0), node)
    if pause_s >= _TWO_CLICKS_S and 0 < count <= 50:
        for _ in range(count * of):
            hand.click(at, button=_button(given, button))
        return
    hand.click(at, button=_button(given, button), count=count * of)


def _offset(given: _Given, node: ast.AST) -> tuple[float, float]:
    x, y = given.get("xOffset"), given.get("yOffset")
    if isinstance(x, list) and len(x) == 2 and y is None:
        x, y = x
    return number(x or 0, node), number(y or 0, node)


def _drag(hand: Hand, given: _Given, node: ast.AST) -> None:
    if "xOffset" in given or "yOffset" in given:
        to = hand.beside(*_offset(given, node))
    else:
        to = hand.at(*_place(given, node))
    if given.get("mouseDownUp") is False:
        hand.move(to)
    else:
        hand.drag(to, button=_button(given))


def _scroll(hand: Hand, given: _Given, node: ast.AST, *, sideways: bool = False) -> None:
    clicks = truncated(given.get("clicks"), node)
    x, y = _place(given, node)
    at = None if x is None and y is None else hand.at(x, y)
    if sideways:
        hand.scroll(at, dx=clicks)
    else:
        hand.scroll(at, dy=-clicks)  # theirs goes up, ours down


def _write(hand: Hand, given: _Given, node: ast.AST) -> None:
    message = given.get("message")
    if isinstance(message, str):
        hand.type(message)
        return
    if not isinstance(message, list):
        raise NotUnderstoodError(node, f"{str(message)[:50]!r} is no text.")
    for key in message:
        hand.press(key_named(key))


def _press(hand: Hand, given: _Given, node: ast.AST) -> None:
    keys = named_keys(given.get("keys"), node)
    presses = whole(given.get("presses", 1), node)
    if len(keys) == 1:
        hand.press(keys[0], presses)
        return
    if not 0 <= presses * len(keys) <= 500:
        raise NotUnderstoodError(node, f"{presses} presses of {len(keys)} keys are too many.")
    for _ in range(presses):
        for key in keys:
            hand.press(key)


def _sleep(hand: Hand, given: _Given, node: ast.AST) -> None:
    hand.wait(float(number(given.get("seconds"), node)))


DOES: Final[dict[str, Callable[[Hand, _Given, ast.AST], None]]] = {
    "click": _click,
    "leftClick": _click,
    "rightClick": lambda hand, given, node: _click(hand, given, node, button="right"),
    "middleClick": lambda hand, given, node: _click(hand, given, node, button="middle"),
    "doubleClick": lambda hand, given, node: _click(hand, given, node, of=2),
    "tripleClick": lambda hand, given, node: _click(hand, given, node, of=3),
    "mouseDown": lambda hand, given, node: hand.mouse_down(
        hand.at(*_place(given, node)), button=_button(given)
    ),
    "mouseUp": lambda hand, given, node: hand.mouse_up(
        hand.at(*_place(given, node)), button=_button(given)
    ),
    "moveTo": lambda hand, given, node: hand.move(hand.at(*_place(given, node))),
    "move": lambda hand, given, node: hand.move(hand.beside(*_offset(given, node))),
    "moveRel": lambda hand, given, node: hand.move(hand.beside(*_offset(given, node))),
    "dragTo": _drag,
    "drag": _drag,
    "dragRel": _drag,
    "scroll": _scroll,
    "vscroll": _scroll,
    "hscroll": lambda hand, given, node: _scroll(hand, given, node, sideways=True),
    "write": _write,
    "typewrite": _write,
    "press": _press,
    "keyDown": lambda hand, given, node: hand.key_down(key_named(text(given.get("key"), node))),
    "keyUp": lambda hand, given, node: hand.key_up(key_named(text(given.get("key"), node))),
    "sleep": _sleep,
}
