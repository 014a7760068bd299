"""BrowserGym's high-level actions: calls such as `click('12')`, parsed and never executed."""

from dataclasses import dataclass

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
from riosim.agent import InvalidOutput
from riosim.dialects.browsergym_call import calls_in
from riosim.dialects.browsergym_page import NOTCH_PX, Page
from riosim.dialects.coordinate import Grid
from riosim.dialects.dialect import Reading, UnsayableError
from riosim.dialects.hand import Hand
from riosim.dialects.key_name import dom_key, keys_of_chord
from riosim.errors import InvalidActionError
from riosim.styles.style import Mark

__all__ = ["BrowserGym"]


@dataclass(frozen=True, slots=True)
class BrowserGym:
    """Calls that name elements by `bid`, points by pixels, and messages to the user.

    Everything is done with mouse and keyboard: `fill` is a click, select-all and typing, a `bid` is
    the middle of its box. `send_msg_to_user` gives the answer and ends the episode; what ends in a
    question mark is asked instead. `report_infeasible` refuses. 100 pixels of scrolling are a
    notch. Files are not uploaded from outside, `check` and `uncheck` are a click's business.

    Attributes:
        grid: How points are counted.
        marks: Elements; the `bid` of one is its number as text.
        pointer: Where the pointer is before the answer, None if unknown; then `scroll` takes the
            middle of the screen.
        focused: The `bid` that has the keyboard, empty if unknown.
    """

    grid: Grid
    marks: tuple[Mark, ...] = ()
    pointer: Point | None = None
    focused: str = ""

    @property
    def name(self) -> str:
        """What it is called in records and settings."""
        return "browsergym"

    def read(self, said: str) -> Reading:
        """Return what was said; total."""
        if not isinstance(said, str):
            reason = f"The answer is a {type(said).__name__}, no text."
            return Reading((InvalidOutput(str(said)[:20_000], reason),))
        calls, prose = calls_in(said)
        if not calls:
            what = "is empty" if not said.strip() else "holds no call"
            return Reading((InvalidOutput(said[:20_000], f"The answer {what}."),), prose)
        hand = Hand(self.grid, self.pointer)
        page = Page(hand, self.grid, self.marks, self.focused)
        for call in calls:
            if isinstance(call, InvalidOutput):
                hand.miss(call)
                continue
            try:
                page.do(call)
            except InvalidActionError as exc:
                hand.miss(InvalidOutput(call.said[:20_000], str(exc)))
        try:
            hand.let_go()
        except InvalidActionError as exc:
            hand.miss(InvalidOutput(said[:20_000], str(exc)))
        if not hand.actions:  # a focus on what has it
            return Reading((Wait(seconds=0.0),), prose)
        return Reading(tuple(hand.actions), prose)

    def write(self, action: Action) -> str:
        """Return the action as a call, or a few.

        Raises:
            UnsayableError: BrowserGym has no words for it.
        """
        try:
            said = self._said(action)
        except InvalidActionError as exc:
            raise UnsayableError(self.name, action, str(exc)) from exc
        if said is None:
            raise UnsayableError(self.name, action, "BrowserGym has no function for it.")
        return said

    def _said(self, action: Action) -> str | None:
        match action:
            case Click() | MouseDown() | MouseUp() | Move() | Drag() | Scroll():
                return self._mouse(action)
            case TypeText(text=text):
                return f"keyboard_type({text!r})"
            case Press(key=key, count=count):
                return "\n".join([f"keyboard_press({dom_key(key)!r})"] * count)
            case Hotkey(keys=keys):
                chord = "+".join(dom_key(key) for key in keys)
                return f"keyboard_press({chord!r})" if keys_of_chord(chord) == keys else None
            case Wait(seconds=seconds):
                wait_ms = seconds * 1000
                return f"noop({wait_ms!r})" if wait_ms / 1000 == seconds else None
            case AskUser(question=text) if text.rstrip().endswith("?"):
                return f"send_msg_to_user({text!r})"
            case Finish(answer=text) if not text.rstrip().endswith("?"):
                return f"send_msg_to_user({text!r})"
            case _:
                return _without_arguments(action)

    def _mouse(self, action: Click | MouseDown | MouseUp | Move | Drag | Scroll) -> str | None:
        match action:
            case Click(at=at, button=button, count=count) if count <= 2:
                name = "mouse_click" if count == 1 else "mouse_dblclick"
                return _with(action.modifiers, f"{name}({self._place(at)}, {button!r})")
            case MouseDown(at=at, button=button):
                return f"mouse_down({self._place(at)}, {button!r})"
            case MouseUp(at=at, button=button):
                return f"mouse_up({self._place(at)}, {button!r})"
            case Move(at=at):
                return f"mouse_move({self._place(at)})"
            case Drag(start=start, end=end, button="left"):
                return f"mouse_drag_and_drop({self._place(start)}, {self._place(end)})"
            case Scroll(at=at, dx=dx, dy=dy):
                return f"scroll_at({self._place(at)}, {dx * NOTCH_PX}, {dy * NOTCH_PX})"
            case _:
                return None

    def _place(self, point: Point) -> str:
        x, y = self.grid.coordinates(point)
        return f"{x}, {y}"


def _without_arguments(action: Action) -> str | None:
    """Return calls that say what no mouse or keyboard does."""
    match action:
        case Refuse(reason=reason):
            return f"report_infeasible({reason!r})"
        case Goto(url=url):
            return f"goto({url!r})"
        case Back():
            return "go_back()"
        case NewTab(url=None):
            return "new_tab()"
        case CloseTab():
            return "tab_close()"
        case SwitchTab(index=index):
            return f"tab_focus({index})"
        case _:
            return None


def _with(modifiers: tuple[str, ...], call: str) -> str | None:
    """Return a call with keys held around it."""
    if len(set(modifiers)) < len(modifiers):
        return None
    keys = [repr(dom_key(key)) for key in modifiers]
    down = [f"keyboard_down({key})" for key in keys]
    up = [f"keyboard_up({key})" for key in reversed(keys)]
    return "\n".join([*down, call, *up])
