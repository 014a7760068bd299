"""What a model asks to see: a harness answers it from the screen, and nothing changes."""

from dataclasses import dataclass
from typing import Literal

from riosim.accessibility import Box
from riosim.action import Click, Drag, MouseDown, MouseUp, Move, Point, Scroll

__all__ = ["Look", "pointer_after"]


@dataclass(frozen=True, slots=True)
class Look:
    """A wish to see.

    Attributes:
        kind: The whole screen, a part of it enlarged, or where the pointer is.
        region: The part, in pixels of the screen; None if it is no zoom.
    """

    kind: Literal["screenshot", "zoom", "cursor_position"]
    region: Box | None = None


def pointer_after(action: object, before: Point | None) -> Point | None:
    """Return where the pointer is once ACTION was carried out; BEFORE if it moves none.

    Example:
        >>> pointer_after(Move(at=Point(x=3, y=4)), None)
        Point(x=3, y=4)
    """
    match action:
        case Click(at=at) | Move(at=at) | Scroll(at=at) | MouseDown(at=at) | MouseUp(at=at):
            return at
        case Drag(end=end):
            return end
        case _:
            return before
