"""The picture on the screen, read from the X server's memory without asking the server."""

import ctypes
import mmap
import struct
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["Cursor", "FrameBuffer", "PngEncoder", "draw_cursor"]

_HEADER = struct.Struct(">25I")  # of an XWD file
_COLOUR_BYTES = 12  # of one entry of its colour map
_STRIPE_ROWS = 40

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Cursor:
    """The pointer's shape and where its hot spot is."""

    x: int
    y: int
    x_hot: int = 0
    y_hot: int = 0
    argb: NDArray[np.uint32] | None = None  # premultiplied, (height, width)


class FrameBuffer:
    """The mapped frame buffer; also knows when its pixels last changed."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            self._map = mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ)
        head = _HEADER.unpack_from(self._map)
        self.width_px, self.height_px, self._stride = head[4], head[5], head[12]
        self._offset = head[0] + head[19] * _COLOUR_BYTES
        self._bytes = self._stride * self.height_px
        self._live = np.frombuffer(self._map, np.uint8, self._bytes, self._offset)
        self._seen = self._live.copy()
        self._memcmp = ctypes.CDLL(None).memcmp
        self._changed_ns = time.monotonic_ns()

    def look(self) -> int:
        """Compare with the last look; return when the pixels last changed (monotonic ns).

        A change counts from the moment it is noticed, so the answer never errs towards stillness.
        """
        size = ctypes.c_size_t(self._bytes)
        live, seen = self._live.ctypes.data, self._seen.ctypes.data
        if self._memcmp(ctypes.c_void_p(live), ctypes.c_void_p(seen), size):
            np.copyto(self._seen, self._live)
            self._changed_ns = time.monotonic_ns()
        return self._changed_ns

    def rgb(self, cursor: Cursor | None = None) -> Pixels:
        """Return a copy of the screen, (height, width, 3), with the pointer if one is given."""
        size = (self.width_px, self.height_px)
        raw = self._live.tobytes()
        image = Image.frombuffer("RGB", size, raw, "raw", "BGRX", self._stride, 1)
        pixels = np.array(image)
        if cursor is not None:
            draw_cursor(pixels, cursor)
        return pixels


def draw_cursor(pixels: Pixels, cursor: Cursor) -> None:
    """Lay the pointer over PIXELS, in place; off-screen parts are cut."""
    if cursor.argb is None:
        return
    left, top = cursor.x - cursor.x_hot, cursor.y - cursor.y_hot
    x0, y0 = max(left, 0), max(top, 0)
    x1 = min(left + cursor.argb.shape[1], pixels.shape[1])
    y1 = min(top + cursor.argb.shape[0], pixels.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    argb = cursor.argb[y0 - top : y1 - top, x0 - left : x1 - left]
    alpha = (argb >> 24)[..., None]
    colour = np.stack([argb >> 16 & 255, argb >> 8 & 255, argb & 255], axis=-1)
    below = pixels[y0:y1, x0:x1].astype(np.uint32)
    pixels[y0:y1, x0:x1] = np.minimum(colour + below * (255 - alpha) // 255, 255).astype(np.uint8)


class PngEncoder:
    """Writes PNG quickly; stripes that did not change since the last picture are not packed again.

    Rows are filtered by "up" inside a stripe, each stripe is its own run of deflate blocks, and the
    runs are joined, which the format allows.
    """

    def __init__(self) -> None:
        self._raw: list[bytes] = []
        self._packed: list[bytes] = []

    def encode(self, pixels: Pixels) -> bytes:
        """Return PIXELS, (height, width, 3), as a PNG file."""
        height, width = pixels.shape[:2]
        flat = pixels.reshape(height, width * 3)
        raw, packed = [], []
        adler = 1
        for index, top in enumerate(range(0, height, _STRIPE_ROWS)):
            stripe = _filtered(flat[top : top + _STRIPE_ROWS])
            adler = zlib.adler32(stripe, adler)
            raw.append(stripe)
            packed.append(self._pack(index, stripe))
        self._raw, self._packed = raw, packed
        body = b"\x78\x01" + b"".join(packed) + b"\x03\x00" + struct.pack(">I", adler)
        head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND")
        )

    def _pack(self, index: int, stripe: bytes) -> bytes:
        if index < len(self._raw) and self._raw[index] == stripe:
            return self._packed[index]
        packer = zlib.compressobj(1, zlib.DEFLATED, -15, 9)
        return packer.compress(stripe) + packer.flush(zlib.Z_FULL_FLUSH)


def _filtered(rows: Pixels) -> bytes:
    out = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    out[0, 0], out[1:, 0] = 0, 2
    out[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=out[1:, 1:])
    return out.tobytes()


def _chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
