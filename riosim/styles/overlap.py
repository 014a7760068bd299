"""How much of one box lies in another."""

from riosim.accessibility import Box

__all__ = ["area_px", "shared_px"]


def area_px(box: Box) -> int:
    """Return the pixels of a box."""
    return box.width * box.height


def shared_px(one: Box, other: Box) -> int:
    """Return the pixels that two boxes share."""
    left, right = max(one.x, other.x), min(one.x + one.width, other.x + other.width)
    if left >= right:
        return 0  # mostly: what is compared lies all over the screen
    top, bottom = max(one.y, other.y), min(one.y + one.height, other.y + other.height)
    return (right - left) * (bottom - top) if top < bottom else 0
