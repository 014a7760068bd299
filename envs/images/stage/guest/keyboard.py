"""Keys and text, typed through XTEST.

A character of the layout is typed with its own key. Any other is put on a spare key code first. A
code keeps its character as long as possible, because a client looks a code up only when it gets
round to the event: a code is given a new meaning only after the client with the focus has taken
what was typed before.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from consumed import wait_until_consumed
from keymap import KEY_NAMES, chunks, keysym_of
from Xlib import XK, X
from Xlib.ext import xtest

__all__ = ["Keyboard"]

_TEXT_KEYS = {"\n": "enter", "\t": "tab"}
_VENDOR_KEYSYM = 0x1008FF00  # media keys: nothing here needs them, so their codes are spare
_SYNC_EVERY = 100


class Keyboard:
    """The keys of one X server, over one connection."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._mapping: dict[int, list[int]] = {}
        self._plain: dict[str, tuple[int, bool]] = {}  # character → key code, with shift
        self._named: dict[int, int] = {}  # keysym → key code
        self._given: OrderedDict[str, int] = OrderedDict()  # character → spare code, oldest first
        self._free: list[int] = []
        self._untaken: set[int] = set()  # spare codes pressed since the client was last asked
        self._read()

    def refresh(self) -> None:
        """Read the layout again if somebody changed it."""
        changed = False
        while self._display.pending_events():
            changed |= self._display.next_event().type == X.MappingNotify
        if changed:
            self._read()

    def type(self, text: str) -> None:
        """Type TEXT exactly; line feeds are Enter, tabs Tab."""
        locked = self._display.screen().root.query_pointer().mask & X.LockMask
        if locked:
            self.tap("capslock")
        room = len(self._free) + len(self._given)
        for piece in chunks(text, {*self._plain, *_TEXT_KEYS}, max(room, 1)):
            self._make_typable(piece)
            self._type_piece(piece)
        if locked:
            self.tap("capslock")
        self._display.sync()

    def tap(self, key: str, count: int = 1) -> None:
        """Press and release one key, by our name for it or by its character."""
        for _ in range(count):
            pressed = self.hold([key])
            self.release(pressed)

    def hold(self, keys: Iterable[str]) -> list[int]:
        """Press KEYS in order; return the codes to release."""
        pressed: list[int] = []
        for key in keys:
            code, shift = self._code(key)
            wanted = [self._code("shift")[0]] if shift else []
            for one in (*wanted, code):
                if one not in pressed:
                    xtest.fake_input(self._display, X.KeyPress, one)
                    pressed.append(one)
        self._display.sync()
        return pressed

    def release(self, codes: list[int]) -> None:
        """Release what `hold` pressed, in reverse."""
        for code in reversed(codes):
            xtest.fake_input(self._display, X.KeyRelease, code)
        self._display.sync()

    def _code(self, key: str) -> tuple[int, bool]:
        if key in KEY_NAMES:
            keysym = XK.string_to_keysym(KEY_NAMES[key])
            if keysym not in self._named:
                raise ValueError(f"the keyboard has no key {key!r} any more; was it remapped?")
            return self._named[keysym], False
        if key not in self._plain:
            self._make_typable(key)
        return self._plain[key] if key in self._plain else (self._given[key], False)

    def _read(self) -> None:
        low = self._display.display.info.min_keycode
        high = self._display.display.info.max_keycode
        rows = self._display.get_keyboard_mapping(low, high - low + 1)
        self._mapping = {low + n: list(row) for n, row in enumerate(rows)}
        modifiers = {c for row in self._display.get_modifier_mapping() for c in row}
        self._given = OrderedDict(
            (char, code)
            for char, code in self._given.items()
            if self._mapping[code][:2] == [keysym_of(char)] * 2
        )
        taken = set(self._given.values())
        vendor = [c for c, row in self._mapping.items() if _is_vendor(row) and c not in modifiers]
        self._write(dict.fromkeys(vendor, 0))
        self._plain, self._named, self._free = {}, {}, []
        for code, row in self._mapping.items():
            if code in taken:
                continue
            if not any(row):
                if code not in modifiers and code != low:
                    self._free.append(code)
                continue
            self._learn(code, row)

    def _learn(self, code: int, row: list[int]) -> None:
        for level, keysym in enumerate(row[:2]):
            if keysym:
                self._named.setdefault(keysym, code)
            if 0x20 <= keysym <= 0x7E or 0xA0 <= keysym <= 0xFF:
                self._plain.setdefault(chr(keysym), (code, level == 1))

    def _make_typable(self, piece: str) -> None:
        wanted = [c for c in dict.fromkeys(piece) if c not in self._plain and c not in _TEXT_KEYS]
        for char in wanted:
            if char in self._given:
                self._given.move_to_end(char)
        missing = [char for char in wanted if char not in self._given]
        new: dict[int, int] = {}
        for char in missing:
            if not self._free:
                _, code = self._given.popitem(last=False)
                self._free.append(code)
            code = self._free.pop(0)
            if code in self._untaken:
                self._settle()
            new[code] = keysym_of(char)
            self._given[char] = code
        if new:
            self._write(new)
            self._settle()  # some clients read keys ahead of the news about what they mean

    def _settle(self) -> None:
        self._display.sync()
        wait_until_consumed(self._display)
        self._untaken.clear()

    def _write(self, codes: dict[int, int]) -> None:
        """Give key codes one keysym each, in as few requests as there are runs of codes."""
        run: list[int] = []
        for code in [*sorted(codes), -1]:
            if run and code != run[-1] + 1:
                keysyms = [[codes[c], codes[c]] for c in run]
                self._display.change_keyboard_mapping(run[0], keysyms)
                run = []
            run.append(code)
        for code, keysym in codes.items():
            self._mapping[code] = [keysym, keysym]
        self._display.sync()

    def _type_piece(self, piece: str) -> None:
        shift_code = self._code("shift")[0]
        shifted = False
        for count, char in enumerate(piece, start=1):
            if char in _TEXT_KEYS:
                code, shift = self._code(_TEXT_KEYS[char])
            elif char in self._plain:
                code, shift = self._plain[char]
            else:
                code, shift = self._given[char], False
                self._untaken.add(code)
            if shift != shifted:
                xtest.fake_input(self._display, X.KeyPress if shift else X.KeyRelease, shift_code)
                shifted = shift
            xtest.fake_input(self._display, X.KeyPress, code)
            xtest.fake_input(self._display, X.KeyRelease, code)
            if count % _SYNC_EVERY == 0:
                self._display.sync()
        if shifted:
            xtest.fake_input(self._display, X.KeyRelease, shift_code)
        self._display.sync()


def _is_vendor(row: list[int]) -> bool:
    used = [keysym for keysym in row if keysym]
    return bool(used) and all(keysym >= _VENDOR_KEYSYM for keysym in used)
