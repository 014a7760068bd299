"""A program of pyautogui calls, read statement by statement into what a hand does."""

import ast
from collections.abc import Callable, Iterable
from typing import Any, Final

from riosim.action import Finish, Refuse
from riosim.dialects.hand import Hand
from riosim.dialects.key_name import key_named, keys_of_chord
from riosim.dialects.pyautogui_call import (
    NotUnderstoodError,
    bound,
    literal,
    number,
    shown,
    text,
    truncated,
    whole,
)
from riosim.errors import InvalidActionError

__all__ = ["THEIR_KEYS", "WAIT_S", "Program", "is_osworld_word"]

WAIT_S: Final = 2.0
"""How long OSWorld's WAIT waits."""
THEIR_KEYS: Final = {"super": "winleft", "menu": "apps"}
"""Keys that PyAutoGUI names otherwise than we do."""

_COMMON: Final = ("logScreenshot", "_pause")
_CLICKED: Final = ("x", "y", "interval", "duration", "tween", *_COMMON)
_CLICKED_WITH: Final = ("x", "y", "interval", "button", "duration", "tween", *_COMMON)
_HELD: Final = ("x", "y", "button", "duration", "tween", *_COMMON)
_TURNED: Final = ("clicks", "x", "y", *_COMMON)
_MOVED: Final = ("x", "y", "duration", "tween", *_COMMON)
_MOVED_BY: Final = ("xOffset", "yOffset", "duration", "tween", *_COMMON)
_DRAGGED: Final = ("duration", "tween", "button", *_COMMON, "mouseDownUp")
_WRITTEN: Final = ("message", "interval", *_COMMON)
_SIGNATURES: Final = {  # PyAutoGUI 0.9.54
    "click": ("x", "y", "clicks", "interval", "button", "duration", "tween", *_COMMON),
    "leftClick": _CLICKED,
    "rightClick": _CLICKED,
    "middleClick": _CLICKED,
    "doubleClick": _CLICKED_WITH,
    "tripleClick": _CLICKED_WITH,
    "mouseDown": _HELD,
    "mouseUp": _HELD,
    "moveTo": _MOVED,
    "move": _MOVED_BY,
    "moveRel": _MOVED_BY,
    "dragTo": ("x", "y", *_DRAGGED),
    "drag": ("xOffset", "yOffset", *_DRAGGED),
    "dragRel": ("xOffset", "yOffset", *_DRAGGED),
    "scroll": _TURNED,
    "vscroll": _TURNED,
    "hscroll": _TURNED,
    "write": _WRITTEN,
    "typewrite": _WRITTEN,
    "press": ("keys", "presses", "interval", *_COMMON),
    "hold": ("keys", *_COMMON),
    "keyDown": ("key", *_COMMON),
    "keyUp": ("key", *_COMMON),
    "sleep": ("seconds",),
}
_IGNORED: Final = frozenset({"duration", "tween", *_COMMON})
_BUTTONS: Final = {"primary": "left", "secondary": "right", 1: "left", 2: "middle", 3: "right"}
_CONSTANTS: Final = {
    f"pyautogui.{name}": name.casefold()
    for name in ("LEFT", "MIDDLE", "RIGHT", "PRIMARY", "SECONDARY")
}
_SETTINGS: Final = frozenset({"PAUSE", "FAILSAFE", "MINIMUM_DURATION", "MINIMUM_SLEEP"})
_MODULES: Final = ("pyautogui", "time", "pyperclip")
_TWO_CLICKS_S: Final = 0.5  # further apart, two clicks are no double click


def is_osworld_word(statement: ast.stmt) -> bool:
    """Whether a statement is one of the words WAIT, DONE and FAIL."""
    match statement:
        case ast.Expr(value=ast.Name(id="WAIT" | "DONE" | "FAIL")):
            return True
        case _:
            return False


