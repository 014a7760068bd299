"""The picture on the screen, read from the X server's memory without asking the server."""

import mmap
import struct
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

__all__ = ["Cursor", "FrameBuffer", "draw_cursor"]

_HEADER = struct.Struct(">25I")  # of an XWD file
_COLOUR_BYTES = 12  # of one entry of its colour map


@dataclass(frozen=True, slots=True)
class Cursor:
    """The pointer's shape and where its hot spot is."""

    x: int
    y: int
    x_hot: int = 0
    y_hot: int = 0
    shape: Image.Image | None = None  # RGBA


class FrameBuffer:
    """The mapped frame buffer; also knows when its pixels last changed."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            self._map = mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ)
        head = _HEADER.unpack_from(self._map)
        self.width_px, self.height_px, self._stride = head[4], head[5], head[12]
        start = head[0] + head[19] * _COLOUR_BYTES
        self._span = slice(start, start + self._stride * self.height_px)
        self._seen = self._map[self._span]
        self._changed_ns = time.monotonic_ns()

    def look(self) -> int:
        """Compare with the last look; return when the pixels last changed (monotonic ns).

        A change counts from the moment it is noticed, so the answer never errs towards stillness.
        """
        now = self._map[self._span]
        if now != self._seen:
            self._seen = now
            self._changed_ns = time.monotonic_ns()
        return self._changed_ns

    def picture(self, cursor: Cursor | None = None) -> Image.Image:
        """Return a copy of the screen in RGB, with the pointer if one is given."""
        size = (self.width_px, self.height_px)
        raw = self._map[self._span]
        picture = Image.frombytes("RGB", size, raw, "raw", "BGRX", self._stride, 1)
        if cursor is not None:
            draw_cursor(picture, cursor)
        return picture


def draw_cursor(picture: Image.Image, cursor: Cursor) -> None:
    """Lay the pointer over PICTURE, in place; off-screen parts are cut."""
    if cursor.shape is not None:
        corner = (cursor.x - cursor.x_hot, cursor.y - cursor.y_hot)
        picture.paste(cursor.shape, corner, cursor.shape)
