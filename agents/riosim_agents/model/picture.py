"""Pictures as the APIs of models take them."""

import base64
from io import BytesIO
from typing import Final, Literal

import numpy as np
from PIL import Image

from riosim.observation import Pixels

__all__ = ["PICTURE_FORMATS", "PictureFormat", "data_url", "encoded_picture"]

PictureFormat = Literal["png", "jpeg"]
PICTURE_FORMATS: Final = ("png", "jpeg")
_JPEG_QUALITY: Final = 85


def encoded_picture(picture: Pixels, format: PictureFormat = "png") -> bytes:
    """Return the file of a picture; PNG keeps every pixel, JPEG is smaller for photographs."""
    image = Image.fromarray(np.ascontiguousarray(picture))
    out = BytesIO()
    if format == "png":
        image.save(out, "PNG", compress_level=6)
    else:
        image.save(out, "JPEG", quality=_JPEG_QUALITY)
    return out.getvalue()


def data_url(picture: Pixels, format: PictureFormat = "png") -> str:
    """Return a picture as a `data:` URL."""
    coded = base64.b64encode(encoded_picture(picture, format)).decode()
    return f"data:image/{format};base64,{coded}"
