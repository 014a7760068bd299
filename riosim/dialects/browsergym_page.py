"""What BrowserGym's functions do, said with a mouse and a keyboard."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from riosim.action import (
    AskUser,
    Back,
    CloseTab,
    Finish,
    Goto,
    NewTab,
    Point,
    Refuse,
    SwitchTab,
)
from riosim.dialects.browsergym_call import Call
from riosim.dialects.coordinate import Grid
from riosim.dialects.hand import Hand, made
from riosim.dialects.key_name import key_named, keys_of_chord
from riosim.errors import InvalidActionError
from riosim.styles.style import Mark

__all__ = ["NOTCH_PX", "Page"]

NOTCH_PX: Final = 100
"""Pixels that one notch of the wheel scrolls a page."""
_ACTING: Final = frozenset(
    "button checkbox link menu menuitem option radio switch tab treeitem".split()
)
"""Roles that a click does not only focus, but sets off."""
_LONGEST_S: Final = 60.0

_Given = Mapping[str, Any]


class Page:
    """The elements of a page, and a hand that reaches them.

    Attributes:
        hand: What was done.
        focused: The element that has the keyboard, empty if unknown.
    """

    def __init__(self, hand: Hand, grid: Grid, marks: tuple[Mark, ...], focused: str) -> None:
        self.hand = hand
        self.focused = focused
        self._grid = grid
        self._marks = {str(mark.number): mark for mark in marks}

    def do(self, call: Call) -> None:
        """Let the hand do what a call says.

        Raises:
            InvalidActionError: It cannot be done; nothing of it is.
        """
        before = list(self.hand.actions)
        try:
            _DOES[call.name](self, call.given)
        except KeyError as exc:
            self.hand.actions[:] = before
            raise InvalidActionError(f"{call.name} needs {exc}.") from exc
        except InvalidActionError:
            self.hand.actions[:] = before
            raise

    def mark(self, bid: object) -> Mark:
        """Return the element with that identifier."""
        name = str(bid) if isinstance(bid, str | int) else ""
        if name not in self._marks:
            raise InvalidActionError(
                f"No element on the screen has the bid {str(bid)[:40]!r}; there are "
                f"{len(self._marks)}."
            )
        return self._marks[name]

    def middle(self, bid: object) -> Point:
        """Return the middle of an element."""
        return self._grid.middle_of(self.mark(bid).box)

    def click(self, given: _Given, *, count: int = 1) -> None:
        """Click an element."""
        names = given.get("modifiers") or []
        if not isinstance(names, list):
            raise InvalidActionError("modifiers is no list.")
        at = self.middle(given["bid"])
        modifiers = [key_named(name) for name in names]
        for key in modifiers:
            self.hand.key_down(key)
        self.hand.click(at, button=given.get("button", "left"), count=count)
        for key in reversed(modifiers):
            self.hand.key_up(key)
        self.focused = str(given["bid"])

    def focus(self, bid: object) -> None:
        """Give an element the keyboard, by a click that does nothing else."""
        if str(bid) == self.focused:
            return
        mark = self.mark(bid)
        if mark.role in _ACTING:
            raise InvalidActionError(
                f"A mouse cannot focus the {mark.role} {str(bid)[:40]!r} without setting it off; "
                "click it, or reach it with the Tab key."
            )
        self.click({"bid": bid})

    def fill(self, bid: object, value: object) -> None:
        """Replace what a field holds."""
        if not isinstance(value, str):
            raise InvalidActionError(f"{str(value)[:40]!r} is no text.")
        self.click({"bid": bid})
        self.hand.chord(("ctrl", "a"))
        if value:
            self.hand.type(value)
        else:
            self.hand.press("delete")

    def press(self, bid: object, keys: object) -> None:
        """Press keys in an element."""
        chord = keys_of_chord(keys)
        acting = self.mark(bid).role in _ACTING and str(bid) != self.focused
        if acting and chord in (("enter",), ("space",)):
            self.click({"bid": bid})  # all that the key would do
            return
        self.focus(bid)
        self.hand.chord(chord)

    def select(self, bid: object, options: object) -> None:
        """Choose an option by its label, as a person does with the keyboard."""
        if isinstance(options, list) and len(options) == 1:
            options = options[0]
        if not isinstance(options, str) or not options:
            raise InvalidActionError("One option can be chosen at a time, by its label.")
        self.click({"bid": bid})
        self.hand.type(options)
        self.hand.press("enter")

    def say(self, text: object) -> None:
        """Give the user an answer, or ask what ends in a question mark."""
        if isinstance(text, str) and text.rstrip().endswith("?"):
            self.hand.add(made(AskUser, question=text))
        else:
            self.hand.add(made(Finish, answer=text))


def _notches(pixels: object) -> int:
    """Return pixels of a page as notches: at least one, unless there is nothing to scroll."""
    if isinstance(pixels, bool) or not isinstance(pixels, int | float):
        raise InvalidActionError(f"{str(pixels)[:40]!r} is no number.")
    far = min(max(pixels, -1e6), 1e6)
    notches = round(abs(far) / NOTCH_PX)
    return (max(notches, 1) if far else 0) * (-1 if far < 0 else 1)


def _seconds(given: _Given) -> float:
    wait_ms = given.get("wait_ms", 1000)
    if isinstance(wait_ms, bool) or not isinstance(wait_ms, int | float):
        raise InvalidActionError(f"{str(wait_ms)[:40]!r} is no number of milliseconds.")
    return float(min(wait_ms, _LONGEST_S * 1000)) / 1000


def _at(page: Page, given: _Given, x: str = "x", y: str = "y") -> Point:
    return page.hand.at(_number(given[x]), _number(given[y]))


def _number(value: object) -> object:
    if value is None:
        raise InvalidActionError("A coordinate is None.")
    return value


def _button(given: _Given) -> object:
    return given.get("button", "left")


def _impossible(why: str) -> Callable[[Page, _Given], None]:
    def refuse(page: Page, given: _Given) -> None:
        del page, given
        raise InvalidActionError(why)

    return refuse


_NO_FILES: Final = "No file is put into a page from outside; use the page's own dialog."

_DOES: Final[dict[str, Callable[[Page, _Given], None]]] = {
    "send_msg_to_user": lambda page, given: page.say(given["text"]),
    "report_infeasible": lambda page, given: page.hand.add(made(Refuse, reason=given["reason"])),
    "noop": lambda page, given: page.hand.wait(_seconds(given)),
    "fill": lambda page, given: page.fill(given["bid"], given["value"]),
    "check": _impossible("Whether it is checked is on the screen; use click."),
    "uncheck": _impossible("Whether it is checked is on the screen; use click."),
    "select_option": lambda page, given: page.select(given["bid"], given["options"]),
    "click": lambda page, given: page.click(given),
    "dblclick": lambda page, given: page.click(given, count=2),
    "hover": lambda page, given: page.hand.move(page.middle(given["bid"])),
    "press": lambda page, given: page.press(given["bid"], given["key_comb"]),
    "focus": lambda page, given: page.focus(given["bid"]),
    "clear": lambda page, given: page.fill(given["bid"], ""),
    "drag_and_drop": lambda page, given: page.hand.drag(
        page.middle(given["to_bid"]), start=page.middle(given["from_bid"])
    ),
    "scroll": lambda page, given: page.hand.scroll(
        None, dx=_notches(given["delta_x"]), dy=_notches(given["delta_y"])
    ),
    "scroll_at": lambda page, given: page.hand.scroll(
        _at(page, given), dx=_notches(given["dx"]), dy=_notches(given["dy"])
    ),
    "mouse_move": lambda page, given: page.hand.move(_at(page, given)),
    "mouse_up": lambda page, given: page.hand.mouse_up(_at(page, given), button=_button(given)),
    "mouse_down": lambda page, given: page.hand.mouse_down(_at(page, given), button=_button(given)),
    "mouse_click": lambda page, given: page.hand.click(_at(page, given), button=_button(given)),
    "mouse_dblclick": lambda page, given: page.hand.click(
        _at(page, given), button=_button(given), count=2
    ),
    "mouse_drag_and_drop": lambda page, given: page.hand.drag(
        _at(page, given, "to_x", "to_y"), start=_at(page, given, "from_x", "from_y")
    ),
    "keyboard_press": lambda page, given: page.hand.chord(keys_of_chord(given["key"])),
    "keyboard_up": lambda page, given: page.hand.key_up(key_named(given["key"])),
    "keyboard_down": lambda page, given: page.hand.key_down(key_named(given["key"])),
    "keyboard_type": lambda page, given: page.hand.type(_text(given["text"])),
    "keyboard_insert_text": lambda page, given: page.hand.type(_text(given["text"])),
    "goto": lambda page, given: page.hand.add(made(Goto, url=given["url"])),
    "go_back": lambda page, given: page.hand.add(Back()),
    "go_forward": lambda page, given: page.hand.chord(("alt", "right")),
    "new_tab": lambda page, given: page.hand.add(NewTab()),
    "tab_close": lambda page, given: page.hand.add(CloseTab()),
    "tab_focus": lambda page, given: page.hand.add(made(SwitchTab, index=given["index"])),
    "upload_file": _impossible(_NO_FILES),
    "mouse_upload_file": _impossible(_NO_FILES),
}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidActionError(f"{str(value)[:40]!r} is no text.")
    return value
