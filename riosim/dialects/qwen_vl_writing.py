"""How an action is said with Qwen's `computer_use` function."""

from dataclasses import dataclass
from typing import Any

from riosim.action import (
    Action,
    AskUser,
    Back,
    Click,
    CloseTab,
    Drag,
    Finish,
    Goto,
    Hotkey,
    MouseDown,
    MouseUp,
    Move,
    NewTab,
    Point,
    Press,
    Refuse,
    Scroll,
    SwitchTab,
    TypeText,
    Wait,
)
from riosim.dialects.coordinate import Grid
from riosim.errors import InvalidActionError

__all__ = ["QwenVLWriting"]


@dataclass(frozen=True, slots=True)
class QwenVLWriting:
    """Writes the arguments of calls for one screen; the attributes are those of `QwenVL`."""

    grid: Grid
    extras: bool
    pixels_per_notch: float

    def calls(self, action: Action) -> list[dict[str, Any]]:
        """Return the arguments of each call that together say an action.

        Raises:
            InvalidActionError: The function has no words for it; or a point lies off the screen.
        """
        match action:
            case Click():
                return [self._click(action)]
            case Move(at=at):
                return [{"action": "mouse_move", "coordinate": self._place(at)}]
            case Drag(start=start, end=end, button=button):
                drag = {"action": "left_click_drag", "coordinate": self._place(end)}
                more = self._more(button=(button, "left"))
                return [
                    {"action": "mouse_move", "coordinate": self._place(start)},
                    {**drag, **more},
                ]
            case Scroll():
                return [self._scroll(action)]
            case TypeText(text=text):
                return [{"action": "type", "text": text}]
            case Press(key=key, count=count):
                return [{"action": "key", "keys": [key], **self._more(count=(count, 1))}]
            case Hotkey(keys=keys):
                return [{"action": "key", "keys": list(keys)}]
            case Wait(seconds=seconds):
                return [{"action": "wait", "time": _short(seconds)}]
            case Finish(answer=answer) if answer:
                return [{"action": "answer", "text": answer}]
            case Finish():
                return [{"action": "terminate", "status": "success"}]
            case _:
                return [self._extra(action)]

    def _extra(self, action: Action) -> dict[str, Any]:
        if not self.extras:
            raise InvalidActionError("the function has no action for it; set extras.")
        said: dict[str, Any] = {"action": action.kind}
        match action:
            case MouseDown(at=at, button=button) | MouseUp(at=at, button=button):
                said |= {"coordinate": self._place(at), **self._more(button=(button, "left"))}
            case Goto(url=url):
                said["url"] = url
            case NewTab(url=url):
                said |= {} if url is None else {"url": url}
            case SwitchTab(index=index):
                said["index"] = index
            case AskUser(question=text) | Refuse(reason=text):
                said["text"] = text
            case Back() | CloseTab():
                pass
            case _:
                raise InvalidActionError("the function has no action for it.")
        return said

    def _click(self, action: Click) -> dict[str, Any]:
        name, count = {
            ("left", 1): ("left_click", 1),
            ("left", 2): ("double_click", 2),
            ("left", 3): ("triple_click", 3),
            ("right", 1): ("right_click", 1),
            ("right", 2): ("right_click", 1),
            ("right", 3): ("right_click", 1),
        }.get((action.button, action.count), ("middle_click", 1))
        more = self._more(count=(action.count, count), modifiers=(list(action.modifiers), []))
        return {"action": name, "coordinate": self._place(action.at), **more}

    def _scroll(self, action: Scroll) -> dict[str, Any]:
        if action.dx and action.dy:
            raise InvalidActionError("it scrolls in one direction at a time.")
        name, notches = ("hscroll", action.dx) if action.dx else ("scroll", -action.dy)
        pixels = _short(notches * self.pixels_per_notch)
        return {"action": name, "coordinate": self._place(action.at), "pixels": pixels}

    def _place(self, at: Point) -> list[float]:
        return list(self.grid.coordinates(at))

    def _more(self, **values: tuple[object, object]) -> dict[str, Any]:
        """Return the arguments that are not as usual, which only `extras` has."""
        unusual = {key: value for key, (value, usual) in values.items() if value != usual}
        if unusual and not self.extras:
            names = ", ".join(unusual)
            raise InvalidActionError(f"the function has no argument for its {names}; set extras.")
        return unusual


def _short(number: float) -> float:
    """Return a number without a fraction that is zero."""
    return int(number) if number == int(number) else number
