"""OpenAI's computer tool: the actions of a `computer_call` of the Responses API.

Source:
    The types of the `openai` package 3.57 (`types/responses/computer_action.py`) and OpenAI's guide
    "Computer use": a wheel's notch is 100 pixels, a wait 2 s.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

from riosim.action import (
    Action,
    Back,
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
    parse_action,
)
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Grid
from riosim.dialects.dialect import Reading, UnsayableError
from riosim.dialects.function_tool import shown_json
from riosim.dialects.key_name import key_action, keys_of_chord
from riosim.dialects.look import Look
from riosim.errors import InvalidActionError

__all__ = ["NOTCH_PX", "OPENAI_WAIT_S", "OpenAIComputer"]

NOTCH_PX: Final = 100
"""How far one notch of the wheel scrolls."""

OPENAI_WAIT_S: Final = 2.0
"""How long a `wait` lasts; the tool does not say."""

_BUTTONS: Final = {"left": "left", "right": "right", "wheel": "middle"}
_BUTTON_NAMES: Final = {ours: theirs for theirs, ours in _BUTTONS.items()}
_KNOWN: Final = "click double_click drag keypress move screenshot scroll type wait".split()
_MODIFIERS: Final = ("alt", "ctrl", "shift", "super")
_CASELESS: Final = frozenset(("alt", "ctrl", "super"))
_NAMES: Final = {
    "escape": "ESC",
    "left": "ARROWLEFT",
    "right": "ARROWRIGHT",
    "up": "ARROWUP",
    "down": "ARROWDOWN",
    "super": "META",
    "+": "PLUS",
}


@dataclass(frozen=True, slots=True)
class OpenAIComputer:
    """One action of a call: `{"type": "click", "button": "left", "x": 10, "y": 20}`.

    - Scrolling is said in pixels of the picture: 100 pixels of the screen are a notch, rounded, and
      any scrolling is at least one.
    - A drag over more than two points is pressing, moving from point to point and releasing, each
      an action; of a longer path than `path_points`, points in even distance are kept.
    - The `back` button is our `back`, invalid where there is no browser; `forward` is invalid.
    - Letters of a chord with Ctrl, Alt or Super have no case (`["CTRL", "A"]` is Ctrl+a).
    - Keys held while scrolling, moving or dragging are not in our schema: invalid.
    - `screenshot` acts not: `look` says so, and `read` waits for 0 s.

    Attributes:
        grid: How points are counted: `Grid.resized` to the picture that was sent.
        path_points: The most points of a drag that are gone to.
    """

    grid: Grid
    path_points: int = 12

    def __post_init__(self) -> None:
        """Refuse a path without two ends."""
        if self.path_points < 2:
            raise ValueError(f"A path has at least 2 points, not {self.path_points}.")

    @property
    def name(self) -> str:
        """What it is called in records and settings."""
        return "openai_computer"

    def read(self, said: dict[str, Any]) -> Reading:
        """Return what was said; total."""
        try:
            return Reading(self._actions(said))
        except InvalidActionError as exc:
            return Reading((InvalidOutput.from_error(shown_json(said), exc),))

    def look(self, said: object) -> Look | None:
        """Return what the action asks to see; None if it acts or is none. Total."""
        is_look = isinstance(said, dict) and said.get("type") == "screenshot"
        return Look("screenshot") if is_look else None

    def write(self, action: Action) -> dict[str, Any]:
        """Return the action as it is said.

        Raises:
            UnsayableError: The tool has no words for it.
        """
        try:
            return self._words(action)
        except InvalidActionError as exc:
            raise UnsayableError(self.name, action, str(exc)) from exc

    def _actions(self, said: object) -> tuple[Action, ...]:
        if not isinstance(said, dict):
            raise InvalidActionError(f"An action is an object, not a {type(said).__name__}.")
        match said.get("type"):
            case "click":
                return (self._click(said),)
            case "double_click":
                at, held = self._point(said), _held(said)
                return (Click(at=at, count=2, modifiers=held),)
            case "move":
                _nothing_held(said, "moving")
                return (Move(at=self._point(said)),)
            case "drag":
                return self._drag(said)
            case "scroll":
                return (self._scroll(said),)
            case "keypress":
                return (_keypress(said),)
            case "type":
                return (parse_action({"kind": "type_text", "text": said.get("text")}),)
            case "wait":
                return (Wait(seconds=OPENAI_WAIT_S),)
            case "screenshot":
                return (Wait(seconds=0),)
            case other:
                raise InvalidActionError(
                    f"The computer has no action {str(other)[:50]!r}. Known: {', '.join(_KNOWN)}."
                )

    def _point(self, said: dict[str, Any]) -> Point:
        return self.grid.point(said.get("x"), said.get("y"))

    def _click(self, said: dict[str, Any]) -> Action:
        button = said.get("button", "left")
        at, held = self._point(said), _held(said)
        if button == "back":
            return Back()
        if not isinstance(button, str) or button not in _BUTTONS:
            known = ", ".join([*_BUTTONS, "back"])
            raise InvalidActionError(
                f"The mouse here has no button {str(button)[:50]!r}; it has: {known}."
            )
        return parse_action(
            {
                "kind": "click",
                "at": at.model_dump(),
                "button": _BUTTONS[button],
                "modifiers": list(held),
            }
        )

    def _drag(self, said: dict[str, Any]) -> tuple[Action, ...]:
        _nothing_held(said, "dragging")
        path = said.get("path")
        if not isinstance(path, list | tuple) or len(path) < 2:
            raise InvalidActionError("path is no list of two points or more.")
        if not all(isinstance(point, dict) for point in path):
            raise InvalidActionError('path holds what is no point; give {"x": 10, "y": 20}.')
        points = [self._point(point) for point in path]
        if len(points) == 2:
            return (Drag(start=points[0], end=points[1]),)
        kept = _thinned(points, self.path_points)
        moves = (Move(at=point) for point in kept[1:-1])
        return (MouseDown(at=kept[0]), *moves, MouseUp(at=kept[-1]))

    def _scroll(self, said: dict[str, Any]) -> Action:
        _nothing_held(said, "scrolling")
        screen = self.grid.screen
        return parse_action(
            {
                "kind": "scroll",
                "at": self._point(said).model_dump(),
                "dx": _notches(said, "scroll_x", screen.width_px / self.grid.width),
                "dy": _notches(said, "scroll_y", screen.height_px / self.grid.height),
            }
        )

    def _words(self, action: Action) -> dict[str, Any]:
        match action:
            case Click(count=1, button=button):
                said = {"type": "click", "button": _BUTTON_NAMES[button], **self._xy(action.at)}
                return said | _keys(action.modifiers)
            case Click(count=2, button="left"):
                said = {"type": "double_click", **self._xy(action.at), "keys": None}
                return said | _keys(action.modifiers)
            case Move(at=at):
                return {"type": "move", **self._xy(at)}
            case Drag(start=start, end=end, button="left"):
                return {"type": "drag", "path": [self._xy(start), self._xy(end)]}
            case Scroll(at=at, dx=dx, dy=dy):
                screen = self.grid.screen
                return {
                    "type": "scroll",
                    **self._xy(at),
                    "scroll_x": round(dx * NOTCH_PX * self.grid.width / screen.width_px),
                    "scroll_y": round(dy * NOTCH_PX * self.grid.height / screen.height_px),
                }
            case TypeText(text=text):
                return {"type": "type", "text": text}
            case Press(key=key, count=1):
                return {"type": "keypress", "keys": [_named(key)]}
            case Hotkey(keys=keys):
                if _CASELESS & set(keys) and any(len(k) == 1 and k != k.lower() for k in keys):
                    raise InvalidActionError("letters of such a chord have no case")
                return {"type": "keypress", "keys": [_named(key) for key in keys]}
            case Wait(seconds=seconds) if seconds == OPENAI_WAIT_S:
                return {"type": "wait"}
            case Back():
                return {"type": "click", "button": "back", "x": 0, "y": 0}
            case _:
                raise InvalidActionError("the tool has no such action")

    def _xy(self, point: Point) -> dict[str, Any]:
        x, y = self.grid.coordinates(point)
        return {"x": x, "y": y}


def _keypress(said: dict[str, Any]) -> Action:
    names = said.get("keys")
    if not isinstance(names, list | tuple) or not names:
        raise InvalidActionError(f"keys is {str(names)[:50]!r}, not a list of keys.")
    keys = [key for name in names for key in keys_of_chord(name)]
    if _CASELESS & set(keys):
        keys = [key.lower() if len(key) == 1 else key for key in keys]
    return key_action(keys)


def _held(said: dict[str, Any]) -> tuple[Any, ...]:
    """Return the keys held during a click."""
    names = said.get("keys")
    if names is None:
        return ()
    if not isinstance(names, list | tuple):
        raise InvalidActionError(f"keys is {str(names)[:50]!r}, not a list of keys.")
    keys = [key for name in names for key in keys_of_chord(name)]
    if strange := [key for key in keys if key not in _MODIFIERS]:
        raise InvalidActionError(f"{strange[0]!r} cannot be held while clicking.")
    return tuple(keys)


def _nothing_held(said: dict[str, Any], doing: str) -> None:
    if said.get("keys"):
        raise InvalidActionError(f"Keys cannot be held while {doing}.")


def _notches(said: dict[str, Any], key: str, scale: float) -> int:
    """Return pixels of the picture as notches of the wheel."""
    value = said.get(key)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidActionError(f"{key} is {str(value)[:50]!r}, not a number of pixels.")
    if value == 0:
        return 0
    if abs(value) > 1_000_000:
        raise InvalidActionError(f"{key} is {str(value)[:50]}: too far.")
    notches = max(1, math.floor(abs(value) * scale / NOTCH_PX + 0.5))
    return notches if value > 0 else -notches


def _keys(modifiers: tuple[str, ...]) -> dict[str, Any]:
    return {"keys": [_named(key) for key in modifiers]} if modifiers else {}


def _named(key: str) -> str:
    return _NAMES.get(key) or (key.upper() if len(key) > 1 else key)


def _thinned(points: list[Point], most: int) -> list[Point]:
    """Return at most that many of the points: both ends, and others in even distance."""
    if len(points) <= most:
        return points
    return [points[round(n * (len(points) - 1) / (most - 1))] for n in range(most)]
