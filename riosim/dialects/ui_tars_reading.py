"""What the functions of UI-TARS mean."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from riosim.action import Action, Point, Press, parse_action
from riosim.agent import InvalidOutput
from riosim.dialects.call_text import Call
from riosim.dialects.coordinate import Grid
from riosim.dialects.key_name import key_action, key_named, keys_of_chord
from riosim.dialects.place_text import place_of
from riosim.errors import InvalidActionError

__all__ = ["FUNCTIONS", "NOTCHES", "WAIT_S", "UiTarsReading"]

NOTCHES: Final = 5  # that `scroll` turns the wheel: as many as the authors' own code does
WAIT_S: Final = 5.0  # what `wait()` is described as
_PLACES: Final[Mapping[str, tuple[str, ...]]] = {  # functions, and what their arguments are called
    "click": ("start_box",),
    "left_single": ("start_box",),
    "left_double": ("start_box",),
    "right_single": ("start_box",),
    "hover": ("start_box",),
    "move": ("start_box",),
    "drag": ("start_box", "end_box"),
    "select": ("start_box", "end_box"),
    "hotkey": ("key",),
    "press": ("key",),
    "type": ("content",),
    "scroll": ("start_box", "direction"),
    "wait": (),
    "finished": ("content",),
    "call_user": ("content",),
}
_EXTRA_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "goto": ("url",),
    "back": (),
    "new_tab": ("url",),
    "close_tab": (),
    "switch_tab": ("index",),
    "refuse": ("content",),
    "mouse_down": ("start_box",),
    "mouse_up": ("start_box",),
}
_SYNONYMS: Final = {
    "point": "start_box",
    "start_point": "start_box",
    "box": "start_box",
    "end_point": "end_box",
    "hotkey": "key",
    "press": "key",
    "reason": "content",
}
_TELEPHONE: Final = frozenset(
    "long_press open_app press_home press_back press_recent swipe".split()
)
_HELD: Final = frozenset("keydown keyup release".split())
_DIRECTIONS: Final = {"down": (0, 1), "up": (0, -1), "right": (1, 0), "left": (-1, 0)}
FUNCTIONS: Final = _PLACES.keys() | _EXTRA_PLACES.keys() | _TELEPHONE | _HELD
"""Names with which a call may begin, those that are refused included."""


@dataclass(frozen=True, slots=True)
class UiTarsReading:
    """Reads calls for one screen; the attributes are those of `UiTars`."""

    grid: Grid
    extras: bool
    pointer: Point | None

    def action(self, call: Call, thought: str) -> Action | InvalidOutput:
        """Return what one call means; THOUGHT is what was said beside it."""
        if call.problem:
            return InvalidOutput(call.text[:20_000], call.problem)
        try:
            meaning = self._meaning(call.name, self._arguments(call), thought)
            return parse_action(meaning) if isinstance(meaning, dict) else meaning
        except InvalidActionError as exc:
            return InvalidOutput.from_error(call.text, exc)

    def _arguments(self, call: Call) -> dict[str, str]:
        """Return the arguments under their one name each."""
        places = _PLACES.get(call.name)
        if places is None and self.extras:
            places = _EXTRA_PLACES.get(call.name)
        if places is None:
            raise InvalidActionError(_why_unknown(call.name, extras=self.extras))
        found: dict[str, str] = {}
        for key, value in call.arguments.items():
            if key.isdecimal() and int(key) >= len(places):
                raise InvalidActionError(f"{call.name} takes no argument number {int(key) + 1}.")
            name = places[int(key)] if key.isdecimal() else _SYNONYMS.get(key, key)
            if name in found:
                raise InvalidActionError(f"{call.name}: {name} is given twice.")
            found[name] = value
        return found

    def _meaning(self, name: str, given: dict[str, str], thought: str) -> dict[str, Any] | Action:
        """Return the action as an object for `parse_action`, or itself."""
        match name:
            case "click" | "left_single" | "left_double" | "right_single":
                return {"kind": "click", "at": self._at(name, given), **self._click(name, given)}
            case "hover" | "move":
                return {"kind": "move", "at": self._at(name, given)}
            case "drag" | "select":
                start, end = self._at(name, given), self._at(name, given, "end_box")
                return {"kind": "drag", "start": start, "end": end, **self._button(given)}
            case "hotkey" | "press":
                return self._keys(name, given)
            case "type":
                text = _needed(name, given, "content").replace("\r\n", "\n").replace("\r", "\n")
                return {"kind": "type_text", "text": text}
            case "scroll":
                return self._scroll(given)
            case "wait":
                seconds = self._extra(given, "seconds", _decimal, WAIT_S)
                return {"kind": "wait", "seconds": seconds}
            case "finished":
                return {"kind": "finish", "answer": given.get("content", "")}
            case "call_user":
                return {"kind": "ask_user", "question": given.get("content") or thought[:20_000]}
            case _:
                return self._extra_meaning(name, given)

    def _extra_meaning(self, name: str, given: dict[str, str]) -> dict[str, Any]:
        """Return what one of the functions means that only `extras` has."""
        match name:
            case "mouse_down" | "mouse_up":
                return {"kind": name, "at": self._at(name, given), **self._button(given)}
            case "goto":
                return {"kind": name, "url": _needed(name, given, "url")}
            case "new_tab":
                return {"kind": name, "url": given.get("url") or None}
            case "switch_tab":
                return {"kind": name, "index": _whole("index", _needed(name, given, "index"))}
            case "refuse":
                return {"kind": name, "reason": given.get("content", "")}
            case _:  # back, close_tab
                return {"kind": name}

    def _at(self, name: str, given: dict[str, str], key: str = "start_box") -> dict[str, int]:
        """Return a place as a pixel of the screen."""
        try:
            point = self.grid.point(*place_of(_needed(name, given, key)))
        except InvalidActionError as exc:
            raise InvalidActionError(f"{name}: {key}: {exc}") from exc
        return {"x": point.x, "y": point.y}

    def _click(self, name: str, given: dict[str, str]) -> dict[str, Any]:
        button = "right" if name == "right_single" else "left"
        modifiers = self._extra(given, "modifiers", str.split, [])
        return {
            "button": self._extra(given, "button", str, button),
            "count": self._extra(given, "count", _counted, 2 if name == "left_double" else 1),
            "modifiers": [key_named(key) for key in modifiers],
        }

    def _button(self, given: dict[str, str]) -> dict[str, Any]:
        return {"button": self._extra(given, "button", str, "left")}

    def _keys(self, name: str, given: dict[str, str]) -> Action | dict[str, Any]:
        action = key_action(_chord(_needed(name, given, "key")))
        if isinstance(action, Press):
            count = self._extra(given, "count", _counted, 1)
            return {"kind": "press", "key": action.key, "count": count}
        return action

    def _scroll(self, given: dict[str, str]) -> dict[str, Any]:
        direction = _needed("scroll", given, "direction").strip().lower()
        if direction not in _DIRECTIONS:
            raise InvalidActionError(
                f"scroll: direction is {direction[:40]!r}; say down, up, left or right."
            )
        x, y = _DIRECTIONS[direction]
        notches = self._extra(given, "notches", _counted, NOTCHES)
        if given.get("start_box", "").strip():
            at = self._at("scroll", given)
        else:
            screen = self.grid.screen
            middle = Point(x=screen.width_px // 2, y=screen.height_px // 2)
            at = (self.pointer or middle).model_dump()
        return {"kind": "scroll", "at": at, "dx": x * notches, "dy": y * notches}

    def _extra(
        self, given: dict[str, str], key: str, meaning: Callable[[str], Any], otherwise: object
    ) -> Any:
        """Return an argument that only `extras` has; else, and where it is missing, the default."""
        value = given.get(key) if self.extras else None
        return otherwise if value is None else meaning(value)


def _why_unknown(name: str, *, extras: bool) -> str:
    if name in _TELEPHONE:
        return f"There is no {name} here: this is a computer with a mouse and a keyboard."
    if name in _HELD:
        return f"There is no {name} here: keys are pressed together with hotkey(key='ctrl c')."
    known = [*_PLACES, *(_EXTRA_PLACES if extras else ())]
    return f"No function is named {name[:60]!r}; there are: {', '.join(known)}."


def _needed(name: str, given: dict[str, str], key: str) -> str:
    if key not in given:
        raise InvalidActionError(f"{name} needs {key}.")
    return given[key]


def _chord(text: str) -> list[str]:
    """Return the keys of `ctrl c`, `ctrl+c` or `ctrl + c`."""
    if text in (" ", "\n"):
        return [key_named(text)]
    words = text.split()
    if not words:
        raise InvalidActionError("No key is named.")
    inner = [word for word in words[1:-1] if word != "+"]
    ends = [words[0], *inner, words[-1]] if len(words) > 1 else words
    return [key for word in ends for key in keys_of_chord(word)]


def _whole(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text.strip()):
        raise InvalidActionError(f"{name} is {text[:40]!r}, not a whole number.")
    return int(text)


def _counted(text: str) -> int:
    return _whole("the number of times", text)


def _decimal(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{0,20})?(?:e-?[0-9]{1,3})?", text.strip()):
        raise InvalidActionError(f"seconds is {text[:40]!r}, not a number.")
    return float(text)
