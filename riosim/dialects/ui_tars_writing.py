"""How an action is said in the functions of UI-TARS."""

from dataclasses import dataclass
from typing import Literal

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
from riosim.dialects.call_text import escaped
from riosim.dialects.coordinate import Grid
from riosim.dialects.ui_tars_reading import NOTCHES, WAIT_S
from riosim.errors import InvalidActionError

__all__ = ["UiTarsWriting"]


@dataclass(frozen=True, slots=True)
class UiTarsWriting:
    """Writes calls for one screen.

    Attributes:
        grid: How places are counted.
        extras: Whether functions and arguments may be used that the models do not know.
        points: Whether a place is `point='<point>x y</point>'` instead of `start_box='(x,y)'`.
    """

    grid: Grid
    extras: bool
    points: bool

    def call(self, action: Action) -> str:
        """Return the call that says an action."""
        match action:
            case Click(at=at):
                return self._click_call(action, at)
            case Move(at=at):
                return f"hover({self._place(at)})"
            case Drag(start=start, end=end, button=button):
                places = f"{self._place(start, 'start')}, {self._place(end, 'end')}"
                return f"drag({places}{self._more(button=(button, 'left'))})"
            case Scroll():
                return self._scroll_call(action)
            case TypeText(text=text):
                return f"type(content='{escaped(text)}')"
            case Press(key=key, count=count):
                return f"hotkey(key='{_key(key)}'{self._more(count=(count, 1))})"
            case Hotkey(keys=keys):
                return f"hotkey(key='{' '.join(_key(key) for key in keys)}')"
            case Wait(seconds=seconds):
                return f"wait({self._more(seconds=(seconds, WAIT_S)).removeprefix(', ')})"
            case Finish(answer=answer):
                return f"finished(content='{escaped(answer)}')" if answer else "finished()"
            case AskUser(question=question):
                return f"call_user({self._more(content=(question, '')).removeprefix(', ')})"
            case _:
                return self._extra_call(action)

    def _extra_call(self, action: Action) -> str:
        if not self.extras:
            raise InvalidActionError("the grammar has no function for it; set extras.")
        match action:
            case MouseDown(at=at, button=button) | MouseUp(at=at, button=button):
                return f"{action.kind}({self._place(at)}{self._more(button=(button, 'left'))})"
            case Goto(url=url):
                return f"goto(url='{escaped(url)}')"
            case NewTab(url=url):
                return f"new_tab({self._more(url=(url, None)).removeprefix(', ')})"
            case SwitchTab(index=index):
                return f"switch_tab(index='{index}')"
            case Refuse(reason=reason):
                return f"refuse({self._more(content=(reason, '')).removeprefix(', ')})"
            case Back() | CloseTab():
                return f"{action.kind}()"
            case _:
                raise InvalidActionError("the grammar has no function for it.")

    def _click_call(self, action: Click, at: Point) -> str:
        name = {("left", 2): "left_double", ("right", 1): "right_single"}.get(
            (action.button, action.count), "click"
        )
        usual = {"left_double": ("left", 2), "right_single": ("right", 1)}.get(name, ("left", 1))
        more = self._more(
            button=(action.button, usual[0]),
            count=(action.count, usual[1]),
            modifiers=(" ".join(action.modifiers), ""),
        )
        return f"{name}({self._place(at)}{more})"

    def _scroll_call(self, action: Scroll) -> str:
        if action.dx and action.dy:
            raise InvalidActionError("it scrolls in one direction at a time.")
        amount = action.dx or action.dy
        words = ("left", "right") if action.dx else ("up", "down")
        more = self._more(notches=(abs(amount), NOTCHES))
        return f"scroll({self._place(action.at)}, direction='{words[amount >= 0]}'{more})"

    def _place(self, at: Point, end: Literal["", "start", "end"] = "") -> str:
        x, y = self.grid.coordinates(at)
        if self.points:
            return f"{end + '_' if end else ''}point='<point>{x} {y}</point>'"
        return f"{end or 'start'}_box='({x},{y})'"

    def _more(self, **values: tuple[object, object]) -> str:
        """Return the arguments that are not as usual, which only `extras` has."""
        unusual = {key: value for key, (value, usual) in values.items() if value != usual}
        if unusual and not self.extras:
            names = ", ".join(unusual)
            raise InvalidActionError(f"the grammar has no argument for its {names}; set extras.")
        return "".join(f", {key}='{escaped(str(value))}'" for key, value in unusual.items())


def _key(key: str) -> str:
    """Return a key as the grammar names it; a plus would be taken for what joins keys."""
    return "plus" if key == "+" else escaped(key)
