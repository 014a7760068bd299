"""Anthropic's computer-use tool, in each of its versions.

Source:
    The types of the `anthropic` package 2.13 (`types/beta/beta_tool_computer_use_*`,
    `beta_computer_*_input`) and Anthropic's page "Computer use tool".
"""

import math
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from riosim.accessibility import Box
from riosim.action import (
    Action,
    Drag,
    Move,
    Point,
    Press,
    Scroll,
    Wait,
    parse_action,
)
from riosim.agent import InvalidOutput
from riosim.dialects.anthropic_words import CLICKS, TOOLSET_VERSION, words_of
from riosim.dialects.coordinate import Grid
from riosim.dialects.dialect import Reading, UnsayableError
from riosim.dialects.function_tool import shown_json
from riosim.dialects.key_name import key_action, keys_of_chord
from riosim.dialects.look import Look
from riosim.errors import InvalidActionError, UsageError

__all__ = ["ANTHROPIC_VERSIONS", "AnthropicComputer"]

_FIRST: Final = frozenset(
    "key type mouse_move left_click left_click_drag right_click middle_click double_click "
    "screenshot cursor_position".split()
)
_SECOND: Final = _FIRST | {
    *"left_mouse_down left_mouse_up scroll hold_key wait triple_click".split()
}
_THIRD: Final = _SECOND | {"zoom"}
ANTHROPIC_VERSIONS: Final = {
    "20241022": _FIRST,
    "20250124": _SECOND,
    "20251124": _THIRD,
    "20260801": _THIRD,
}
"""The versions of the tool, and the actions each has."""

_DIRECTIONS: Final = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
_MOST_CHORDS: Final = 50


