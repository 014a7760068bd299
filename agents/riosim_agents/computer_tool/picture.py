"""What a model with a computer tool is shown: the screen in a size, a part of it, its address."""

import base64
from dataclasses import dataclass

import numpy as np
from PIL import Image

from riosim.accessibility import Box
from riosim.dialects.coordinate import Screen
from riosim.observation import Observation, Pixels
from riosim.styles.screenshot import resized, screen_of
from riosim_agents.model.picture import encoded_picture
from riosim_agents.model.screen_text import fenced, place_of
from riosim_agents.model.setting import whole_setting

__all__ = ["PictureSize", "browser_text", "enlarged", "png_text", "size_setting"]

_LARGEST_EDGE_PX = 8_000


@dataclass(frozen=True, slots=True)
class PictureSize:
    """How large a picture of a screen is made; None keeps the screen's proportions.

    Attributes:
        width_px: Of the picture.
        height_px: Of the picture.
        longest_px: Without either: no edge is longer; 0 for no limit.
    """

    width_px: int | None = None
    height_px: int | None = None
    longest_px: int = 0

    def of(self, screen: Screen) -> Screen:
        """Return the size of the picture of a screen."""
        if self.width_px is not None and self.height_px is not None:
            return Screen(self.width_px, self.height_px)
        if self.width_px is not None:
            part = self.width_px / screen.width_px
        elif self.height_px is not None:
            part = self.height_px / screen.height_px
        else:
            longest = max(screen.width_px, screen.height_px)
            part = min(1.0, self.longest_px / longest) if self.longest_px else 1.0
        return Screen(
            self.width_px or max(1, round(screen.width_px * part)),
            self.height_px or max(1, round(screen.height_px * part)),
        )

    def shown(self, observation: Observation) -> Pixels:
        """Return the picture of what is on the screen."""
        return resized(observation.screenshot, self.of(screen_of(observation)))


def size_setting(width_px: object, height_px: object, *, longest_px: int) -> PictureSize:
    """Return the size that an agent's settings mean.

    Raises:
        UsageError: One is no number of pixels.
    """
    return PictureSize(
        _edge("width_px", width_px), _edge("height_px", height_px), longest_px=longest_px
    )


def _edge(name: str, value: object) -> int | None:
    return None if value is None else whole_setting(name, value, least=64, most=_LARGEST_EDGE_PX)


def enlarged(observation: Observation, region: Box, size: Screen) -> Pixels:
    """Return a part of the screen, as large as it fits into SIZE."""
    left, top = region.x, region.y
    crop = observation.screenshot[top : top + region.height, left : left + region.width]
    factor = min(size.width_px / crop.shape[1], size.height_px / crop.shape[0])
    width, height = (max(1, round(edge * factor)) for edge in (crop.shape[1], crop.shape[0]))
    image = Image.fromarray(np.ascontiguousarray(crop))
    return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))


def png_text(picture: Pixels) -> str:
    """Return a picture's PNG file in base64."""
    return base64.b64encode(encoded_picture(picture)).decode()


def browser_text(observation: Observation) -> str:
    """Return address and tabs, which a picture of the browser surface lacks, marked as foreign."""
    place = place_of(observation)
    return fenced(place, title="browser") if place else ""
