"""Pictures that the agent saved, as plain rows of grey in which text can be looked for."""

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image

__all__ = ["MAX_PICTURE_BYTES", "GreyPicture", "UnreadablePictureError", "grey_picture"]

MAX_PICTURE_BYTES: Final = 16 * 2**20
_MAX_PIXELS: Final = 12_000_000
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")


class UnreadablePictureError(Exception):
    """The bytes are no picture of a common format, or one that is too large."""


@dataclass(frozen=True, slots=True)
class GreyPicture:
    """Rows of one byte for each pixel, top to bottom; 0 is black."""

    width_px: int
    height_px: int
    rows: bytes


def grey_picture(data: bytes) -> GreyPicture:
    """Decode a picture of a stranger; what is transparent is white.

    Raises:
        UnreadablePictureError: It is no picture, is cut off or has more than 12 million pixels.
    """
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise UnreadablePictureError(f"{image.width}x{image.height} pixels are too many")
            picture = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as exc:
        raise UnreadablePictureError(f"no picture: {exc}") from exc
    paper = Image.new("RGBA", picture.size, "white")
    grey = Image.alpha_composite(paper, picture).convert("L")
    return GreyPicture(grey.width, grey.height, grey.tobytes())
