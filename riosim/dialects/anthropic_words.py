"""How our actions are said to Anthropic's computer-use tool."""

from typing import Any, Final

from riosim.action import (
    Action,
    Click,
    Drag,
    Hotkey,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Scroll,
    TypeText,
    Wait,
)
from riosim.dialects.coordinate import Grid
from riosim.errors import InvalidActionError

__all__ = ["CLICKS", "TOOLSET_VERSION", "words_of"]

TOOLSET_VERSION: Final = "20260801"
"""The version in which each action is a tool of its own."""

CLICKS: Final = {
    "left_click": ("left", 1),
    "right_click": ("right", 1),
    "middle_click": ("middle", 1),
    "double_click": ("left", 2),
    "triple_click": ("left", 3),
}
"""Button and count of each kind of click."""

_WITHOUT_COORDINATE: Final = "20241022"
_CLICK_NAMES: Final = {how: name for name, how in CLICKS.items()}
_X11: Final = {
    "enter": "Return",
    "escape": "Escape",
    "tab": "Tab",
    "backspace": "BackSpace",
    "delete": "Delete",
    "insert": "Insert",
    "home": "Home",
    "end": "End",
    "pageup": "Page_Up",
    "pagedown": "Page_Down",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "menu": "Menu",
    "pause": "Pause",
    "printscreen": "Print",
    "capslock": "Caps_Lock",
    "+": "plus",
}


def words_of(
    action: Action, grid: Grid, *, version: str, pointer: Point | None
) -> tuple[str, dict[str, Any]]:
    """Return the name and the input of a call.

    Raises:
        InvalidActionError: The tool has no words for it, or they need the pointer elsewhere.
    """
    match action:
        case Click():
            return _click(action, grid, version=version, pointer=pointer)
        case Move(at=at):
            return "mouse_move", {"coordinate": _pair(grid, at)}
        case Drag(start=start, end=end, button="left"):
            given = {"coordinate": _pair(grid, end)}
            if version == _WITHOUT_COORDINATE:
                _must_point_at(start, pointer)
                return "left_click_drag", given
            return "left_click_drag", {"start_coordinate": _pair(grid, start), **given}
        case Scroll():
            return _scroll(action, grid)
        case TypeText(text=text):
            return "type", {"text": text}
        case Press(key=key, count=count):
            if version == TOOLSET_VERSION and count > 1:
                return "key", {"text": _x11(key), "repeat": count}
            return "key", {"text": " ".join([_x11(key)] * count)}
        case Hotkey(keys=keys):
            return "key", {"text": "+".join(_x11(key) for key in keys)}
        case MouseDown(at=at, button="left") | MouseUp(at=at, button="left"):
            _must_point_at(at, pointer)
            return f"left_{action.kind}", {}
        case Wait(seconds=seconds):
            is_whole = float(seconds).is_integer()
            return "wait", {"duration": int(seconds) if is_whole else seconds}
        case _:
            raise InvalidActionError("the tool has no such action")


def _click(
    action: Click, grid: Grid, *, version: str, pointer: Point | None
) -> tuple[str, dict[str, Any]]:
    name = _CLICK_NAMES.get((action.button, action.count))
    if name is None:
        raise InvalidActionError(f"no {action.count} clicks of the {action.button} button")
    if version == _WITHOUT_COORDINATE:
        if action.modifiers:
            raise InvalidActionError("no keys can be held while clicking")
        _must_point_at(action.at, pointer)
        return name, {}
    given: dict[str, Any] = {"coordinate": _pair(grid, action.at)}
    if action.modifiers:
        given["text"] = "+".join(action.modifiers)
    return name, given


def _scroll(action: Scroll, grid: Grid) -> tuple[str, dict[str, Any]]:
    if action.dx and action.dy:
        raise InvalidActionError("it scrolls in one direction at a time")
    if action.dx:
        direction, amount = ("right" if action.dx > 0 else "left"), abs(action.dx)
    else:
        direction, amount = ("down" if action.dy >= 0 else "up"), abs(action.dy)
    return "scroll", {
        "coordinate": _pair(grid, action.at),
        "scroll_direction": direction,
        "scroll_amount": amount,
    }


def _pair(grid: Grid, point: Point) -> list[float]:
    return list(grid.coordinates(point))


def _must_point_at(point: Point, pointer: Point | None) -> None:
    if point != pointer:
        raise InvalidActionError(f"the pointer must be moved to ({point.x}, {point.y}) first")


def _x11(key: str) -> str:
    """Return the X11 name of a key, as xdotool takes it."""
    return _X11.get(key) or (key.upper() if len(key) > 1 and key[1:].isdigit() else key)
