"""How a model counts on the screen: pixels, 0–1, 0–1000, or pixels of a resized picture."""

import math
from dataclasses import dataclass
from typing import Final, Self

from riosim.accessibility import Box
from riosim.action import Point
from riosim.errors import InvalidActionError

__all__ = ["Grid", "Screen"]

_MOST: Final = 16_384


@dataclass(frozen=True, slots=True)
class Screen:
    """Size of the screen in pixels; points are pixels of it, origin top-left."""

    width_px: int
    height_px: int

    def __post_init__(self) -> None:
        """Refuse a size that no screen has."""
        if not (0 < self.width_px <= _MOST and 0 < self.height_px <= _MOST):
            raise ValueError(f"A screen of {self.width_px}x{self.height_px} is no screen.")


@dataclass(frozen=True, slots=True)
class Grid:
    """A coordinate system laid over a screen, from (0, 0) top-left to its far corner.

    The far edge itself counts as the last pixel, so that 1.0 of 0–1 and 1000 of 0–1000 are on the
    screen. A grid at least as fine as the screen round-trips to the pixel.

    Attributes:
        screen: What it is laid over.
        width: Extent of x.
        height: Extent of y.
        is_whole: Whether coordinates are written as whole numbers; either is read.
    """

    screen: Screen
    width: float
    height: float
    is_whole: bool = True

    def __post_init__(self) -> None:
        """Refuse an extent that nothing can be counted in."""
        if not (0 < self.width < math.inf and 0 < self.height < math.inf):
            raise ValueError(f"A grid of {self.width}x{self.height} is no grid.")

    @classmethod
    def pixels(cls, screen: Screen) -> Self:
        """Return the screen's own pixels."""
        return cls(screen, screen.width_px, screen.height_px)

    @classmethod
    def unit(cls, screen: Screen) -> Self:
        """Return 0–1 in both directions."""
        return cls(screen, 1.0, 1.0, is_whole=False)

    @classmethod
    def thousand(cls, screen: Screen) -> Self:
        """Return 0–1000 in both directions."""
        return cls(screen, 1000, 1000)

    @classmethod
    def resized(cls, screen: Screen, picture: Screen) -> Self:
        """Return the pixels of the picture that the model was sent."""
        return cls(screen, picture.width_px, picture.height_px)

    def point(self, x: object, y: object) -> Point:
        """Return the pixel of the screen at (x, y).

        Raises:
            InvalidActionError: They are no numbers, or lie off the screen.
        """
        return Point(
            x=_pixel("x", x, self.width, self.screen.width_px),
            y=_pixel("y", y, self.height, self.screen.height_px),
        )

    def middle_of(self, box: Box) -> Point:
        """Return the middle of what is on the screen of a box, itself in pixels of the screen."""
        left, right = (_kept(x, self.screen.width_px) for x in (box.x, box.x + box.width))
        top, bottom = (_kept(y, self.screen.height_px) for y in (box.y, box.y + box.height))
        return Point(x=(left + right) // 2, y=(top + bottom) // 2)

    def coordinates(self, point: Point) -> tuple[float, float]:
        """Return (x, y) of a pixel; whole numbers if the grid has them.

        Raises:
            InvalidActionError: The point lies off the screen.
        """
        return (
            _place("x", point.x, self.width, self.screen.width_px, whole=self.is_whole),
            _place("y", point.y, self.height, self.screen.height_px, whole=self.is_whole),
        )


def _pixel(axis: str, value: object, extent: float, size_px: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidActionError(f"{axis} is {str(value)[:50]!r}, not a number.")
    if not 0 <= value <= extent:  # nan is neither
        raise InvalidActionError(f"{axis} = {_shown(value)} lies off the screen (0 to {extent:g}).")
    return min(math.floor(value * size_px / extent), size_px - 1)


def _place(axis: str, pixel: int, extent: float, size_px: int, *, whole: bool) -> float:
    if not 0 <= pixel < size_px:
        raise InvalidActionError(f"{axis} = {pixel} lies off the screen (0 to {size_px - 1}).")
    if not whole:
        return (pixel + 0.5) * extent / size_px  # the middle survives rounding in text
    return min(math.ceil(pixel * extent / size_px), int(extent))


def _kept(place: int, size_px: int) -> int:
    return min(max(place, 0), size_px - 1)


def _shown(value: float) -> str:
    return str(value)[:50]
