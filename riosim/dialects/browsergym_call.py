"""Calls of BrowserGym's high-level actions in what a model wrote, by name and arguments."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from riosim.agent import InvalidOutput
from riosim.dialects.code_text import parsed
from riosim.dialects.pyautogui_call import NotUnderstoodError, bound

__all__ = ["Call", "calls_in"]

_SIGNATURES: Final[Mapping[str, tuple[str, ...]]] = {  # browsergym-core 0.14.3
    "send_msg_to_user": ("text",),
    "report_infeasible": ("reason",),
    "noop": ("wait_ms",),
    "fill": ("bid", "value", "enable_autocomplete_menu"),
    "check": ("bid",),
    "uncheck": ("bid",),
    "select_option": ("bid", "options"),
    "click": ("bid", "button", "modifiers"),
    "dblclick": ("bid", "button", "modifiers"),
    "hover": ("bid",),
    "press": ("bid", "key_comb"),
    "focus": ("bid",),
    "clear": ("bid",),
    "drag_and_drop": ("from_bid", "to_bid"),
    "scroll": ("delta_x", "delta_y"),
    "scroll_at": ("x", "y", "dx", "dy"),
    "mouse_move": ("x", "y"),
    "mouse_up": ("x", "y", "button"),
    "mouse_down": ("x", "y", "button"),
    "mouse_click": ("x", "y", "button"),
    "mouse_dblclick": ("x", "y", "button"),
    "mouse_drag_and_drop": ("from_x", "from_y", "to_x", "to_y"),
    "keyboard_press": ("key",),
    "keyboard_up": ("key",),
    "keyboard_down": ("key",),
    "keyboard_type": ("text",),
    "keyboard_insert_text": ("text",),
    "goto": ("url",),
    "go_back": (),
    "go_forward": (),
    "new_tab": (),
    "tab_close": (),
    "tab_focus": ("index",),
    "upload_file": ("bid", "file"),
    "mouse_upload_file": ("x", "y", "file"),
}
_MOST_CALLS: Final = 200
_MOST_CUTS: Final = 20
_NAME: Final = re.compile(r"(?<![\w.])([A-Za-z_]\w{0,40})[ \t]*\(")
_COMMENT: Final = re.compile(r"[ \t]*#")
_TOKEN: Final = re.compile(
    r"'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|[()\[\]{}'\"]", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        name: Of the function.
        given: Its arguments by name; those left out are not in it.
        said: As it was written.
    """

    name: str
    given: Mapping[str, Any]
    said: str


def calls_in(said: str) -> tuple[list[Call | InvalidOutput], str]:
    """Return the calls in an answer, in order, and the prose around them.

    As BrowserGym does, it takes calls of known functions with plain values and skips all else. Only
    if there is none, what looks like a call comes back as not understood. Comments are skipped.
    """
    calls: list[Call | InvalidOutput] = []
    strange: InvalidOutput | None = None  # the first call of no function of theirs
    broken: InvalidOutput | None = None  # the first call of one that cannot be read
    prose: list[str] = []
    at = line = cuts = 0
    for match in _NAME.finditer(said):
        start, name = match.start(), match[1]
        line = max(line, said.rfind("\n", line, start) + 1)
        if start < at or _COMMENT.match(said, line):
            continue
        if name not in _SIGNATURES:
            strange = strange or InvalidOutput(said[:20_000], f"There is no function {name}.")
            continue
        end = _end_of(said, match.end() - 1)
        if end is None:
            cut = InvalidOutput(said[start:][:20_000], f"The call of {name} is cut off.")
            broken = broken or cut
            cuts += 1
            if cuts == _MOST_CUTS:  # each looked at all that follows
                break
            continue
        call = _call(name, said[start:end])
        if isinstance(call, Call):
            prose.append(said[at:start])
            at = end
            if len(calls) == _MOST_CALLS:
                calls.append(InvalidOutput(call.said, f"{_MOST_CALLS} calls are the most."))
                break
            calls.append(call)
        else:
            broken = broken or call
    prose.append(said[at:])
    if calls:
        return calls, _tidy("\n".join(prose))
    wrong = broken or strange
    return [wrong] if wrong else [], _tidy(said)


def _call(name: str, code: str) -> Call | InvalidOutput:
    statements = parsed(code)
    if isinstance(statements, str):
        return InvalidOutput(code[:20_000], statements)
    match statements:
        case [ast.Expr(value=ast.Call() as call)]:
            pass
        case _:
            return InvalidOutput(code[:20_000], "It is no call.")
    try:
        return Call(name, bound(call, _SIGNATURES[name], constants={}), code)
    except NotUnderstoodError as exc:
        return InvalidOutput(code[:20_000], str(exc))
    except RecursionError:
        return InvalidOutput(code[:20_000], "It is nested too deeply.")


def _end_of(said: str, start: int) -> int | None:
    """Return where the brackets that open at START are closed."""
    depth = 0
    for token in _TOKEN.finditer(said, start):
        if token[0] in ("'", '"'):
            return None  # a text that does not end
        if token[0] in "([{":
            depth += 1
        elif token[0] in ")]}":
            depth -= 1
            if depth == 0:
                return token.end()
    return None


def _tidy(prose: str) -> str:
    lines = (line.strip(" \t\r;`") for line in prose.splitlines())
    return "\n".join(line for line in lines if line)
