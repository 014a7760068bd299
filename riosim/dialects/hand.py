"""A hand on mouse and keyboard: what it does one after another becomes actions."""

from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from riosim.action import (
    Action,
    Click,
    Drag,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Scroll,
    TypeText,
    Wait,
)
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Grid
from riosim.dialects.key_name import key_action, key_named
from riosim.errors import InvalidActionError

__all__ = ["Hand", "end_of", "made"]

_Made = TypeVar("_Made", bound=BaseModel)
_MODIFIERS: Final = frozenset({"alt", "ctrl", "shift", "super"})
_SWITCHERS: Final = frozenset({"alt", "super"})  # letting go of them does something by itself
_LONGEST_S: Final = 60.0
_FARTHEST: Final = 50  # notches of one scroll, strokes of one press
_MOST_STROKES: Final = 500


def made(kind: type[_Made], **fields: Any) -> _Made:
    """Return an action of that kind.

    Raises:
        InvalidActionError: The fields do not fit it; the message says which.
    """
    try:
        return kind(**fields)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in (kind.model_fields["kind"].default, *first["loc"]))
        raise InvalidActionError(f"{where}: {first['msg']}") from exc


def end_of(action: Action) -> Point | None:
    """Return where an action leaves the pointer, None if it does not touch it."""
    if isinstance(action, Click | Move | Scroll | MouseDown | MouseUp):
        return action.at
    return action.end if isinstance(action, Drag) else None


