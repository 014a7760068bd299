"""PNG files, written quickly: what did not change since the last picture is not packed again."""

import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageChops

__all__ = ["PngEncoder"]

_STRIPE_ROWS = 40
_NO_FILTER, _UP_FILTER = b"\0", b"\2"


@dataclass(frozen=True, slots=True)
class _Stripe:
    pixels: bytes
    filtered: bytes
    packed: bytes


class PngEncoder:
    """Packs a picture in stripes and keeps them.

    Rows are filtered by "up" inside a stripe, each stripe is its own run of deflate blocks, and the
    runs are joined, which the format allows.
    """

    def __init__(self) -> None:
        self._last: dict[int, _Stripe] = {}

    def encode(self, picture: Image.Image) -> bytes:
        """Return an RGB picture as a PNG file."""
        width, height = picture.size
        adler, packed = 1, []
        for top in range(0, height, _STRIPE_ROWS):
            part = picture.crop((0, top, width, min(top + _STRIPE_ROWS, height)))
            stripe = self._stripe(top, part)
            adler = zlib.adler32(stripe.filtered, adler)
            packed.append(stripe.packed)
        body = b"\x78\x01" + b"".join(packed) + b"\x03\x00" + struct.pack(">I", adler)
        head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        chunks = _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND")
        return b"\x89PNG\r\n\x1a\n" + chunks

    def _stripe(self, top: int, part: Image.Image) -> _Stripe:
        pixels = part.tobytes()
        last = self._last.get(top)
        if last is None or last.pixels != pixels:
            filtered = _filtered(part)
            packer = zlib.compressobj(1, zlib.DEFLATED, -15, 9)
            packed = packer.compress(filtered) + packer.flush(zlib.Z_FULL_FLUSH)
            last = self._last[top] = _Stripe(pixels, filtered, packed)
        return last


def _filtered(part: Image.Image) -> bytes:
    width, height = part.size
    row = width * 3
    first = part.crop((0, 0, width, 1)).tobytes()
    below, above = part.crop((0, 1, width, height)), part.crop((0, 0, width, height - 1))
    rest = ImageChops.subtract_modulo(below, above).tobytes() if height > 1 else b""
    rows = [_NO_FILTER, first]
    for start in range(0, len(rest), row):
        rows += (_UP_FILTER, rest[start : start + row])
    return b"".join(rows)


def _chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
