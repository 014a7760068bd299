"""Observations in a style."""

from typing import Any, Final

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs
from typing_extensions import override

from riosim.accessibility import Box, Node
from riosim.dialects.coordinate import Screen
from riosim.errors import UsageError
from riosim.observation import MAX_TREE_CHARS, Observation, UnicodeText
from riosim.styles.style import Style, View
from riosim.wrappers.reading import ObsDict, observation_of, parts_of

__all__ = ["StyledObservation"]

_REPLACED: Final = ("screenshot", "accessibility_tree")


class StyledObservation(gym.ObservationWrapper[ObsDict, Any, ObsDict], RecordConstructorArgs):
    """Shows a style instead of screenshot and tree.

    The observation keeps `instruction`, `message`, `step`, `url` and `tabs`, and gets those of the
    following that the style makes:

    - `picture`: shape (height_px, width_px, 3), uint8, RGB, in the style's size;
    - `text`: the tree or the list of marks;
    - `marks`: shape (max_marks, 4), int32: x, y, width and height of each numbered box in pixels of
      the screen, mark n in row n - 1; rows without a mark are 0.

    `view` holds the last one whole, with the marks' names.

    Args:
        env: An environment with the part `screenshot`, and `accessibility_tree` if the style
            needs it.
        style: For instance `riosim.styles.named.style_named("marks")`.
        max_marks: Rows of `marks`; marks beyond are left out of it.
    """

    def __init__(self, env: gym.Env[ObsDict, Any], style: Style, *, max_marks: int = 300) -> None:
        RecordConstructorArgs.__init__(self, style=style, max_marks=max_marks)
        super().__init__(env)
        self.view: View | None = None
        self._style = style
        self._max_marks = max_marks
        parts = parts_of(env)
        probe = style.show(_probe(parts))
        if (probe.text or probe.marks) and "accessibility_tree" not in parts:
            raise UsageError(
                f"{type(style).__name__} needs the accessibility tree, which is off. Make the "
                "environment with the part 'accessibility_tree'."
            )
        shown: dict[str, spaces.Space[Any]] = {}
        if probe.picture is not None:
            shown["picture"] = spaces.Box(0, 255, probe.picture.shape, np.uint8)
        if probe.text:
            shown["text"] = UnicodeText(MAX_TREE_CHARS)
        if probe.marks:
            shown["marks"] = spaces.Box(0, 16_384, (max_marks, 4), np.int32)
        self._shown = tuple(shown)
        self.observation_space = spaces.Dict(
            {name: space for name, space in parts.items() if name not in _REPLACED} | shown
        )

    @override
    def observation(self, observation: ObsDict) -> ObsDict:
        """Return the observation in the style."""
        view = self._style.show(observation_of(observation))
        self.view = view
        made: dict[str, Any] = {
            "picture": view.picture,
            "text": view.text[:MAX_TREE_CHARS],
            "marks": self._boxes(view),
        }
        kept = {name: part for name, part in observation.items() if name not in _REPLACED}
        return kept | {name: made[name] for name in self._shown}

    @override
    def render(self) -> Any:
        """Return the picture as the style shows it, if the environment renders one."""
        frame = super().render()
        shown = self.view.picture if self.view is not None else None
        return frame if frame is None or shown is None else shown

    def _boxes(self, view: View) -> Any:
        boxes = np.zeros((self._max_marks, 4), np.int32)
        for mark in view.marks[: self._max_marks]:
            boxes[mark.number - 1] = (mark.box.x, mark.box.y, mark.box.width, mark.box.height)
        return boxes


def _probe(parts: dict[str, spaces.Space[Any]]) -> Observation:
    """Return a screen that shows every style what it can show: a window with one button."""
    space = parts.get("screenshot")
    if space is None or space.shape is None:
        raise UsageError(
            "The environment has no screenshot. Make it with the part 'screenshot', and put this "
            "wrapper next to it."
        )
    height_px, width_px, _ = space.shape
    screen = Screen(width_px, height_px)
    box = Box(0, 0, screen.width_px, screen.height_px)
    half = Box(0, 0, max(width_px // 2, 1), max(height_px // 2, 1))
    window = Node("window", "probe", box=box, children=(Node("button", "probe", box=half),))
    return Observation(
        screenshot=np.zeros((height_px, width_px, 3), np.uint8),
        instruction="",
        step=0,
        tree=Node("group", "screen", children=(window,)),
    )
