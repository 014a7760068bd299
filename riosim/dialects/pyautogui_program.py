"""A program of pyautogui calls, read statement by statement into what a hand does."""

import ast
from collections.abc import Iterable
from typing import Any, Final

from riosim.action import Finish, Refuse
from riosim.dialects.hand import Hand
from riosim.dialects.key_name import key_named, keys_of_chord
from riosim.dialects.pyautogui_call import NotUnderstoodError, bound, literal, shown, text
from riosim.dialects.pyautogui_function import COMMON, DOES, IGNORED, SIGNATURES, named_keys
from riosim.errors import InvalidActionError

__all__ = ["THEIR_KEYS", "WAIT_S", "Program", "is_osworld_word"]

WAIT_S: Final = 2.0
"""How long OSWorld's WAIT waits."""
THEIR_KEYS: Final = {"super": "winleft", "menu": "apps"}
"""Keys that PyAutoGUI names otherwise than we do."""

_CONSTANTS: Final = {
    f"pyautogui.{name}": name.casefold()
    for name in ("LEFT", "MIDDLE", "RIGHT", "PRIMARY", "SECONDARY")
}
_SETTINGS: Final = frozenset({"PAUSE", "FAILSAFE", "MINIMUM_DURATION", "MINIMUM_SLEEP"})
_MODULES: Final = ("pyautogui", "time", "pyperclip")


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
        if function not in SIGNATURES:
            raise NotUnderstoodError(call, f"pyautogui.{function[:40]} is beyond the subset.")
        given = self._arguments(call, SIGNATURES[function])
        DOES[function](self.hand, given, call)

    def _arguments(self, call: ast.Call, signature: tuple[str, ...]) -> dict[str, Any]:
        return bound(call, signature, constants=self._constants(), skip=IGNORED)

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
        odd = [word.arg for word in call.keywords if word.arg not in ("interval", *COMMON)]
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
        keys = named_keys(self._arguments(call, SIGNATURES["hold"]).get("keys"), call)
        for key in keys:
            self.hand.key_down(key)
        self.run(body)
        for key in reversed(keys):
            self.hand.key_up(key)
