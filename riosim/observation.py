"""What is handed to an agent, and the gym space that describes it."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from typing_extensions import override

from riosim.accessibility import Node, render_tree

__all__ = [
    "MAX_TREE_CHARS",
    "OBSERVATION_PARTS",
    "Frame",
    "Observation",
    "Pixels",
    "UnicodeText",
    "observation_space",
    "to_dict",
]

Pixels = npt.NDArray[np.uint8]
OBSERVATION_PARTS: Final = ("screenshot", "accessibility_tree", "url", "tabs")
"""Parts that can be switched off; instruction, message and step are always there."""

MAX_TREE_CHARS: Final = 400_000
MAX_TEXT_CHARS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Frame:
    """What a controller saw at one moment.

    `windows` and `pages` say what was in front, for the exposure of threats; they are evidence,
    not part of the observation. Each has a `key` by which later events name it.
    """

    screenshot: Pixels  # (height_px, width_px, 3), uint8, RGB
    tree: Node | None = None
    url: str = ""
    tabs: tuple[str, ...] = ()
    windows: tuple[dict[str, Any], ...] = ()
    pages: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """What the agent gets before it decides.

    Attributes:
        screenshot: Shape (height_px, width_px, 3), uint8, RGB, with the pointer drawn.
        instruction: What the user asks.
        step: Decisions made so far.
        message: The user's reply to a question, or why the last action was invalid; else empty.
        tree: Widgets on the screen, None if switched off.
        url: Address of the page in front, empty on a desktop surface.
        tabs: Titles of the open tabs, left to right; empty on a desktop surface.
    """

    screenshot: Pixels
    instruction: str
    step: int
    message: str = ""
    tree: Node | None = None
    url: str = ""
    tabs: tuple[str, ...] = ()

    @property
    def accessibility_tree(self) -> str:
        """The tree as text, one node a line; empty if switched off."""
        return render_tree(self.tree)[:MAX_TREE_CHARS] if self.tree is not None else ""


class UnicodeText(spaces.Space[str]):
    """Any text up to a length; Gymnasium's own `Text` knows ASCII letters and digits only."""

    def __init__(self, max_length: int, seed: int | None = None) -> None:
        self.max_length = max_length
        super().__init__(shape=None, dtype=None, seed=seed)

    @override
    def contains(self, x: Any) -> bool:
        """Whether X is a text of at most that length."""
        return isinstance(x, str) and len(x) <= self.max_length

    @override
    def sample(self, mask: Any = None, probability: Any = None) -> str:
        """Return a random text of printable characters from several scripts."""
        del mask, probability
        count = int(self.np_random.integers(0, min(self.max_length, 40) + 1))
        blocks = ((0x20, 0x7F), (0xC0, 0x180), (0x4E00, 0x4F00), (0x1F600, 0x1F640))
        picks = self.np_random.integers(0, len(blocks), count)
        return "".join(chr(int(self.np_random.integers(*blocks[int(i)]))) for i in picks)

    @property
    @override
    def is_np_flattenable(self) -> bool:
        """Never: a text has no numbers."""
        return False

    @override
    def __eq__(self, other: object) -> bool:
        """Whether OTHER is the same space."""
        return isinstance(other, UnicodeText) and other.max_length == self.max_length

    @override
    def __hash__(self) -> int:
        """Return a hash of the length."""
        return hash((UnicodeText, self.max_length))

    @override
    def __repr__(self) -> str:
        """Return the space as it is made."""
        return f"UnicodeText({self.max_length})"


def observation_space(
    width_px: int, height_px: int, *, max_steps: int, parts: tuple[str, ...]
) -> spaces.Dict:
    """Return the space of `to_dict`; parts that are off are not in it."""
    known: dict[str, spaces.Space[Any]] = {
        "screenshot": spaces.Box(0, 255, (height_px, width_px, 3), np.uint8),
        "accessibility_tree": UnicodeText(MAX_TREE_CHARS),
        "url": UnicodeText(MAX_TEXT_CHARS),
        "tabs": UnicodeText(MAX_TEXT_CHARS),
    }
    return spaces.Dict(
        {
            "instruction": UnicodeText(MAX_TEXT_CHARS),
            "message": UnicodeText(MAX_TEXT_CHARS),
            "step": spaces.Discrete(max_steps + 1),
            **{name: known[name] for name in OBSERVATION_PARTS if name in parts},
        }
    )


def to_dict(observation: Observation, parts: tuple[str, ...]) -> dict[str, Any]:
    """Return the observation as the gym API hands it out."""
    values: dict[str, Any] = {
        "screenshot": observation.screenshot,
        "accessibility_tree": observation.accessibility_tree,
        "url": observation.url[:MAX_TEXT_CHARS],
        "tabs": "\n".join(observation.tabs)[:MAX_TEXT_CHARS],
    }
    return {
        "instruction": observation.instruction[:MAX_TEXT_CHARS],
        "message": observation.message[:MAX_TEXT_CHARS],
        "step": np.int64(observation.step),
        **{name: values[name] for name in OBSERVATION_PARTS if name in parts},
    }
