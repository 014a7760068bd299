"""The gym space of actions: exact `contains`, seeded `sample`."""

from typing import Any

from gymnasium import spaces
from typing_extensions import override

from riosim.action import (
    ACTION_TYPES,
    BROWSER_KINDS,
    KEYS,
    Action,
    Back,
    Button,
    Click,
    CloseTab,
    Drag,
    Hotkey,
    MouseDown,
    MouseUp,
    Move,
    NewTab,
    Point,
    Press,
    Scroll,
    SwitchTab,
    TypeText,
    Wait,
)

__all__ = ["ActionSpace"]

_TEXTS = ("hello", "42", "naïve café", "你好", "a b\tc", "3 < 4 && 5 > 2")
_MODIFIERS = ("alt", "ctrl", "shift")


class ActionSpace(spaces.Space[Action]):
    """All actions that are possible on a screen of that size.

    `sample` draws actions that a random explorer may do: it never ends the episode, asks the
    user, runs code or names an address.
    """

    def __init__(
        self, width_px: int, height_px: int, *, browser: bool, seed: int | None = None
    ) -> None:
        self.width_px = width_px
        self.height_px = height_px
        self.browser = browser
        super().__init__(shape=None, dtype=None, seed=seed)

    @property
    @override
    def is_np_flattenable(self) -> bool:
        """Never: an action is no array."""
        return False

    @override
    def contains(self, x: Any) -> bool:
        """Whether X is an action whose points lie on the screen and that the surface has."""
        if not isinstance(x, ACTION_TYPES):
            return False
        kind = str(getattr(x, "kind", ""))
        if kind in (["run_python"] if self.browser else BROWSER_KINDS):
            return False
        return all(
            point.x < self.width_px and point.y < self.height_px
            for point in (getattr(x, name, None) for name in ("at", "start", "end"))
            if isinstance(point, Point)
        )

    @override
    def sample(self, mask: Any = None, probability: Any = None) -> Action:
        """Return a random action; the same seed gives the same sequence."""
        del mask, probability
        kinds = ["click"] * 6 + ["move", "drag", "scroll", "type_text", "press", "hotkey"]
        kinds += ["mouse_down", "mouse_up", "wait"]
        if self.browser:
            kinds += ["back", "new_tab", "close_tab", "switch_tab"]
        return self._draw(kinds[int(self.np_random.integers(len(kinds)))])

    def _draw(self, kind: str) -> Action:
        rng = self.np_random
        match kind:
            case "click":
                button: Button = "right" if rng.integers(4) == 0 else "left"
                return Click(
                    at=self._point(),
                    button=button,
                    count=int(rng.integers(1, 3)),
                )
            case "move":
                return Move(at=self._point())
            case "drag":
                return Drag(start=self._point(), end=self._point())
            case "scroll":
                return Scroll(at=self._point(), dy=int(rng.integers(-10, 11)))
            case "type_text":
                return TypeText(text=_TEXTS[int(rng.integers(len(_TEXTS)))])
            case "press":
                keys = sorted(KEYS)
                return Press(key=keys[int(rng.integers(len(keys)))])
            case "hotkey":
                modifier = _MODIFIERS[int(rng.integers(len(_MODIFIERS)))]
                return Hotkey(keys=(modifier, chr(int(rng.integers(ord("a"), ord("z") + 1)))))
            case "mouse_down":
                return MouseDown(at=self._point())
            case "mouse_up":
                return MouseUp(at=self._point())
            case "back":
                return Back()
            case "new_tab":
                return NewTab()
            case "close_tab":
                return CloseTab()
            case "switch_tab":
                return SwitchTab(index=int(rng.integers(0, 3)))
            case _:
                return Wait(seconds=float(rng.uniform(0, 0.2)))

    def _point(self) -> Point:
        rng = self.np_random
        return Point(x=int(rng.integers(self.width_px)), y=int(rng.integers(self.height_px)))

    @override
    def to_jsonable(self, sample_n: Any) -> list[Any]:
        """Return samples in their JSON form."""
        return [sample.model_dump(mode="json") for sample in sample_n]

    @override
    def from_jsonable(self, sample_n: list[Any]) -> list[Action]:
        """Turn JSON forms back into actions."""
        from riosim.action import parse_action

        return [parse_action(item) for item in sample_n]

    @override
    def __eq__(self, other: object) -> bool:
        """Whether OTHER is the same space."""
        return isinstance(other, ActionSpace) and (
            other.width_px,
            other.height_px,
            other.browser,
        ) == (self.width_px, self.height_px, self.browser)

    @override
    def __hash__(self) -> int:
        """Return a hash of size and surface."""
        return hash((ActionSpace, self.width_px, self.height_px, self.browser))

    @override
    def __repr__(self) -> str:
        """Return the space as it is made."""
        return f"ActionSpace({self.width_px}, {self.height_px}, browser={self.browser})"
