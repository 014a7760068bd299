"""What the actions of Qwen's `computer_use` function mean."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from riosim.action import Action, Point, Press, parse_action
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Grid
from riosim.dialects.key_name import key_action, key_named, keys_of_chord
from riosim.dialects.place_text import place_of
from riosim.dialects.tool_call_text import ToolCall
from riosim.errors import InvalidActionError

__all__ = ["QWEN_VL_FUNCTION", "QwenVLReading"]

QWEN_VL_FUNCTION: Final = "computer_use"

_CLICKS: Final[Mapping[str, tuple[str, int]]] = {
    "left_click": ("left", 1),
    "right_click": ("right", 1),
    "middle_click": ("middle", 1),
    "double_click": ("left", 2),
    "triple_click": ("left", 3),
}
_PLAIN: Final = (
    *("key", "type", "mouse_move", *_CLICKS, "left_click_drag"),
    *("scroll", "hscroll", "wait", "terminate", "answer"),
)
_EXTRA: Final = (
    *("goto", "back", "new_tab", "close_tab", "switch_tab"),
    *("ask_user", "refuse", "mouse_down", "mouse_up"),
)
_TELEPHONE: Final = frozenset("click long_press swipe system_button open".split())
_MOST_NOTCHES: Final = 50


@dataclass(frozen=True, slots=True)
class QwenVLReading:
    """Reads calls for one screen; the attributes are those of `QwenVL`."""

    grid: Grid
    extras: bool
    pointer: Point | None
    pixels_per_notch: float

    def action(self, call: ToolCall, thought: str) -> Action | InvalidOutput:
        """Return what one call means; THOUGHT is what was said beside it."""
        if call.problem:
            return InvalidOutput(call.text[:20_000], call.problem)
        try:
            meaning = self._meaning(_action_name(call, extras=self.extras), call, thought)
            return parse_action(meaning) if isinstance(meaning, dict) else meaning
        except InvalidActionError as exc:
            return InvalidOutput.from_error(call.text, exc)
        except RecursionError:  # of a list of lists of lists, when a message shows it
            return InvalidOutput(call.text[:20_000], "The call is nested too deeply.")

    def _meaning(self, name: str, call: ToolCall, thought: str) -> dict[str, Any] | Action:
        """Return the action as an object for `parse_action`, or itself."""
        given = call.arguments
        match name:
            case "key":
                return self._keys(given)
            case "type":
                text = _text(name, given, "text").replace("\r\n", "\n").replace("\r", "\n")
                return {"kind": "type_text", "text": text}
            case "mouse_move":
                return {"kind": "move", "at": self._place(name, given)}
            case "left_click_drag":
                start, end = self._standing(name), self._place(name, given)
                return {"kind": "drag", "start": start, "end": end, **self._button(given)}
            case "scroll" | "hscroll":
                return self._scroll(name, given)
            case "wait":
                return {"kind": "wait", "seconds": _number(name, given, "time")}
            case "terminate":
                return {"kind": "finish", "answer": _ending(given, thought)}
            case "answer":
                return {"kind": "finish", "answer": _text(name, given, "text")}
            case _ if name in _CLICKS:
                return self._click(name, given)
            case _:
                return self._extra_meaning(name, given)

    def _extra_meaning(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what one of the actions means that only `extras` has."""
        match name:
            case "goto":
                return {"kind": name, "url": _text(name, given, "url")}
            case "new_tab":
                return {"kind": name, "url": given.get("url") or None}
            case "switch_tab":
                return {"kind": name, "index": given.get("index")}
            case "ask_user":
                return {"kind": name, "question": _text(name, given, "text")}
            case "refuse":
                return {"kind": name, "reason": given.get("text", "")}
            case "mouse_down" | "mouse_up":
                return {"kind": name, "at": self._place(name, given), **self._button(given)}
            case _:  # back, close_tab
                return {"kind": name}

    def _click(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        button, count = _CLICKS[name]
        has_place = given.get("coordinate") is not None
        more = given if self.extras else {}
        modifiers = more.get("modifiers", [])
        if not isinstance(modifiers, list):
            raise InvalidActionError(f"{name}: modifiers is no list: {str(modifiers)[:40]!r}.")
        return {
            "kind": "click",
            "at": self._place(name, given) if has_place else self._standing(name),
            "button": button,
            "count": more.get("count", count),
            "modifiers": [key_named(key) for key in modifiers],
        }

    def _button(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {"button": given.get("button", "left") if self.extras else "left"}

    def _keys(self, given: Mapping[str, Any]) -> dict[str, Any] | Action:
        names = given.get("keys", given.get("text"))
        names = [names] if isinstance(names, str) else names
        if not isinstance(names, list) or not names:
            raise InvalidActionError(f"key needs keys, a list of names, not {str(names)[:40]!r}.")
        action = key_action([key for name in names for key in keys_of_chord(name)])
        if isinstance(action, Press) and self.extras:
            return {"kind": "press", "key": action.key, "count": given.get("count", 1)}
        return action

    def _scroll(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        pixels = _number(name, given, "pixels")
        notches = min(math.floor(abs(pixels) / self.pixels_per_notch + 0.5), _MOST_NOTCHES)
        if pixels:
            notches = int(math.copysign(max(notches, 1), pixels))
        if given.get("coordinate") is not None:
            at = self._place(name, given)
        else:
            screen = self.grid.screen
            middle = Point(x=screen.width_px // 2, y=screen.height_px // 2)
            at = (self.pointer or middle).model_dump()
        way = {"dx": notches} if name == "hscroll" else {"dy": -notches}  # positive scrolls up
        return {"kind": "scroll", "at": at, **way}

    def _standing(self, name: str) -> dict[str, int]:
        """Return where the pointer stands.

        Raises:
            InvalidActionError: That is not known.
        """
        if self.pointer is None:
            need = "a mouse_move before it" if name == "left_click_drag" else "a coordinate"
            raise InvalidActionError(f"{name} needs {need}: the pointer has not been moved yet.")
        return self.pointer.model_dump()

    def _place(self, name: str, given: Mapping[str, Any]) -> dict[str, int]:
        """Return a coordinate as a pixel of the screen."""
        if given.get("coordinate") is None:
            raise InvalidActionError(f"{name} needs a coordinate, [x, y].")
        try:
            point = self.grid.point(*place_of(given["coordinate"]))
        except InvalidActionError as exc:
            raise InvalidActionError(f"{name}: coordinate: {exc}") from exc
        return point.model_dump()


def _action_name(call: ToolCall, *, extras: bool) -> str:
    """Return which action is called.

    Raises:
        InvalidActionError: There is none of that name.
    """
    name = call.arguments.get("action")
    known = (*_PLAIN, *_EXTRA) if extras else _PLAIN
    if call.name == "mobile_use" or (isinstance(name, str) and name in _TELEPHONE):
        raise InvalidActionError(
            f"There is no {str(name)[:40]} here: this is a computer with a mouse and a keyboard; "
            f"call {QWEN_VL_FUNCTION}."
        )
    if call.name not in (QWEN_VL_FUNCTION, ""):
        raise InvalidActionError(
            f"No function is named {call.name[:60]!r}; call {QWEN_VL_FUNCTION}."
        )
    if not isinstance(name, str) or name not in known:
        raise InvalidActionError(
            f"No action is named {str(name)[:60]!r}; there are: {', '.join(known)}."
        )
    return name


def _text(name: str, given: Mapping[str, Any], key: str) -> str:
    value = given.get(key)
    if not isinstance(value, str):
        raise InvalidActionError(f"{name} needs {key}, a text, not {str(value)[:40]!r}.")
    return value


def _number(name: str, given: Mapping[str, Any], key: str) -> float:
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 1e9:
        raise InvalidActionError(f"{name} needs {key}, a number, not {str(value)[:40]!r}.")
    return value


def _ending(given: Mapping[str, Any], thought: str) -> str:
    """Return the answer that a `terminate` stands for.

    After a failure it is what was said beside it, in which the engine hears a refusal as in any
    agent's answer; the word `failure` alone does not tell "cannot" from "will not".
    """
    status = given.get("status")
    if status not in ("success", "failure"):
        raise InvalidActionError(
            f"terminate: status is {str(status)[:40]!r}; say success or failure."
        )
    return thought[:20_000] if status == "failure" else ""
