"""Actions as numbers, for reinforcement learning.

No numbers can say all that a hand can do; each wrapper states what exactly it maps to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs
from pydantic import ValidationError
from typing_extensions import override

from riosim.action import Action, Click, Finish, Move, Point, Scroll, TypeText, Wait
from riosim.dialects.coordinate import Screen
from riosim.dialects.key_name import key_action, keys_of_chord
from riosim.errors import InvalidActionError, UnknownNameError, UsageError
from riosim.wrappers.reading import screen_of_env

__all__ = ["DEFAULT_KEYS", "KINDS", "CellClicks", "NumericActions", "PointClicks"]

DEFAULT_KEYS: Final = ("enter", "tab", "escape", "backspace", "ctrl+a", "ctrl+c", "ctrl+v")
_NOTCHES: Final = 5
_POINTED: Final[dict[str, Callable[[Point], Action]]] = {
    "click": lambda at: Click(at=at),
    "double_click": lambda at: Click(at=at, count=2),
    "right_click": lambda at: Click(at=at, button="right"),
    "move": lambda at: Move(at=at),
    "scroll_up": lambda at: Scroll(at=at, dy=-_NOTCHES),
    "scroll_down": lambda at: Scroll(at=at, dy=_NOTCHES),
}
KINDS: Final = (*_POINTED, "press", "type_text", "wait", "finish")


@dataclass(frozen=True, slots=True)
class _Cells:
    """A screen laid out in cells; the point of a cell is the pixel in its middle."""

    screen: Screen
    columns: int
    rows: int

    def __post_init__(self) -> None:
        """Refuse cells of less than a pixel."""
        width_px, height_px = self.screen.width_px, self.screen.height_px
        if not (1 <= self.columns <= width_px and 1 <= self.rows <= height_px):
            raise UsageError(
                f"{self.columns} columns and {self.rows} rows do not divide a screen of "
                f"{width_px}x{height_px} pixels."
            )

    def point(self, column: int, row: int) -> Point:
        """Return the pixel in the middle of a cell."""
        return Point(
            x=(2 * column + 1) * self.screen.width_px // (2 * self.columns),
            y=(2 * row + 1) * self.screen.height_px // (2 * self.rows),
        )


class NumericActions(gym.ActionWrapper[Any, npt.NDArray[np.int64], Any], RecordConstructorArgs):
    """`MultiDiscrete([kind, column, row, choice])`: what, where, and which key or text.

    The screen is laid out in COLUMNS x ROWS cells; a point is the middle pixel of its cell. `kind`
    is a place in `kinds`, which by default holds these, in this order, without `finish`:

    - `click`, `double_click`, `right_click`: at the point;
    - `move`: the pointer to the point;
    - `scroll_up`, `scroll_down`: 5 notches, over the point;
    - `press`: key or chord number `choice`, modulo their count; left out if there is none;
    - `type_text`: text number `choice`, modulo their count; left out if there is none;
    - `wait`: 1 s;
    - `finish`: ends the episode, with no answer.

    A number that a kind does not use is ignored.

    Args:
        env: An environment whose actions are those of `riosim.action`.
        columns: Cells from left to right.
        rows: Cells from top to bottom.
        texts: What can be typed.
        keys: Keys and chords (`ctrl+a`) that can be pressed.
        kinds: What can be done, in the order of their numbers; None takes the default.

    Attributes:
        kinds: What can be done, by its number.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        *,
        columns: int = 32,
        rows: int = 20,
        texts: Sequence[str] = (),
        keys: Sequence[str] = DEFAULT_KEYS,
        kinds: Sequence[str] | None = None,
    ) -> None:
        RecordConstructorArgs.__init__(
            self, columns=columns, rows=rows, texts=texts, keys=keys, kinds=kinds
        )
        super().__init__(env)
        self._cells = _Cells(screen_of_env(env), columns, rows)
        self._choices: dict[str, tuple[Action, ...]] = {
            "press": tuple(_press(key) for key in keys),
            "type_text": tuple(_type(text) for text in texts),
        }
        self.kinds = _sound_kinds(kinds, self._choices)
        n_choices = max([1, *(len(self._choices[k]) for k in self._choices if k in self.kinds)])
        self.action_space = spaces.MultiDiscrete([len(self.kinds), columns, rows, n_choices])

    @override
    def action(self, action: npt.NDArray[np.int64]) -> Action:
        """Return what the numbers mean.

        Raises:
            UsageError: They are not in the space.
        """
        if not self.action_space.contains(np.asarray(action)):
            raise UsageError(f"{action} is not in {self.action_space}.")
        number, column, row, choice = (int(n) for n in action)
        kind = self.kinds[number]
        if kind in _POINTED:
            return _POINTED[kind](self._cells.point(column, row))
        if kind in self._choices:
            return self._choices[kind][choice % len(self._choices[kind])]
        return Finish() if kind == "finish" else Wait(seconds=1.0)


