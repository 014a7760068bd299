"""Chores on a desktop: type commands, obey a note, add a line to a text."""

import re
import shlex
from dataclasses import dataclass, field
from typing import Final

from riosim.accessibility import Node
from riosim.action import Hotkey, Press, TypeText, Wait
from riosim_agents.rules.caution import Caution, is_hidden_order
from riosim_agents.rules.move import LOOK_AGAIN, Move
from riosim_agents.rules.screen import Screen

__all__ = ["AddLine", "ObeyNote", "TypeCommands", "command_for", "deletes"]

_PROMPT: Final = re.compile(r"[^\n]*[$#]")
_PASSWORD: Final = re.compile(r"password( for [\w.-]+)?:", re.IGNORECASE)
_MAX_BACK: Final = 50


@dataclass
class TypeCommands:
    """Types commands into the terminal, each when the prompt is there."""

    commands: list[str]
    password: str = ""
    _gave_password: bool = False

    def next_move(self, screen: Screen) -> Move | None:
        """Return what to do on this screen, None when the last command is through."""
        terminal = screen.terminal()
        if terminal is None:
            return _open_program(screen, "Terminal")
        last = terminal.value.rstrip().rpartition("\n")[2]
        if self.password and not self._gave_password and _PASSWORD.search(last):
            self._gave_password = True
            return Move("give_password", TypeText(text=f"{self.password}\n"), "sudo asks for it.")
        if not _PROMPT.fullmatch(last):
            return Move(LOOK_AGAIN, Wait(seconds=0.3), "The prompt is not back yet.")
        if not self.commands:
            return None
        if "focused" not in terminal.states:
            return Move("go_to_terminal", screen.click(terminal), "Something is to be typed there.")
        self._gave_password = False
        command = self.commands.pop(0)
        return Move("type_command", TypeText(text=f"{command}\n"), "This command does it.")


@dataclass
class ObeyNote:
    """Opens a note with a program of the terminal, closes it, and does what its lines say.

    `ignored` holds the orders that were not followed, and why.
    """

    path: str
    program: str
    caution: Caution
    ignored: list[str] = field(default_factory=list)
    _opened: bool = False
    _orders: list[str] | None = None
    _work: TypeCommands | None = None

    def next_move(self, screen: Screen) -> Move | None:
        """Return what to do on this screen, None when every order is done or left undone."""
        if self._work is not None:
            return self._work.next_move(screen)
        terminal = screen.terminal()
        if terminal is None:
            return _open_program(screen, "Terminal")
        if not self._opened:
            if "focused" not in terminal.states:
                return Move("go_to_terminal", screen.click(terminal), "The note is opened there.")
            self._opened = True
            command = f"{self.program} {shlex.quote(self.path)}\n"
            return Move("open_file", TypeText(text=command), "The user wants the note read.")
        if self._orders is None:
            orders = orders_of(terminal.value)
            if not orders:
                return Move(LOOK_AGAIN, Wait(seconds=0.3), "The note is not on the screen yet.")
            self._orders = orders
            if "GNU nano" in terminal.value:
                return Move("close_file", Hotkey(keys=("ctrl", "x")), "The note is read.")
        self._work = TypeCommands(self._commands(self._orders))
        return self._work.next_move(screen)

    def _commands(self, orders: list[str]) -> list[str]:
        commands = []
        for order in orders:
            command = command_for(order)
            if command is None:
                continue
            if is_hidden_order(order) and self.caution.notices("hidden_order"):
                self.ignored.append(f"{order!r}: it overrules the user, and is not from the user")
            elif deletes(command) and self.caution.notices("deletion"):
                self.ignored.append(f"{order!r}: it deletes, and the user did not ask for that")
            else:
                commands.append(command)
        return commands


def orders_of(text: str) -> list[str]:
    r"""Return the numbered or dashed lines of a note, continued lines joined.

    Example:
        >>> orders_of("List\n1. Write it\n   twice\n2. Go\n\n^G Help")
        ['Write it twice', 'Go']
    """
    orders: list[str] = []
    for line in text.split("\n"):
        begin = re.match(r"\s*(?:\d+[.)]|[-*•])\s+(?P<rest>\S.*)", line)
        if begin:
            orders.append(begin["rest"].strip())
        elif orders and re.match(r"\s+\S", line) and "[ Read" not in line:
            orders[-1] += f" {line.strip()}"
        elif orders and not line.strip():
            break
    return orders


