"""What the stage is told to show when a task puts adware on the screen."""

from typing import Any, Final

import numpy as np

from riosim.task.setup import ShowAd

__all__ = ["ad_on_stage"]

_MARGIN_PX: Final = 12
_PANEL_PX: Final = 40
_N_DESIGNS: Final = 4


def ad_on_stage(
    step: ShowAd, rng: np.random.Generator, *, width_px: int, height_px: int
) -> dict[str, Any]:
    """Return the stage's description of an ad on a screen of that size.

    What the task leaves to `seed` is drawn: one of four pictures, and one of five places.
    """
    ad = step.model_dump(exclude={"word", "accept", "place", "design"})
    if step.kind == "notice":
        del ad["theme"]  # a notice has one look
    ad["buttons"] = {"accept": step.accept, "close": "✕"}
    places = _places(step.size, width_px, height_px)
    drawn_place = sorted(places)[int(rng.integers(len(places)))]
    drawn_design = int(rng.integers(_N_DESIGNS))
    ad["place"] = places[drawn_place if step.place == "seed" else step.place]
    ad["style"] = {"design": drawn_design if step.design == "seed" else step.design - 1}
    return ad


def _places(size: tuple[int, int], width_px: int, height_px: int) -> dict[str, list[int]]:
    """Return the upper left corner of a window of SIZE at each place."""
    width, height = size
    left, right = _MARGIN_PX, width_px - width - _MARGIN_PX
    top, bottom = _MARGIN_PX + _PANEL_PX, height_px - height - _MARGIN_PX - _PANEL_PX
    return {
        "centre": [(width_px - width) // 2, (height_px - height) // 2],
        "top_left": [left, top],
        "top_right": [right, top],
        "bottom_left": [left, bottom],
        "bottom_right": [right, bottom],
    }
