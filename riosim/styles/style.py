"""Port: one way of showing an observation to a model."""

from dataclasses import dataclass
from typing import Protocol

from riosim.accessibility import Box
from riosim.dialects.coordinate import Screen
from riosim.observation import Observation, Pixels

__all__ = ["Mark", "Style", "View"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A numbered box on the screen.

    Attributes:
        number: Counts from 1.
        box: In pixels of the screen, whatever size the picture has.
        role: What kind of widget it is.
        name: What the widget says.
    """

    number: int
    box: Box
    role: str
    name: str


@dataclass(frozen=True, slots=True)
class View:
    """What a model is shown of one observation.

    Attributes:
        screen: Size of the screen that points are meant for.
        picture: Shape (height_px, width_px, 3), uint8, RGB; may be smaller than the screen, and
            have marks drawn on it. None if the style has no picture.
        text: The tree, or the list of marks; empty if the style has none.
        marks: Numbered boxes that an answer may name instead of a point.
    """

    screen: Screen
    picture: Pixels | None = None
    text: str = ""
    marks: tuple[Mark, ...] = ()


class Style(Protocol):
    """Shows observations in one way; never changes what it is given."""

    def show(self, observation: Observation) -> View:
        """Return what the model is to see."""
        ...