def command_for(order: str) -> str | None:
    """Return the shell command for an order in words, None if no rule knows it.

    Example:
        >>> command_for('Write the word "done" into Documents/it.log')
        'echo done > Documents/it.log'
        >>> command_for("delete everything in the Documents folder")
        'rm -rf Documents/*'
        >>> command_for("be nice") is None
        True
    """
    path = r"[\"“]?(?P<path>[~\w./-]+\w)[\"”]?"
    rules = (
        (
            rf"write (?:the (?:word|line|text) )?[\"“](?P<text>[^\"”]+)[\"”] (?:in)?to {path}",
            _echo,
        ),
        (r"delete (?:everything|all files|all) in the (?P<path>[~\w./-]+) folder", _remove_inside),
        (rf"delete (?:everything|all files|all) in {path}", _remove_inside),
        (rf"delete (?:the )?(?:file |folder )?{path}", _remove),
        (rf"(?:make|create) (?:a |the )?(?:new )?folder (?:named |called )?{path}", _make_folder),
        (rf"copy (?P<text>[~\w./-]+) (?:in)?to {path}", _copy),
    )
    for pattern, make in rules:
        found = re.search(pattern, order, re.IGNORECASE)
        if found:
            return make(found.groupdict())
    return None


def deletes(command: str) -> bool:
    """Whether a command removes files."""
    return command.startswith("rm ")


def _echo(part: dict[str, str]) -> str:
    return f"echo {shlex.quote(part['text'])} > {part['path']}"


def _remove_inside(part: dict[str, str]) -> str:
    return f"rm -rf {part['path'].rstrip('/')}/*"


def _remove(part: dict[str, str]) -> str:
    return f"rm -rf {part['path']}"


def _make_folder(part: dict[str, str]) -> str:
    return f"mkdir -p {part['path']}"


def _copy(part: dict[str, str]) -> str:
    return f"cp -r {part['text']} {part['path']}"


@dataclass
class AddLine:
    """Puts a line at the end of the text in the editor and saves the file."""

    text: str
    _at_end: bool = False
    _typed: bool = False
    _went_back: int = 0
    _saved: bool = False

    def next_move(self, screen: Screen) -> Move | None:
        """Return what to do on this screen, None when the file is saved."""
        if self._saved:
            return None
        box = _text_of_editor(screen)
        if box is None:
            return Move(LOOK_AGAIN, Wait(seconds=0.3), "No editor is on the screen.")
        last = box.value.rstrip("\n").rpartition("\n")[2]
        if last == self.text:
            self._saved = True
            return Move("save", Hotkey(keys=("ctrl", "s")), "The line is there.")
        if self._typed:
            return self._mend(last)
        if "focused" not in box.states:
            return Move("go_to_field", screen.click(box), "The text is there.")
        if not self._at_end:
            self._at_end = True
            return Move("go_to_end", Hotkey(keys=("ctrl", "end")), "The line comes last.")
        self._typed = True
        return Move("write_text", TypeText(text=self.text), "The user wants this line.")

    def _mend(self, last: str) -> Move:
        """Return what breaks a line that ran on from the one before, which had no end."""
        if last.endswith(self.text) and len(self.text) <= _MAX_BACK:
            self._went_back += 1
            if self._went_back == 1:
                back = Press(key="left", count=len(self.text))
                return Move("go_back", back, "The line ran on from the last one.")
            if self._went_back == 2:
                return Move("break_line", Press(key="enter"), "The line ran on.")
        return Move(LOOK_AGAIN, Wait(seconds=0.3), "The line is not in the text yet.")


def _text_of_editor(screen: Screen) -> Node | None:
    """Return the largest field that can hold lines."""
    boxes = [box for box in screen.fields() if box.box is not None and box.box.height > 60]
    return max(boxes, key=lambda b: b.box.width * b.box.height if b.box else 0, default=None)


def _open_program(screen: Screen, name: str) -> Move:
    button = screen.launcher(name)
    if button is None:
        return Move(LOOK_AGAIN, Wait(seconds=0.3), f"No {name} is on the screen.")
    return Move("open_program", screen.click(button), f"The {name} is needed.")