class Hand:
    """Collects actions; knows where the pointer is and which keys are down.

    Dialects that press and release in separate words, or act "where the pointer is", speak through
    it. A move that the next action makes anyway is left out. Keys that are held become modifiers of
    clicks and parts of chords; nothing may stay held at the end. One key pressed again and again is
    one action.

    Attributes:
        actions: What was done so far.
        pointer: Where the pointer is, None if nobody said.

    Every method raises `InvalidActionError` for what no action says.
    """

    def __init__(self, grid: Grid, pointer: Point | None = None) -> None:
        self.actions: list[Action | InvalidOutput] = []
        self.pointer = pointer
        self._grid = grid
        self._keys: dict[str, bool] = {}  # held keys, in order, and whether a stroke used them
        self._buttons: set[str] = set()

    def at(self, x: object = None, y: object = None) -> Point:
        """Return the point at (x, y) of the grid; None keeps the pointer's."""
        if x is not None and y is not None:
            return self._grid.point(x, y)
        here = self._here()
        if x is None and y is None:
            return here
        here_x, here_y = self._grid.coordinates(here)
        return self._grid.point(here_x if x is None else x, here_y if y is None else y)

    def beside(self, dx: float, dy: float) -> Point:
        """Return the point that far from the pointer."""
        x, y = self._grid.coordinates(self._here())
        return self._grid.point(x + dx, y + dy)

    def move(self, to: Point) -> None:
        """Move the pointer."""
        self.add(Move(at=to))

    def click(self, at: Point, *, button: object = "left", count: int = 1) -> None:
        """Click, with the modifiers that are held."""
        odd = [key for key in self._keys if key not in _MODIFIERS]
        if odd:
            raise InvalidActionError(f"No click is made while {odd[0]!r} is held.")
        self._keys = dict.fromkeys(self._keys, True)
        modifiers = tuple(self._keys)
        self.add(made(Click, at=at, button=button, count=count, modifiers=modifiers))

    def mouse_down(self, at: Point, *, button: object = "left") -> None:
        """Press a button and keep it down."""
        self._free("no button is pressed")
        self.add(made(MouseDown, at=at, button=button))
        self._buttons.add(str(button))

    def mouse_up(self, at: Point, *, button: object = "left") -> None:
        """Release a button, whoever pressed it."""
        self._free("no button is released")
        self.add(made(MouseUp, at=at, button=button))
        self._buttons.discard(str(button))

    def drag(self, to: Point, *, start: Point | None = None, button: object = "left") -> None:
        """Drag from the pointer, or from START."""
        self._free("nothing is dragged")
        self.add(made(Drag, start=start or self._here(), end=to, button=button))

    def scroll(self, at: Point | None, *, dx: int = 0, dy: int = 0) -> None:
        """Turn the wheel; at most 50 notches. Without a place: at the pointer, or mid-screen."""
        self._free("nothing is scrolled")
        before = self.pointer
        place = at or before or self._middle()
        dx, dy = (min(max(n, -_FARTHEST), _FARTHEST) for n in (dx, dy))
        last = self.actions[-1] if self.actions else None
        if isinstance(last, Scroll) and last.at == place and not last.dx and dx and not dy:
            self.actions.pop()  # the two axes of one movement
            dy = last.dy
        self.add(Scroll(at=place, dx=dx, dy=dy))
        if at is None:
            self.pointer = before  # the middle was a guess

    def type(self, text: str) -> None:
        """Type text; while keys are held, a single character is a stroke."""
        if self._keys and len(text) == 1:
            self.press(key_named(text))
            return
        self._free("no text is typed")
        self.add(made(TypeText, text=text.replace("\r\n", "\n").replace("\r", "\n")))

    def press(self, key: str, count: int = 1) -> None:
        """Press a key COUNT times, together with those that are held."""
        if not 0 <= count <= _MOST_STROKES:
            raise InvalidActionError(
                f"{key!r} cannot be pressed {str(count)[:20]} times (0 to {_MOST_STROKES})."
            )
        for _ in range(count if self._keys else 0):
            self._stroke([*self._keys, key])
        if self._keys or not count:
            return
        last = self.actions[-1] if self.actions else None
        if isinstance(last, Press) and last.key == key:
            self.actions.pop()  # the same key again is the same action, longer
            count += last.count
        for left in range(count, 0, -_FARTHEST):
            self.add(made(Press, key=key, count=min(left, _FARTHEST)))

    def chord(self, keys: tuple[str, ...]) -> None:
        """Press keys together, with those that are held."""
        if len(keys) == 1:
            self.press(keys[0])
        else:
            self._stroke([*self._keys, *keys])

    def key_down(self, key: str) -> None:
        """Press a key and keep it down."""
        if key in self._keys:
            raise InvalidActionError(f"{key!r} is pressed while it is down.")
        self._keys[key] = False

    def key_up(self, key: str) -> None:
        """Release a key; one that nothing used was a stroke itself."""
        if key not in self._keys:
            raise InvalidActionError(f"{key!r} is released but was not pressed before.")
        if not self._keys[key]:
            self._stroke(list(self._keys))
        del self._keys[key]

    def wait(self, seconds: float) -> None:
        """Let time pass; at most a minute."""
        odd = [key for key in self._keys if key not in _MODIFIERS]
        if odd:
            raise InvalidActionError(f"{odd[0]!r} cannot be held for a while.")
        self.add(made(Wait, seconds=min(seconds, _LONGEST_S)))

    def let_go(self) -> None:
        """End what is done: nothing may be held any more."""
        if self._keys:
            raise InvalidActionError(f"{next(iter(self._keys))!r} is pressed and never released.")

    def miss(self, said: InvalidOutput) -> None:
        """Keep the place of something that was not understood."""
        self.actions.append(said)

    def add(self, action: Action) -> None:
        """Append an action that needs no hand, or was made by one."""
        last = self.actions[-1] if self.actions else None
        start = action.start if isinstance(action, Drag) else end_of(action)
        if (
            isinstance(last, Move)
            and last.at == start
            and not isinstance(action, Move)
            and not self._buttons
        ):
            self.actions.pop()
        self.actions.append(action)
        self.pointer = end_of(action) or self.pointer

    def _middle(self) -> Point:
        screen = self._grid.screen
        return Point(x=screen.width_px // 2, y=screen.height_px // 2)

    def _here(self) -> Point:
        if self.pointer is None:
            raise InvalidActionError("No place is given, and none was before.")
        return self.pointer

    def _stroke(self, keys: list[str]) -> None:
        """Press keys together; some of them may be held."""
        again = [key for key, used in self._keys.items() if used and key in _SWITCHERS]
        if again:
            raise InvalidActionError(f"{again[0]!r} cannot be held over several strokes.")
        self._keys = dict.fromkeys(self._keys, True)
        self.add(key_action(keys))

    def _free(self, what: str) -> None:
        """Refuse WHAT while a key is held."""
        if self._keys:
            held = next(iter(self._keys))
            raise InvalidActionError(f"{held!r} is held down: {what} before it is released.")
