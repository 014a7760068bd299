"""The picture alone, as convolutional policies want it."""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs
from typing_extensions import override

from riosim.dialects.coordinate import Screen
from riosim.errors import UsageError
from riosim.observation import Pixels
from riosim.styles.screenshot import resized
from riosim.wrappers.reading import ObsDict, parts_of

__all__ = ["PixelsOnly", "picture_part"]


class PixelsOnly(gym.ObservationWrapper[Pixels, Any, ObsDict], RecordConstructorArgs):
    """The picture of a dict, and nothing else: shape (height_px, width_px, 3), uint8, RGB.

    Takes `picture` where `StyledObservation` lies within, else `screenshot`. The instruction is not
    shown, so a policy can learn one task only.

    Args:
        env: An environment whose observation holds a picture.
        size: Makes the picture that size; None leaves it.
    """

    def __init__(self, env: gym.Env[ObsDict, Any], *, size: Screen | None = None) -> None:
        RecordConstructorArgs.__init__(self, size=size)
        super().__init__(env)
        self._part, box = picture_part(parts_of(env))
        height_px, width_px, depth = box.shape
        self._size = size or Screen(width_px, height_px)
        shape = (self._size.height_px, self._size.width_px, depth)
        self.observation_space = spaces.Box(0, 255, shape, np.uint8)

    @override
    def observation(self, observation: ObsDict) -> Pixels:
        """Return the picture."""
        return resized(observation[self._part], self._size)


def picture_part(parts: dict[str, spaces.Space[Any]]) -> tuple[str, spaces.Box]:
    """Return name and space of the picture among the parts of an observation.

    Raises:
        UsageError: There is none.
    """
    for name in ("picture", "screenshot"):
        space = parts.get(name)
        if isinstance(space, spaces.Box):
            return name, space
    raise UsageError("The observation has no picture; its parts: " + ", ".join(parts) + ".")