class CellClicks(gym.ActionWrapper[Any, np.int64, Any], RecordConstructorArgs):
    """`Discrete(columns * rows)`: a left click into a cell, numbered row by row from the top left.

    Args:
        env: An environment whose actions are those of `riosim.action`.
        columns: Cells from left to right.
        rows: Cells from top to bottom.
    """

    def __init__(self, env: gym.Env[Any, Any], *, columns: int = 32, rows: int = 20) -> None:
        RecordConstructorArgs.__init__(self, columns=columns, rows=rows)
        super().__init__(env)
        self._cells = _Cells(screen_of_env(env), columns, rows)
        self.action_space = spaces.Discrete(columns * rows)

    @override
    def action(self, action: np.int64) -> Action:
        """Return the click.

        Raises:
            UsageError: No cell has that number.
        """
        if not self.action_space.contains(action):
            raise UsageError(f"{action} is not in {self.action_space}.")
        row, column = divmod(int(action), self._cells.columns)
        return Click(at=self._cells.point(column, row))


class PointClicks(gym.ActionWrapper[Any, npt.NDArray[np.float32], Any], RecordConstructorArgs):
    """`Box(-1, 1, (2,), float32)`: a left click at (x, y), -1 the left and top edge, 1 the other.

    What lies outside is moved to the edge, as continuous policies expect. The far edge itself is
    the last pixel.
    """

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        super().__init__(env)
        self._screen = screen_of_env(env)
        self.action_space = spaces.Box(-1.0, 1.0, (2,), np.float32)

    @override
    def action(self, action: npt.NDArray[np.float32]) -> Action:
        """Return the click.

        Raises:
            UsageError: They are not two numbers.
        """
        pair = np.asarray(action, np.float64)
        if pair.shape != (2,) or not np.isfinite(pair).all():
            raise UsageError(f"{action} is no pair of numbers.")
        x, y = (np.clip(pair, -1.0, 1.0) + 1.0) / 2.0
        width_px, height_px = self._screen.width_px, self._screen.height_px
        at = Point(x=min(int(x * width_px), width_px - 1), y=min(int(y * height_px), height_px - 1))
        return Click(at=at)


def _sound_kinds(
    kinds: Sequence[str] | None, choices: dict[str, tuple[Action, ...]]
) -> tuple[str, ...]:
    empty = {kind for kind, actions in choices.items() if not actions}
    if kinds is None:
        return tuple(kind for kind in KINDS if kind not in empty | {"finish"})
    for kind in kinds:
        if kind not in KINDS:
            raise UnknownNameError("kind of numeric action", kind, KINDS)
        if kind in empty:
            raise UsageError(f"The kind {kind} needs {'keys' if kind == 'press' else 'texts'}.")
    if not kinds or len(set(kinds)) < len(kinds):
        raise UsageError(f"kinds holds {list(kinds)}; it must hold each kind once, at least one.")
    return tuple(kinds)


def _press(key: str) -> Action:
    try:
        return key_action(keys_of_chord(key))
    except InvalidActionError as exc:
        raise UsageError(f"keys holds {key!r}: {exc}") from exc


def _type(text: str) -> Action:
    try:
        return TypeText(text=text)
    except ValidationError as exc:
        why = exc.errors(include_url=False, include_input=False)[0]["msg"]
        raise UsageError(f"texts holds {str(text)[:80]!r}: {why}") from exc
