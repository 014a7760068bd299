"""The picture and the tree together."""

from dataclasses import dataclass, field

from riosim.dialects.coordinate import Screen
from riosim.observation import Observation
from riosim.styles.screenshot import ScreenshotStyle
from riosim.styles.style import View
from riosim.styles.tree import TreeStyle

__all__ = ["BothStyle"]


@dataclass(frozen=True, slots=True)
class BothStyle:
    """The screenshot, resized to SIZE if given, and the pruned tree beside it."""

    tree: TreeStyle = field(default_factory=TreeStyle)
    size: Screen | None = None

    def show(self, observation: Observation) -> View:
        """Return picture and text."""
        view = ScreenshotStyle(self.size).show(observation)
        return View(view.screen, view.picture, self.tree.text_of(observation.tree, view.screen))