@dataclass(frozen=True, slots=True)
class AnthropicComputer:
    """The input of one call of the tool; of the toolset, the call's name and input.

    Said is `{"action": "left_click", "coordinate": [x, y]}`, from 20260801 on
    `{"name": "left_click", "input": {"coordinate": [x, y]}}`.

    - A `key` of several chords (`Down Down`) is several actions; `repeat` counts presses.
    - `hold_key` presses and releases: a key cannot be held for a time.
    - `screenshot`, `zoom` and `cursor_position` act not: `look` returns what is to be seen, and
      `read` waits for 0 s, for one who has no other answer.
    - Keys held while scrolling or dragging are not in our schema: invalid.
    - In 20241022 a click, and a drag's beginning, is where the pointer is.

    Attributes:
        grid: How points are counted: `Grid.resized` to the picture that was sent.
        version: One of `ANTHROPIC_VERSIONS`.
        pointer: Where the pointer is, for calls without a coordinate; None if not known.
    """

    grid: Grid
    version: str = "20251124"
    pointer: Point | None = None

    def __post_init__(self) -> None:
        """Refuse a version that is not known."""
        if self.version not in ANTHROPIC_VERSIONS:
            known = ", ".join(ANTHROPIC_VERSIONS)
            raise UsageError(f"No computer tool has version {self.version!r}. Known: {known}.")

    @property
    def name(self) -> str:
        """What it is called in records and settings."""
        return f"anthropic_computer_{self.version}"

    def read(self, said: dict[str, Any]) -> Reading:
        """Return what was said; total."""
        try:
            name, given = self._call(said)
            return Reading(self._actions(name, given))
        except InvalidActionError as exc:
            return Reading((InvalidOutput.from_error(shown_json(said), exc),))

    def look(self, said: object) -> Look | None:
        """Return what the call asks to see; None if it acts or is none. Total."""
        try:
            name, given = self._call(said)
            match name:
                case "screenshot":
                    return Look("screenshot")
                case "cursor_position":
                    return Look("cursor_position")
                case "zoom":
                    return Look("zoom", self._region(given))
                case _:
                    return None
        except InvalidActionError:
            return None

    def write(self, action: Action) -> dict[str, Any]:
        """Return the call.

        Raises:
            UnsayableError: This version has no words for it, or they need the pointer elsewhere.
        """
        try:
            name, given = words_of(action, self.grid, version=self.version, pointer=self.pointer)
        except InvalidActionError as exc:
            raise UnsayableError(self.name, action, str(exc)) from exc
        if name not in ANTHROPIC_VERSIONS[self.version]:
            raise UnsayableError(self.name, action, f"it has no {name}")
        if self.version == TOOLSET_VERSION:
            return {"name": name, "input": given}
        return {"action": name, **given}

    def _call(self, said: object) -> tuple[str, dict[str, Any]]:
        if not isinstance(said, dict):
            raise InvalidActionError(f"A call is an object, not a {type(said).__name__}.")
        key = "name" if self.version == TOOLSET_VERSION else "action"
        name = said.get(key)
        given = said.get("input", {}) if self.version == TOOLSET_VERSION else said
        known = ANTHROPIC_VERSIONS[self.version]
        if not isinstance(name, str) or name not in known:
            raise InvalidActionError(
                f"The computer has no action {str(name)[:50]!r}. Known: {', '.join(sorted(known))}."
            )
        if not isinstance(given, dict):
            raise InvalidActionError(f"{name}: the input is no object.")
        return name, given

    def _actions(self, name: str, given: dict[str, Any]) -> tuple[Action, ...]:
        if name in CLICKS:
            button, count = CLICKS[name]
            held = _held(given.get("text") or given.get("key"))
            return (
                parse_action(
                    {
                        "kind": "click",
                        "at": self._at(given),
                        "button": button,
                        "count": count,
                        "modifiers": held,
                    }
                ),
            )
        match name:
            case "key":
                return _presses(given)
            case "hold_key":
                _number(given, "duration", 1)
                return (key_action(keys_of_chord(given.get("text"))),)
            case "type":
                return (parse_action({"kind": "type_text", "text": given.get("text")}),)
            case "mouse_move":
                return (Move(at=self._point("coordinate", given.get("coordinate"))),)
            case "left_click_drag":
                return (self._drag(given),)
            case "left_mouse_down" | "left_mouse_up":
                kind = name.removeprefix("left_")
                return (parse_action({"kind": kind, "at": self._at(given)}),)
            case "scroll":
                return (self._scroll(given),)
            case "wait":
                return (parse_action({"kind": "wait", "seconds": _number(given, "duration", 1)}),)
            case _:  # a look
                if name == "zoom":
                    self._region(given)
                return (Wait(seconds=0),)

    def _at(self, given: dict[str, Any]) -> dict[str, int]:
        return self._place(given).model_dump()

    def _place(self, given: dict[str, Any]) -> Point:
        """Return the coordinate, or where the pointer is."""
        value = given.get("coordinate")
        if value is not None:
            return self._point("coordinate", value)
        if self.pointer is None:
            raise InvalidActionError("Where the pointer is, is not known yet: give a coordinate.")
        return self.pointer

    def _point(self, key: str, value: object) -> Point:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise InvalidActionError(f"{key} is {str(value)[:50]!r}, not [x, y].")
        try:
            return self.grid.point(*value)
        except InvalidActionError as exc:
            raise InvalidActionError(f"{key}: {exc}") from exc

    def _drag(self, given: dict[str, Any]) -> Action:
        if given.get("text"):
            raise InvalidActionError("Keys cannot be held while dragging.")
        if given.get("start_coordinate") is not None:
            start = self._point("start_coordinate", given["start_coordinate"])
        else:
            start = self._place({})
        return Drag(start=start, end=self._point("coordinate", given.get("coordinate")))

    def _scroll(self, given: dict[str, Any]) -> Action:
        if given.get("text"):
            raise InvalidActionError("Keys cannot be held while scrolling.")
        direction, amount = given.get("scroll_direction"), given.get("scroll_amount")
        if not isinstance(direction, str) or direction not in _DIRECTIONS:
            known = ", ".join(_DIRECTIONS)
            raise InvalidActionError(
                f"scroll_direction is {str(direction)[:50]!r}; give one of: {known}."
            )
        if type(amount) is not int or not 0 <= amount <= 50:
            raise InvalidActionError(
                f"scroll_amount is {str(amount)[:50]!r}; give a whole number, 0 to 50."
            )
        dx, dy = _DIRECTIONS[direction]
        return Scroll(at=self._place(given), dx=dx * amount, dy=dy * amount)

    def _region(self, given: dict[str, Any]) -> Box:
        """Return the part of the screen that a zoom shows."""
        value = given.get("region")
        if not isinstance(value, list | tuple) or len(value) != 4:
            raise InvalidActionError(f"region is {str(value)[:50]!r}, not [x0, y0, x1, y1].")
        for pair in (value[:2], value[2:]):
            self._point("region", pair)
        screen, (left, top, right, bottom) = self.grid.screen, value
        if left >= right or top >= bottom:
            raise InvalidActionError(
                f"region {str(list(value))[:80]} is empty; give [left, top, right, bottom]."
            )
        across, down = screen.width_px / self.grid.width, screen.height_px / self.grid.height
        x, y = math.floor(left * across), math.floor(top * down)
        return Box(x, y, math.ceil(right * across) - x, math.ceil(bottom * down) - y)


def _held(text: object) -> list[str]:
    """Return the keys held during a click."""
    if text is None or text == "":
        return []
    keys = keys_of_chord(text)
    if strange := [key for key in keys if key not in ("alt", "ctrl", "shift", "super")]:
        raise InvalidActionError(f"{strange[0]!r} cannot be held while clicking.")
    return list(keys)


def _presses(given: dict[str, Any]) -> tuple[Action, ...]:
    """Return the chords in `text`, one after the other; equal single keys are counted."""
    text, repeat = given.get("text"), given.get("repeat")
    if not isinstance(text, str):
        raise InvalidActionError(f"text is {str(text)[:50]!r}, not the name of a key.")
    if repeat is not None and (type(repeat) is not int or not 1 <= repeat <= _MOST_CHORDS):
        raise InvalidActionError(
            f"repeat is {str(repeat)[:50]!r}; give a whole number, 1 to {_MOST_CHORDS}."
        )
    chords = (text.split() or [text]) * (repeat or 1)
    if len(chords) > _MOST_CHORDS:
        raise InvalidActionError(f"{len(chords)} keys in one call; at most {_MOST_CHORDS}.")
    actions: list[Action] = []
    for keys, alike in groupby(keys_of_chord(chord) for chord in chords):
        times = len(list(alike))
        if len(keys) == 1:
            actions.append(Press(key=keys[0], count=times))
        else:
            actions.extend([key_action(keys)] * times)
    return tuple(actions)


def _number(given: dict[str, Any], key: str, otherwise: float) -> float:
    value = given.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidActionError(f"{key} is {str(value)[:50]!r}, not a number of seconds.")
    return value
