"""Styles by name, as settings give them."""

from riosim.dialects.coordinate import Grid, Screen
from riosim.errors import UnknownNameError, UsageError
from riosim.styles.both import BothStyle
from riosim.styles.marks import MarksStyle
from riosim.styles.screenshot import ScreenshotStyle
from riosim.styles.style import Style
from riosim.styles.tree import GridOf, TreeStyle

__all__ = ["STYLES", "style_named"]

STYLES = ("screenshot", "tree", "both", "marks")


def style_named(
    name: str, *, size: Screen | None = None, max_tokens: int = 4_000, grid: GridOf = Grid.pixels
) -> Style:
    """Return a style.

    Args:
        name: `screenshot`, `tree`, `both` or `marks`.
        size: Makes pictures that size; None leaves them as they are.
        max_tokens: Most that the text may cost.
        grid: How the points in the text of a tree are counted.

    Raises:
        UnknownNameError: No style has that name.
        UsageError: A budget is none.
    """
    if max_tokens < 1:
        raise UsageError(f"A style's max_tokens is {max_tokens}; it must be at least 1.")
    match name:
        case "screenshot":
            return ScreenshotStyle(size)
        case "tree":
            return TreeStyle(max_tokens, grid)
        case "both":
            return BothStyle(TreeStyle(max_tokens, grid), size)
        case "marks":
            return MarksStyle(size, max_tokens)
        case _:
            raise UnknownNameError("style", name, STYLES)
