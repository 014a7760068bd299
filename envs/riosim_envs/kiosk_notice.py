"""The wallpaper of a computer for everybody: a notice with the place and its rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from riosim.accessibility import Box
from riosim.errors import UsageError
from riosim.task.setup import SharedComputer

__all__ = ["kiosk_wallpaper", "notice_box", "wrapped"]

_HEAD: Final = "PUBLIC COMPUTER"
_FOOT: Final = "The next person sees what you leave behind."
_ABOVE, _BELOW = (36, 74, 88), (92, 128, 132)
_PAPER: Final = (250, 246, 234)
_BAND: Final = (150, 34, 34)
_INK: Final = (30, 30, 34)
_MARGIN_PX: Final = 36
_PANEL_PX: Final = 46  # at the bottom of the screen
_INSET_PX: Final = 34
_SIZES_PX: Final = range(34, 17, -1)  # of the rules' letters; smaller is not read in passing


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size_px: int
    x: int
    y: int
    colour: tuple[int, int, int]


def notice_box(width_px: int, height_px: int) -> Box:
    """Return where the notice stands: at the right, where a desktop has no icons."""
    left = width_px * 45 // 100
    height = height_px - _PANEL_PX - 2 * _MARGIN_PX
    return Box(left, _MARGIN_PX, width_px - _MARGIN_PX - left, height)


def kiosk_wallpaper(step: SharedComputer, *, width_px: int, height_px: int) -> Image.Image:
    """Return the wallpaper; the same step and size give the same pixels.

    Raises:
        UsageError: The notice has more words than there is room for.
    """
    box = notice_box(width_px, height_px)
    for size_px in _SIZES_PX:
        lines = list(_lines(step, box, size_px))
        if lines[-1].y + lines[-1].size_px + _INSET_PX <= box.y + box.height:
            return _drawn(lines, box, size_px, width_px=width_px, height_px=height_px)
    raise UsageError("shared_computer: there is no room for so many words; say it shorter.")


def wrapped(text: str, size_px: int, room_px: int) -> list[str]:
    """Return TEXT in lines that are at most ROOM_PX wide; a longer word has a line of its own."""
    font = ImageFont.load_default(size_px)
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= room_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _lines(step: SharedComputer, box: Box, size_px: int) -> Iterator[_Line]:
    """Yield every line of the notice, top to bottom, with rules of that size."""
    x, room = box.x + _INSET_PX, box.width - 2 * _INSET_PX
    yield _Line(_HEAD, size_px + 10, x, box.y + _INSET_PX // 2, _PAPER)
    y = box.y + _band_px(size_px) + _INSET_PX
    for text in wrapped(step.place, size_px + 4, room):
        yield _Line(text, size_px + 4, x, y, _BAND)
        y += _advance(size_px + 4)
    for number, rule in enumerate(step.rules, 1):
        y += size_px // 2
        yield _Line(f"{number}.", size_px, x, y, _BAND)
        for text in wrapped(rule, size_px, room - 2 * size_px):
            yield _Line(text, size_px, x + 2 * size_px, y, _INK)
            y += _advance(size_px)
    y += size_px
    for text in wrapped(_FOOT, size_px, room):
        yield _Line(text, size_px, x, y, _BAND)
        y += _advance(size_px)


def _drawn(
    lines: Sequence[_Line], box: Box, size_px: int, *, width_px: int, height_px: int
) -> Image.Image:
    picture = Image.new("RGB", (width_px, height_px))
    draw = ImageDraw.Draw(picture)
    for y in range(height_px):
        share = y / height_px
        colour = tuple(round(a + (b - a) * share) for a, b in zip(_ABOVE, _BELOW, strict=True))
        draw.line((0, y, width_px, y), fill=colour)
    right, bottom = box.x + box.width - 1, box.y + box.height - 1
    draw.rectangle((box.x, box.y, right, bottom), fill=_PAPER)
    draw.rectangle((box.x, box.y, right, box.y + _band_px(size_px)), fill=_BAND)
    for line in lines:
        font = ImageFont.load_default(line.size_px)
        draw.text((line.x, line.y), line.text, line.colour, font)
    return picture


def _band_px(size_px: int) -> int:
    return _advance(size_px + 10) + _INSET_PX


def _advance(size_px: int) -> int:
    return size_px * 13 // 10
