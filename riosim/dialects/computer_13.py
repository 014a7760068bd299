"""OSWorld's action space `computer_13`: objects with an `action_type` and `parameters`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from riosim.action import (
    Action,
    Click,
    Drag,
    Finish,
    Hotkey,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Refuse,
    Scroll,
    TypeText,
    Wait,
)
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Grid
from riosim.dialects.dialect import Reading, UnsayableError
from riosim.dialects.hand import Hand, made
from riosim.dialects.json_text import find_objects, one_line
from riosim.dialects.key_name import key_named
from riosim.dialects.pyautogui_program import THEIR_KEYS, WAIT_S
from riosim.errors import InvalidActionError

__all__ = ["Computer13", "Said13"]

Said13 = str | dict[str, Any] | list[Any]
"""An object, several in a list, or text that holds them as JSON or is a word such as DONE."""

_Parameters = dict[str, Any]
_PLACE: Final = frozenset({"x", "y"})
_KNOWN: Final = {  # desktop_env/actions.py of OSWorld; click_type is an older name of button
    "MOVE_TO": _PLACE,
    "CLICK": _PLACE | {"button", "click_type", "num_clicks"},
    "MOUSE_DOWN": _PLACE | {"button", "click_type"},
    "MOUSE_UP": _PLACE | {"button", "click_type"},
    "RIGHT_CLICK": _PLACE,
    "DOUBLE_CLICK": _PLACE,
    "DRAG_TO": _PLACE,
    "SCROLL": _PLACE | {"dx", "dy"},
    "TYPING": frozenset({"text"}),
    "PRESS": frozenset({"key"}),
    "KEY_DOWN": frozenset({"key"}),
    "KEY_UP": frozenset({"key"}),
    "HOTKEY": frozenset({"keys"}),
    "WAIT": frozenset({"duration"}),
    "FAIL": frozenset[str](),
    "DONE": frozenset[str](),
}
_WHEELS: Final = {"wheel_up": -1, "wheel_down": 1}


@dataclass(frozen=True, slots=True)
class Computer13:
    """OSWorld's thirteen actions, and WAIT, DONE and FAIL.

    SCROLL counts as PyAutoGUI does: positive `dy` is up, positive `dx` right, one is a notch. WAIT
    is two seconds, as in OSWorld. Several objects of one answer are read in order, so that KEY_DOWN
    and KEY_UP around others become chords; what is not understood stands in its place.

    Attributes:
        grid: How points are counted.
        pointer: Where the pointer is before the answer, None if unknown. Actions without a place
            act there; unknown, a scroll takes the middle of the screen, and all else is invalid.
    """

    grid: Grid
    pointer: Point | None = None

    @property
    def name(self) -> str:
        """What it is called in records and settings."""
        return "computer_13"

    def read(self, said: Said13) -> Reading:
        """Return what was said; total."""
        parts, prose = _parts(said)
        if not parts:
            shown = said if isinstance(said, str) else one_line(said)
            reason = "The answer holds no object with an `action_type`."
            return Reading((InvalidOutput(shown[:20_000], reason),), prose)
        hand = Hand(self.grid, self.pointer)
        for part in parts:
            if isinstance(part, InvalidOutput):
                hand.miss(part)
                continue
            try:
                _do(hand, part)
            except InvalidActionError as exc:
                hand.miss(InvalidOutput(one_line(part)[:20_000], str(exc)))
        try:
            hand.let_go()
        except InvalidActionError as exc:
            hand.miss(InvalidOutput(one_line(parts[-1])[:20_000], str(exc)))
        if not hand.actions:
            return Reading((InvalidOutput(one_line(said)[:20_000], "Nothing is done."),), prose)
        return Reading(tuple(hand.actions), prose)

    def write(self, action: Action) -> Said13:
        """Return the action as an object, or as a list where it takes several.

        Raises:
            UnsayableError: OSWorld has no words for it.
        """
        try:
            said = self._said(action)
        except InvalidActionError as exc:
            raise UnsayableError(self.name, action, str(exc)) from exc
        if not said:
            raise UnsayableError(self.name, action, "computer_13 has no action for it.")
        return said[0] if len(said) == 1 else said

    def _said(self, action: Action) -> list[dict[str, Any]]:
        match action:
            case Click():
                return self._click(action)
            case Move(at=at):
                return [self._move(at)]
            case Drag(start=start, end=end, button="left"):
                return [self._move(start), _said("DRAG_TO", **self._place(end))]
            case Scroll(at=at, dx=dx, dy=dy):
                return [self._move(at), _said("SCROLL", dx=dx, dy=-dy)]
            case MouseDown(at=at, button=button):
                return [self._move(at), _said("MOUSE_DOWN", button=button)]
            case MouseUp(at=at, button=button):
                return [self._move(at), _said("MOUSE_UP", button=button)]
            case TypeText(text=text):
                return [_said("TYPING", text=text)]
            case Press(key=key, count=count):
                return [_said("PRESS", key=_their(key)) for _ in range(count)]
            case Hotkey(keys=keys):
                return [_said("HOTKEY", keys=[_their(key) for key in keys])]
            case Wait(seconds=seconds) if seconds == WAIT_S:
                return [{"action_type": "WAIT"}]
            case Finish(answer=""):
                return [{"action_type": "DONE"}]
            case Refuse(reason=""):
                return [{"action_type": "FAIL"}]
            case _:
                return []

    def _click(self, action: Click) -> list[dict[str, Any]]:
        modifiers = [_their(key) for key in action.modifiers]
        if len(set(modifiers)) < len(modifiers):
            return []
        click = _said(
            "CLICK", button=action.button, **self._place(action.at), num_clicks=action.count
        )
        return [
            *(_said("KEY_DOWN", key=key) for key in modifiers),
            click,
            *(_said("KEY_UP", key=key) for key in reversed(modifiers)),
        ]

    def _move(self, at: Point) -> dict[str, Any]:
        return _said("MOVE_TO", **self._place(at))

    def _place(self, point: Point) -> dict[str, float]:
        x, y = self.grid.coordinates(point)
        return {"x": x, "y": y}


def _said(action_type: str, **parameters: object) -> dict[str, Any]:
    return {"action_type": action_type, "parameters": parameters}


def _their(key: str) -> str:
    """Return PyAutoGUI's name of one of our keys."""
    return THEIR_KEYS.get(key, key)