class Program:
    """Reads code into a hand; nothing is run.

    Attributes:
        hand: What was done.
        notes: Texts that stand alone in the code.
    """

    def __init__(self, hand: Hand) -> None:
        self.hand = hand
        self.notes: list[str] = []
        self._names: dict[str, str] = {module: module for module in _MODULES}
        self._clipboard: str | None = None

    def run(self, statements: Iterable[ast.stmt]) -> None:
        """Read statements in order.

        Raises:
            NotUnderstoodError: One is beyond the subset, or says what no action can; the hand then
                holds what came before it.
        """
        for statement in statements:
            try:
                self._statement(statement)
            except InvalidActionError as exc:
                raise NotUnderstoodError(statement, str(exc)) from exc

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Pass():
                pass
            case ast.Import(names=names):
                self._import(statement, {name.asname or name.name: name.name for name in names})
            case ast.ImportFrom(module=module, names=names, level=0):
                self._import(
                    statement, {name.asname or name.name: f"{module}.{name.name}" for name in names}
                )
            case ast.Assign(targets=[ast.Attribute() as target]) if self._is_setting(target):
                pass  # pauses are the environment's affair
            case ast.With(items=[ast.withitem(context_expr=ast.Call() as call)], body=body):
                self._hold(call, body)
            case ast.Expr(value=ast.Constant(value=str(note))):
                self.notes.append(note.strip())
            case ast.Expr(value=ast.Name(id=word)) if is_osworld_word(statement):
                self._word(word)
            case ast.Expr(value=ast.Call() as call):
                self._call(call)
            case _:
                raise NotUnderstoodError(
                    statement,
                    f"{type(statement).__name__} is beyond the subset ({shown(statement)}).",
                )

    def _import(self, statement: ast.stmt, names: dict[str, str]) -> None:
        for name, meaning in names.items():
            module, _, what = meaning.partition(".")
            if module not in _MODULES or what == "*":
                raise NotUnderstoodError(statement, f"{shown(statement)}: no such module is known.")
            self._names[name] = meaning

    def _is_setting(self, target: ast.Attribute) -> bool:
        return self._meaning(target).removeprefix("pyautogui.") in _SETTINGS

    def _word(self, word: str) -> None:
        if word == "WAIT":
            self.hand.wait(WAIT_S)
        else:
            self.hand.add(Finish() if word == "DONE" else Refuse())

    def _meaning(self, function: ast.expr) -> str:
        """Return the full name of a function, such as `pyautogui.click`."""
        match function:
            case ast.Name(id=name):
                return self._names.get(name, name)
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                return f"{self._names.get(module, module)}.{name}"
            case _:
                return ""

    def _call(self, call: ast.Call) -> None:
        name = self._meaning(call.func)
        if name == "pyperclip.copy":
            self._clipboard = text(self._arguments(call, ("text",)).get("text"), call)
            return
        module, _, function = name.partition(".")
        if module == "pyautogui" and function in ("hotkey", "shortcut"):
            self._hotkey(call)
            return
        if (module != "pyautogui" and name != "time.sleep") or function == "hold":
            raise NotUnderstoodError(call, f"{shown(call)} is beyond the subset.")
        if function not in _SIGNATURES:
            raise NotUnderstoodError(call, f"pyautogui.{function[:40]} is beyond the subset.")
        given = self._arguments(call, _SIGNATURES[function])
        _DOES[function](self.hand, given, call)

    def _arguments(self, call: ast.Call, signature: tuple[str, ...]) -> dict[str, Any]:
        return bound(call, signature, constants=self._constants(), skip=_IGNORED)

    def _constants(self) -> dict[str, str]:
        """Return the constants under every name that they have here."""
        found = dict(_CONSTANTS)
        for name, meaning in self._names.items():
            if meaning == "pyautogui":
                found.update(
                    (full.replace("pyautogui", name), value) for full, value in _CONSTANTS.items()
                )
            elif meaning in _CONSTANTS:
                found[name] = _CONSTANTS[meaning]
        return found

    def _hotkey(self, call: ast.Call) -> None:
        """Press keys given one by one, in a list, or as one text with plus signs."""
        odd = [word.arg for word in call.keywords if word.arg not in ("interval", *_COMMON)]
        if odd:
            raise NotUnderstoodError(call, f"{shown(call.func)} has no argument {odd[0]!r}.")
        given = [literal(part, self._constants()) for part in call.args]
        if given and isinstance(given[0], list):
            given = given[0]
        if len(given) == 1:
            keys = keys_of_chord(given[0])
        else:
            keys = tuple(key_named(key) for key in given)
        if keys == ("ctrl", "v") and self._clipboard is not None:
            self.hand.type(self._clipboard)  # what was copied in this very code
        else:
            self.hand.chord(keys)

    def _hold(self, call: ast.Call, body: list[ast.stmt]) -> None:
        if self._meaning(call.func) != "pyautogui.hold":
            raise NotUnderstoodError(call, f"`with` {shown(call)} is beyond the subset.")
        keys = _keys(self._arguments(call, _SIGNATURES["hold"]).get("keys"), call)
        for key in keys:
            self.hand.key_down(key)
        self.run(body)
        for key in reversed(keys):
            self.hand.key_up(key)


_Given = dict[str, Any]


def _keys(value: object, node: ast.AST) -> list[str]:
    """Return one key, or several of a list."""
    if isinstance(value, list):
        return [key_named(key) for key in value]
    return [key_named(text(value, node))]


def _button(given: _Given, otherwise: str = "left") -> object:
    button = given.get("button", otherwise)
    folded = button.casefold() if isinstance(button, str) else button
    return _BUTTONS.get(folded, folded) if isinstance(folded, str | int) else folded


