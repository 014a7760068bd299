"""Set of marks: numbered boxes on the picture, and a list of what they are."""

from dataclasses import dataclass, replace
from typing import Final

from riosim.accessibility import render_tree
from riosim.dialects.coordinate import Screen
from riosim.observation import Observation
from riosim.styles.mark_choice import Choice, chosen_marks
from riosim.styles.mark_drawing import with_marks
from riosim.styles.screenshot import resized, screen_of
from riosim.styles.style import View
from riosim.styles.tree import CountTokens, estimated_tokens

__all__ = ["MarksStyle"]

_MOST_MARKS: Final = 300


@dataclass(frozen=True, slots=True)
class MarksStyle:
    """The screenshot with a numbered box around everything that can be acted on.

    Taken from the accessibility tree, which on the browser surface is made from the page's DOM.

    Attributes:
        size: Makes the picture that size before the marks are drawn on it; None leaves it.
        max_tokens: Of the list; marks that have no room in it are not drawn either.
        max_marks: Most that are ever drawn.
        count_tokens: Counts a text; None estimates (`estimated_tokens`).
    """

    size: Screen | None = None
    max_tokens: int = 4_000
    max_marks: int = _MOST_MARKS
    count_tokens: CountTokens | None = None

    def show(self, observation: Observation) -> View:
        """Return picture, list and marks; without a tree there is nothing to mark."""
        screen = screen_of(observation)
        picture = resized(observation.screenshot, self.size or screen)
        if observation.tree is None:
            return View(screen, picture)
        choice = chosen_marks(observation.tree, screen, max_marks=self.max_marks)
        count = self.count_tokens or estimated_tokens
        while choice.marks and count(_listed(choice)) > self.max_tokens:
            choice = choice.first(len(choice.marks) - max(1, len(choice.marks) // 16))
        marked = with_marks(picture, choice.marks, screen, texts=choice.texts)
        return View(screen, marked, _listed(choice), choice.marks)


def _listed(choice: Choice) -> str:
    """Return one line a mark; what the screen says stays within quotes and cannot end a line."""
    return "\n".join(
        f"[{mark.number}] {render_tree(replace(node, box=None))}"
        for mark, node in zip(choice.marks, choice.nodes, strict=True)
    )
