"""Whether a picture of a screen shows anything."""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

__all__ = ["share_of_other_pixels", "why_blank"]

_LEAST_SHARE: Final = 0.005
_SAMPLE_STEP: Final = 97


def share_of_other_pixels(picture: npt.NDArray[np.uint8]) -> float:
    """Return the share of pixels that differ from the most common colour.

    PICTURE has shape (height_px, width_px, 3), RGB. The colour is taken from a sample: a screen
    that is not nearly blank has no colour that would matter here.
    """
    weights = np.array([1 << 16, 1 << 8, 1], np.uint32)
    packed = (picture.astype(np.uint32) * weights).sum(axis=2, dtype=np.uint32).ravel()
    colours, counts = np.unique(packed[::_SAMPLE_STEP], return_counts=True)
    return float(np.mean(packed != colours[counts.argmax()]))


def why_blank(path: Path) -> str | None:
    """Return why the picture shows nothing, None if it does show something."""
    try:
        with Image.open(path) as image:
            picture = np.asarray(image.convert("RGB"))
    except (OSError, UnidentifiedImageError) as exc:
        return f"cannot be read: {exc}"
    share = share_of_other_pixels(picture)
    if share == 0:
        return "has one colour only"
    if share < _LEAST_SHARE:
        return f"is blank but for {100 * share:.2f} % of its pixels"
    return None
