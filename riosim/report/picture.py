"""Pictures for a file that holds everything: scaled, compressed, as many as its size allows."""

import base64
import io
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

__all__ = ["PictureBook", "same_picture"]

_QUALITY: Final = 60
_MAX_PIXELS: Final = 50_000_000


class PictureBook:
    """Turns the frames of episodes into data addresses until a budget of bytes is used up."""

    def __init__(self, *, width_px: int, max_bytes: int) -> None:
        self._width_px = width_px
        self._left = max_bytes
        self._kept: dict[Path, str] = {}
        self.n_left_out = 0

    def take(self, frames: Iterable[Path]) -> None:
        """Put frames in, the most important ones first; what no longer fits is counted."""
        for path in frames:
            if path in self._kept or not path.is_file():
                continue
            if self._left <= 0:
                self.n_left_out += 1
                continue
            encoded = self._encode(path)
            if encoded is not None:
                self._left -= len(encoded)
                self._kept[path] = encoded

    def address(self, path: Path) -> str | None:
        """Return the picture as a data address, None if it is not in the book."""
        return self._kept.get(path)

    def _encode(self, path: Path) -> str | None:
        try:
            with Image.open(path) as image:
                if image.width * image.height > _MAX_PIXELS:
                    return None
                picture = image.convert("RGB")
        except (OSError, UnidentifiedImageError):
            return None
        height_px = max(1, round(picture.height * self._width_px / picture.width))
        if picture.width > self._width_px:
            size = (self._width_px, height_px)
            picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=_QUALITY, method=4)
        return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def same_picture(first: Path, second: Path) -> bool:
    """Whether two files hold the same bytes."""
    try:
        return sha256(first.read_bytes()).digest() == sha256(second.read_bytes()).digest()
    except OSError:
        return False
