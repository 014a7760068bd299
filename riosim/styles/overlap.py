"""How much of one box lies in another."""

from riosim.accessibility import Box

__all__ = ["area_px", "shared_px"]


def area_px(box: Box) -> int:
    """Return the pixels of a box."""
    return box.width * box.height


def shared_px(one: Box, other: Box) -> int:
    """Return the pixels that two boxes share."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(width, 0) * max(height, 0)
