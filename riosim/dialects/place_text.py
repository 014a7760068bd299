"""Where a model points: `(x,y)`, `[x1, y1, x2, y2]`, `<point>x y</point>`, box tokens."""

import re
from collections.abc import Sequence
from typing import Final

from riosim.errors import InvalidActionError

__all__ = ["place_of"]

_TOKEN: Final = re.compile(r"<\|(?:box|point)_(?:start|end)\|>|</?(?:point|bbox|box)>")
_BRACKETS: Final = str.maketrans(dict.fromkeys("()[]", " "))
_MOST: Final = 1e12
_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,12}(?:\.\d{0,25})?|\.\d{1,25})(?:e[+-]?\d{1,3})?")


def place_of(value: object) -> tuple[float, float]:
    """Return the place that a value names, in the model's own count; of a box, its middle.

    Example:
        >>> place_of("<|box_start|>(10,20)<|box_end|>"), place_of([0, 0, 8, 5])
        ((10, 20), (4.0, 2.5))

    Raises:
        InvalidActionError: It names no place.
    """
    if isinstance(value, str):
        parts: Sequence[object] = _parts(value)
    elif isinstance(value, list | tuple):
        parts = value
        if len(parts) == 2 and all(isinstance(part, list | tuple) for part in parts):
            parts = [number for corner in value for number in corner]  # [[x1, y1], [x2, y2]]
    else:
        raise InvalidActionError(f"A place is (x, y), not {str(value)[:60]!r}.")
    numbers = [_number(part) for part in parts]
    if len(numbers) == 2:
        return numbers[0], numbers[1]
    if len(numbers) == 4:
        return (numbers[0] + numbers[2]) / 2, (numbers[1] + numbers[3]) / 2
    raise InvalidActionError(f"A place has 2 numbers, or 4 for a box, not {str(value)[:60]!r}.")


def _parts(text: str) -> list[str]:
    plain = _TOKEN.sub(" ", text[:400]).translate(_BRACKETS)
    return [part for part in re.split(r"[\s,]+", plain) if part]


def _number(part: object) -> float:
    if isinstance(part, str) and _NUMBER.fullmatch(part):
        number = float(part)
        return int(number) if number.is_integer() else number
    if isinstance(part, int | float) and not isinstance(part, bool) and abs(part) < _MOST:
        return part
    raise InvalidActionError(f"A place is made of numbers, not of {str(part)[:60]!r}.")