def _place(given: _Given, node: ast.AST) -> tuple[object, object]:
    """Return x and y, which may come as one pair, or as a box whose middle counts."""
    x, y = given.get("x"), given.get("y")
    if isinstance(x, list) and y is None:
        sides = [number(side, node) for side in x]
        if len(sides) == 2:
            return sides[0], sides[1]
        if len(sides) == 4:
            return sides[0] + sides[2] / 2, sides[1] + sides[3] / 2
    if isinstance(x, str):
        raise NotUnderstoodError(node, f"A picture ({x[:40]!r}) is no place that can be read.")
    return x, y


def _click(hand: Hand, given: _Given, node: ast.AST, *, button: str = "left", of: int = 1) -> None:
    at = hand.at(*_place(given, node))
    count = whole(given.get("clicks", 1), node)
    pause_s = number(given.get("interval", 0.0), node)
    if pause_s >= _TWO_CLICKS_S and 0 < count <= 50:
        for _ in range(count * of):
            hand.click(at, button=_button(given, button))
        return
    hand.click(at, button=_button(given, button), count=count * of)


def _offset(given: _Given, node: ast.AST) -> tuple[float, float]:
    x, y = given.get("xOffset"), given.get("yOffset")
    if isinstance(x, list) and len(x) == 2 and y is None:
        x, y = x
    return number(x or 0, node), number(y or 0, node)


def _drag(hand: Hand, given: _Given, node: ast.AST) -> None:
    if "xOffset" in given or "yOffset" in given:
        to = hand.beside(*_offset(given, node))
    else:
        to = hand.at(*_place(given, node))
    if given.get("mouseDownUp") is False:
        hand.move(to)
    else:
        hand.drag(to, button=_button(given))


def _scroll(hand: Hand, given: _Given, node: ast.AST, *, sideways: bool = False) -> None:
    clicks = truncated(given.get("clicks"), node)
    x, y = _place(given, node)
    at = None if x is None and y is None else hand.at(x, y)
    if sideways:
        hand.scroll(at, dx=clicks)
    else:
        hand.scroll(at, dy=-clicks)  # theirs goes up, ours down


def _write(hand: Hand, given: _Given, node: ast.AST) -> None:
    message = given.get("message")
    if isinstance(message, str):
        hand.type(message)
        return
    if not isinstance(message, list):
        raise NotUnderstoodError(node, f"{str(message)[:50]!r} is no text.")
    for key in message:
        hand.press(key_named(key))


def _press(hand: Hand, given: _Given, node: ast.AST) -> None:
    keys = _keys(given.get("keys"), node)
    presses = whole(given.get("presses", 1), node)
    if len(keys) == 1:
        hand.press(keys[0], presses)
        return
    if not 0 <= presses * len(keys) <= 500:
        raise NotUnderstoodError(node, f"{presses} presses of {len(keys)} keys are too many.")
    for _ in range(presses):
        for key in keys:
            hand.press(key)


def _sleep(hand: Hand, given: _Given, node: ast.AST) -> None:
    hand.wait(float(number(given.get("seconds"), node)))


_DOES: Final[dict[str, Callable[[Hand, _Given, ast.AST], None]]] = {
    "click": _click,
    "leftClick": _click,
    "rightClick": lambda hand, given, node: _click(hand, given, node, button="right"),
    "middleClick": lambda hand, given, node: _click(hand, given, node, button="middle"),
    "doubleClick": lambda hand, given, node: _click(hand, given, node, of=2),
    "tripleClick": lambda hand, given, node: _click(hand, given, node, of=3),
    "mouseDown": lambda hand, given, node: hand.mouse_down(
        hand.at(*_place(given, node)), button=_button(given)
    ),
    "mouseUp": lambda hand, given, node: hand.mouse_up(
        hand.at(*_place(given, node)), button=_button(given)
    ),
    "moveTo": lambda hand, given, node: hand.move(hand.at(*_place(given, node))),
    "move": lambda hand, given, node: hand.move(hand.beside(*_offset(given, node))),
    "moveRel": lambda hand, given, node: hand.move(hand.beside(*_offset(given, node))),
    "dragTo": _drag,
    "drag": _drag,
    "dragRel": _drag,
    "scroll": _scroll,
    "vscroll": _scroll,
    "hscroll": lambda hand, given, node: _scroll(hand, given, node, sideways=True),
    "write": _write,
    "typewrite": _write,
    "press": _press,
    "keyDown": lambda hand, given, node: hand.key_down(key_named(text(given.get("key"), node))),
    "keyUp": lambda hand, given, node: hand.key_up(key_named(text(given.get("key"), node))),
    "sleep": _sleep,
}
