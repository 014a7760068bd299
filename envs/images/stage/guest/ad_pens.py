"""Colours, fonts and shapes of what adware draws."""

import math
from functools import lru_cache
from pathlib import Path

from PIL import ImageDraw, ImageFont

__all__ = [
    "BLACK",
    "RED",
    "WHITE",
    "YELLOW",
    "Colour",
    "Font",
    "Point",
    "font",
    "mix",
    "on_circle",
    "star",
]

_FONT_FOLDERS = ("/usr/share/fonts/truetype/liberation", "/usr/share/fonts/truetype/dejavu")
_FONT_FILES = {
    True: ("LiberationSans-Bold.ttf", "DejaVuSans-Bold.ttf"),
    False: ("LiberationSans-Regular.ttf", "DejaVuSans.ttf"),
}

Colour = tuple[int, int, int]
Point = tuple[float, float]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

YELLOW, WHITE, BLACK, RED = (255, 222, 40), (255, 255, 255), (20, 20, 24), (205, 24, 30)


@lru_cache(maxsize=64)
def font(pixels: int, *, bold: bool) -> Font:
    """Return a font of that height in pixels; the default one where there is no other."""
    for folder, name in zip(_FONT_FOLDERS, _FONT_FILES[bold], strict=True):
        file = Path(folder) / name
        if file.is_file():
            return ImageFont.truetype(str(file), pixels)
    return ImageFont.load_default(pixels)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return a colour that is SHARE of the way from one to another."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def star(pen: ImageDraw.ImageDraw, centre: Point, radius: float, colour: Colour) -> None:
    """Fill a badge with sixteen points."""
    points = [
        on_circle(centre, radius if n % 2 == 0 else radius * 0.8, math.tau * n / 32)
        for n in range(32)
    ]
    pen.polygon(points, fill=colour)


def on_circle(centre: Point, radius: float, angle: float) -> Point:
    """Return where on a circle an angle points, in radians."""
    return centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)
