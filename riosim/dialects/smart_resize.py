"""The size in which Qwen-VL models and their descendants see a picture."""

import math
from typing import Final

from riosim.dialects.coordinate import Screen
from riosim.errors import UsageError

__all__ = ["MOST_OBLONG", "smart_resize"]

MOST_OBLONG: Final = 200
"""The longer side over the shorter one; the models' processors refuse more."""


def smart_resize(screen: Screen, *, factor: int, min_pixels: int, max_pixels: int) -> Screen:
    """Return the size that a processor gives a picture: sides in whole patches, area in bounds.

    A model that counts in pixels of its picture means those of this size, not of the screen. A
    picture sent in this size is left alone by a server with the same bounds.

    Example:
        >>> smart_resize(Screen(1280, 800), factor=28, min_pixels=3136, max_pixels=12_845_056)
        Screen(width_px=1288, height_px=812)

    Args:
        screen: What is to be shown.
        factor: Pixels of a patch's side: 28 for Qwen2-VL, Qwen2.5-VL and UI-TARS, 32 for Qwen3-VL.
        min_pixels: Least area; at least `factor` squared.
        max_pixels: Greatest area; not less than `min_pixels`.

    Raises:
        UsageError: The bounds are no bounds, or the screen is more than 200 times as long as wide.

    Source:
        `smart_resize` of Qwen2-VL's image processor in Hugging Face transformers.
    """
    if not (factor >= 1 and factor**2 <= min_pixels <= max_pixels):
        raise UsageError(
            f"No picture has between {min_pixels} and {max_pixels} pixels in patches of {factor}: "
            f"give {factor**2} <= min_pixels <= max_pixels."
        )
    width, height = screen.width_px, screen.height_px
    if max(width, height) > MOST_OBLONG * min(width, height):
        raise UsageError(
            f"A screen of {width}x{height} is too oblong for this model: its longer side may be "
            f"{MOST_OBLONG} times the shorter one."
        )
    wide, high = _nearest(width, factor), _nearest(height, factor)
    if wide * high > max_pixels:
        shrink = math.sqrt(width * height / max_pixels)
        wide = max(factor, math.floor(width / shrink / factor) * factor)
        high = max(factor, math.floor(height / shrink / factor) * factor)
    elif wide * high < min_pixels:
        grow = math.sqrt(min_pixels / (width * height))
        wide = math.ceil(width * grow / factor) * factor
        high = math.ceil(height * grow / factor) * factor
    return Screen(wide, high)


def _nearest(length: int, factor: int) -> int:
    return round(length / factor) * factor  # to even at a half, as the processors do; 0 grows
