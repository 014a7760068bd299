"""PyAutoGUI code as OSWorld's agents write it: a safe subset, parsed and never executed."""

import ast
import re
from dataclasses import dataclass
from typing import Final, Literal

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
    RunPython,
    Scroll,
    TypeText,
    Wait,
)
from riosim.agent import InvalidOutput
from riosim.dialects.code_text import code_in, parsed
from riosim.dialects.coordinate import Grid
from riosim.dialects.dialect import Reading, UnsayableError
from riosim.dialects.hand import Hand
from riosim.dialects.pyautogui_call import NotUnderstoodError
from riosim.dialects.pyautogui_program import THEIR_KEYS, Program, is_osworld_word
from riosim.errors import InvalidActionError

__all__ = ["PyautoguiCode"]

_CODE: Final = re.compile(
    r"^[ \t]*(?:import[ \t]|from[ \t]+\w+[ \t]+import\b|with[ \t]+pyautogui\b"
    r"|(?:pyautogui|time|pyperclip)\.\w|(?:WAIT|DONE|FAIL)[ \t]*;?[ \t]*$)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class PyautoguiCode:
    """Code of PyAutoGUI calls, and OSWorld's words WAIT, DONE and FAIL.

    An answer is understood whole, or it is one invalid step that names the line: half a program is
    not begun. One wheel click of PyAutoGUI on X11 is one notch of ours; theirs is positive upwards,
    ours downwards. More than 50 notches are 50, more than a minute of sleep is a minute.

    Attributes:
        grid: How points are counted.
        otherwise: What becomes of code beyond the subset (loops, variables, other modules): an
            invalid step, or the action `run_python` with all of the code.
        pointer: Where the pointer is before the code, None if unknown. Calls without a place act
            there; unknown, a scroll takes the middle of the screen, and all else is invalid.
    """

    grid: Grid
    otherwise: Literal["invalid", "run_python"] = "invalid"
    pointer: Point | None = None

    @property
    def name(self) -> str:
        """What it is called in records and settings."""
        return "pyautogui"

    def read(self, said: str) -> Reading:
        """Return what was said; total."""
        if not isinstance(said, str):
            return _invalid(str(said), f"The answer is a {type(said).__name__}, no text.")
        code, prose = code_in(said, _CODE)
        if not code:
            what = "is empty" if not said.strip() else "holds no code"
            return _invalid(said, f"The answer {what}.", prose)
        statements = parsed(code)
        if isinstance(statements, str):
            return _invalid(said, statements, prose)
        program = Program(Hand(self.grid, self.pointer))
        try:
            program.run(statements)
            program.hand.let_go()
        except NotUnderstoodError as exc:
            return self._beyond(code, statements, str(exc), prose)
        except InvalidActionError as exc:
            why = f"Line {code.count(chr(10)) + 1}: {exc}"
            return self._beyond(code, statements, why, prose)
        except RecursionError:
            return _invalid(said, "The code is nested too deeply.", prose)
        thought = "\n".join(part for part in (prose, *program.notes) if part)
        if not program.hand.actions:
            return _invalid(said, "The code does nothing.", thought)
        return Reading(tuple(program.hand.actions), thought)

    def write(self, action: Action) -> str:
        """Return the action as code.

        Raises:
            UnsayableError: PyAutoGUI has no words for it.
        """
        try:
            code = self._code(action)
        except InvalidActionError as exc:
            raise UnsayableError(self.name, action, str(exc)) from exc
        if code is None:
            raise UnsayableError(self.name, action, "PyAutoGUI has no call for it.")
        return code

    def _beyond(self, code: str, statements: list[ast.stmt], why: str, thought: str) -> Reading:
        """Return what becomes of code that is not understood; a word at its end stays ours."""
        if self.otherwise == "invalid":
            return _invalid(code, why, thought)
        words = Program(Hand(self.grid, self.pointer))
        last = statements[-1]
        is_word = is_osworld_word(last) and last.col_offset == 0
        if is_word:
            code = "\n".join(code.split("\n")[: last.lineno - 1])
            words.run([last])
        return Reading((RunPython(code=code), *words.hand.actions), thought)

    def _code(self, action: Action) -> str | None:
        match action:
            case Click():
                return self._click(action)
            case Move(at=at):
                return f"pyautogui.moveTo({self._place(at)})"
            case Drag(start=start, end=end, button=button):
                with_button = "" if button == "left" else f", button={button!r}"
                return (
                    f"pyautogui.moveTo({self._place(start)})\n"
                    f"pyautogui.dragTo({self._place(end)}{with_button})"
                )
            case Scroll():
                return self._scroll(action)
            case MouseDown(at=at, button=button):
                return f"pyautogui.mouseDown({self._place(at)}, button={button!r})"
            case MouseUp(at=at, button=button):
                return f"pyautogui.mouseUp({self._place(at)}, button={button!r})"
            case TypeText(text=text):
                return f"pyautogui.write({text!r})"
            case Press(key=key, count=count):
                times = "" if count == 1 else f", presses={count}"
                return f"pyautogui.press({_their(key)!r}{times})"
            case Hotkey(keys=keys):
                return f"pyautogui.hotkey({', '.join(repr(_their(key)) for key in keys)})"
            case Wait(seconds=seconds):
                return f"time.sleep({seconds!r})"
            case Finish(answer="") | Refuse(reason=""):
                return "DONE" if isinstance(action, Finish) else "FAIL"
            case RunPython(code=code) if self.read(code).actions == (action,):
                return code
            case _:
                return None

    def _place(self, point: Point) -> str:
        x, y = self.grid.coordinates(point)
        return f"{x}, {y}"

    def _click(self, action: Click) -> str | None:
        more = "" if action.count == 1 else f", clicks={action.count}"
        more += "" if action.button == "left" else f", button={action.button!r}"
        code = f"pyautogui.click({self._place(action.at)}{more})"
        if not action.modifiers:
            return code
        if len(set(action.modifiers)) < len(action.modifiers):
            return None
        keys = [_their(key) for key in action.modifiers]
        return f"with pyautogui.hold({keys!r}):\n    {code}"

    def _scroll(self, action: Scroll) -> str:
        place = self._place(action.at)
        lines = []
        if action.dy or not action.dx:
            lines.append(f"pyautogui.scroll({-action.dy}, {place})")
        if action.dx:
            lines.append(f"pyautogui.hscroll({action.dx}, {place})")
        return "\n".join(lines)


def _their(key: str) -> str:
    """Return PyAutoGUI's name of one of our keys."""
    return THEIR_KEYS.get(key, key)


def _invalid(said: str, reason: str, thought: str = "") -> Reading:
    return Reading((InvalidOutput(said[:20_000], reason),), thought)