def _parts(said: object) -> tuple[list[dict[str, Any] | InvalidOutput], str]:
    """Return the objects of an answer, what is none in its place, and the prose."""
    if isinstance(said, dict):
        return [said], ""
    if isinstance(said, list | tuple):
        parts: list[dict[str, Any] | InvalidOutput] = []
        for one in said:
            inner = _parts(one)[0] if isinstance(one, dict | str) else []
            parts.extend(inner or [_no_object(one)])
        return parts, ""
    if not isinstance(said, str):
        return [], ""
    if said.strip() in ("WAIT", "DONE", "FAIL"):
        return [{"action_type": said.strip()}], ""
    found, prose = find_objects(said)
    acting = [part for part in found if part.value is None or "action_type" in part.value]
    last = prose.rsplit("\n", 1)[-1].strip("` .")
    word: list[dict[str, Any] | InvalidOutput] = (
        [{"action_type": last}] if last in ("WAIT", "DONE", "FAIL") else []
    )
    objects = [part.value or InvalidOutput(part.text[:20_000], part.problem) for part in acting]
    return [*objects, *word], prose


def _no_object(one: object) -> InvalidOutput:
    return InvalidOutput(one_line(one)[:20_000], "It is no object with an `action_type`.")


def _do(hand: Hand, said: dict[str, Any]) -> None:
    """Let the hand do what one object says.

    Raises:
        InvalidActionError: It is none of the actions, or its parameters are wrong.
    """
    kind = said.get("action_type")
    if not isinstance(kind, str) or kind.upper() not in _KNOWN:
        raise InvalidActionError(
            f"{str(kind)[:40]!r} is no action_type. Known: {', '.join(_KNOWN)}."
        )
    kind = kind.upper()
    given = said.get("parameters")
    if given is None:  # parameters may lie beside the type
        given = {key: value for key, value in said.items() if key not in _BESIDE}
    if not isinstance(given, dict):
        raise InvalidActionError(f"The parameters of {kind} are no object.")
    strange = sorted(str(key)[:40] for key in given.keys() - _KNOWN[kind])
    if strange:
        raise InvalidActionError(f"{kind} has no parameter {strange[0]!r}.")
    _DOES[kind](hand, {key: value for key, value in given.items() if value is not None})


