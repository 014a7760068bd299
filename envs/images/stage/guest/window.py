"""One window: what it says it is, where it lies, how much of it shows."""

from dataclasses import dataclass
from typing import Any

from PIL import Image

__all__ = ["MAX_TITLE_CHARS", "Window", "printable", "visible_fractions"]

MAX_TITLE_CHARS = 300


@dataclass(slots=True)
class Window:
    """A child of the root: a window manager's frame, or a window that wants none."""

    xid: int
    x: int = 0
    y: int = 0
    width: int = 1
    height: int = 1
    mapped: bool = False
    override: bool = False
    drawn: bool = True  # not input-only
    client: int = 0  # the application's own window inside the frame
    title: str = ""
    app: str = ""
    pid: int | None = None  # as it says
    connection_pid: int = 0  # as the X server knows; 0 for processes of another container
    fullscreen: bool = False
    desktop: bool = False  # the wallpaper
    told_title: str | None = None  # its title in the last event about it; None: not mapped

    def describe(self, *, owner: str, fraction: float, stacking: int) -> dict[str, Any]:
        """Return the form in which windows travel to the host."""
        return {
            "id": self.client or self.xid,
            "title": self.title,
            "app": self.app,
            "owner": owner,
            "box": [self.x, self.y, self.width, self.height],
            "mapped": self.mapped,
            "visible_fraction": round(fraction, 4),
            "stacking": stacking,
            "pid": self.pid,
            "desktop": self.desktop,
        }


def visible_fractions(
    boxes: list[tuple[int, int, int, int]], width_px: int, height_px: int
) -> list[float]:
    """Return for each box, topmost first, the share of its pixels that can be seen."""
    covered = Image.new("L", (width_px, height_px), 0)
    fractions = []
    for x, y, width, height in boxes:
        right, bottom = min(x + width, width_px), min(y + height, height_px)
        box = (max(x, 0), max(y, 0), right, bottom)
        seen = 0
        if box[0] < right and box[1] < bottom:
            seen = covered.crop(box).histogram()[0]
            covered.paste(255, box)
        fractions.append(seen / max(width * height, 1))
    return fractions


def printable(text: str) -> str:
    """Keep what can be printed, and not too much of it."""
    return "".join(c if c.isprintable() else " " for c in text[:MAX_TITLE_CHARS]).strip()
