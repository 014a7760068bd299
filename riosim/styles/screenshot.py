"""The screen as it is, or smaller."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from riosim.dialects.coordinate import Screen
from riosim.observation import Observation, Pixels
from riosim.styles.style import View

__all__ = ["ScreenshotStyle", "resized", "screen_of"]


def screen_of(observation: Observation) -> Screen:
    """Return the size of the screen that was observed."""
    height_px, width_px = observation.screenshot.shape[:2]
    return Screen(width_px, height_px)


def resized(picture: Pixels, size: Screen) -> Pixels:
    """Return PICTURE in another size, as a new array."""
    image = Image.fromarray(np.ascontiguousarray(picture))
    if image.size == (size.width_px, size.height_px):
        return picture.copy()
    return np.asarray(image.resize((size.width_px, size.height_px), Image.Resampling.LANCZOS))


@dataclass(frozen=True, slots=True)
class ScreenshotStyle:
    """The screenshot alone; SIZE makes it that size, None leaves it as it is."""

    size: Screen | None = None

    def show(self, observation: Observation) -> View:
        """Return the picture."""
        screen = screen_of(observation)
        return View(screen, resized(observation.screenshot, self.size or screen))