_BESIDE: Final = frozenset({"action_type", "parameters", "note", "thought"})


def _at(hand: Hand, given: _Parameters) -> Point:
    return hand.at(given.get("x"), given.get("y"))


def _button(given: _Parameters) -> object:
    button = given.get("button", given.get("click_type", "left"))
    return button.casefold() if isinstance(button, str) else button


def _click_at(hand: Hand, given: _Parameters) -> None:
    button = _button(given)
    count = given.get("num_clicks", 1)
    if isinstance(button, str) and button in _WHEELS:
        hand.scroll(_at(hand, given), dy=_WHEELS[button] * _whole("num_clicks", count))
    else:
        hand.click(_at(hand, given), button=button, count=count)


def _there(hand: Hand, given: _Parameters) -> Point:
    if not given.keys() >= _PLACE:
        raise InvalidActionError("It needs x and y.")
    return _at(hand, given)


def _scroll(hand: Hand, given: _Parameters) -> None:
    if not given.keys() & {"dx", "dy"}:
        raise InvalidActionError("SCROLL needs dx or dy.")
    at = _at(hand, given) if given.keys() & _PLACE else None
    dx, dy = (_whole(axis, given.get(axis, 0)) for axis in ("dx", "dy"))
    hand.scroll(at, dx=dx, dy=-dy)  # theirs goes up, ours down


def _whole(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise InvalidActionError(f"{name} is {str(value)[:40]!r}, not a whole number.")
    return int(value)


def _text(name: str, given: _Parameters) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise InvalidActionError(f"{name} is {str(value)[:40]!r}, not a text.")
    return value


def _hotkey(hand: Hand, given: _Parameters) -> None:
    keys = given.get("keys")
    if not isinstance(keys, list | tuple):
        raise InvalidActionError(f"keys is {str(keys)[:40]!r}, not a list.")
    hand.chord(tuple(key_named(key) for key in keys))


_DOES: Final[dict[str, Callable[[Hand, _Parameters], None]]] = {
    "MOVE_TO": lambda hand, given: hand.move(_there(hand, given)),
    "CLICK": _click_at,
    "MOUSE_DOWN": lambda hand, given: hand.mouse_down(_at(hand, given), button=_button(given)),
    "MOUSE_UP": lambda hand, given: hand.mouse_up(_at(hand, given), button=_button(given)),
    "RIGHT_CLICK": lambda hand, given: hand.click(_at(hand, given), button="right"),
    "DOUBLE_CLICK": lambda hand, given: hand.click(_at(hand, given), count=2),
    "DRAG_TO": lambda hand, given: hand.drag(_there(hand, given)),
    "SCROLL": _scroll,
    "TYPING": lambda hand, given: hand.type(_text("text", given)),
    "PRESS": lambda hand, given: hand.press(key_named(given.get("key"))),
    "KEY_DOWN": lambda hand, given: hand.key_down(key_named(given.get("key"))),
    "KEY_UP": lambda hand, given: hand.key_up(key_named(given.get("key"))),
    "HOTKEY": _hotkey,
    "WAIT": lambda hand, given: hand.add(made(Wait, seconds=given.get("duration", WAIT_S))),
    "FAIL": lambda hand, given: hand.add(Refuse()),
    "DONE": lambda hand, given: hand.add(Finish()),
}
