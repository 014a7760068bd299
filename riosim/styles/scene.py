"""Which window lies over which, as far as a tree can tell.

A tree gives windows and boxes but no order of stacking, and desktops list what is behind another
window as if it could be seen. So the order is concluded from the panel, which has a button for each
ordinary window, and from the focus. Where there is no panel, nothing is taken for hidden.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from riosim.accessibility import Box, Node
from riosim.dialects.coordinate import Screen
from riosim.styles.overlap import shared_px

__all__ = ["WINDOW_ROLES", "Scene", "clipped", "is_backdrop"]

WINDOW_ROLES: Final = frozenset({"window", "dialog"})
_PANEL: Final = "xfce4-panel"
_DESKTOP: Final = "xfdesktop"
_LEAST_PX: Final = 3  # pages hide labels for screen readers in boxes of one or two pixels


class _Level(IntEnum):
    """How high a window lies."""

    DESKTOP = 0
    BEHIND = 1
    FRONT = 2
    DIALOG = 3  # of the application in front
    ABOVE = 4  # panel, notifications, adware: windows that the panel has no button for


@dataclass(frozen=True, slots=True)
class Scene:
    """The windows of a screen, by how high they lie.

    Attributes:
        screen: The screen as a box.
        front: The window in front, None if that cannot be told.
    """

    screen: Box
    front: Node | None
    _levels: tuple[tuple[Node, _Level], ...]

    @classmethod
    def of(cls, root: Node, screen: Screen) -> Self:
        """Find the windows of a tree and put them in order."""
        windows = [window for window in _outermost(root) if window.box is not None]
        buttons = [
            node
            for window in windows
            if window.app == _PANEL
            for node in window.walk()
            if node.role == "button" and node.name
        ]
        front = _front(windows, {b.name for b in buttons if "checked" in b.states})
        levels: tuple[tuple[Node, _Level], ...] = ()
        if buttons and front is not None:
            tasks = {button.name for button in buttons}
            apps = {window.app for window in windows if window.name in tasks}
            levels = tuple((w, _level(w, front, tasks, apps)) for w in windows)
        return cls(Box(0, 0, screen.width_px, screen.height_px), front, levels)

    def shown(self, node: Node, window: Node | None, *, to_click: bool) -> Box | None:
        """Return the node's box on the screen; None if it cannot be seen, or not be clicked.

        Args:
            node: A node of the tree.
            window: The window it belongs to, None if there is none.
            to_click: Whether its middle must be free; else a part of it is enough.
        """
        box = clipped(node.box, self.screen)
        if box is None or window is None:
            return box
        level = self._level_of(window)
        if level is None:
            return box
        above = [w.box for w, height in self._levels if height > level and (w.name or w.children)]
        covers = _holds_middle if to_click else _holds
        return None if any(other and covers(other, box) for other in above) else box

    def is_behind(self, window: Node) -> bool:
        """Whether the window in front covers a part of this one."""
        if self._level_of(window) is not _Level.BEHIND or self.front is None:
            return False
        box, cover = window.box, self.front.box
        return box is not None and cover is not None and shared_px(box, cover) > 0

    def _level_of(self, window: Node) -> _Level | None:
        return next((level for known, level in self._levels if known is window), None)


def clipped(box: Box | None, screen: Box) -> Box | None:
    """Return the part of a box that is on the screen; None if that is next to nothing."""
    if box is None:
        return None
    left, top = max(box.x, 0), max(box.y, 0)
    right = min(box.x + box.width, screen.width)
    bottom = min(box.y + box.height, screen.height)
    least = min(_LEAST_PX, screen.width, screen.height)
    if right - left < least or bottom - top < least:
        return None
    return Box(left, top, right - left, bottom - top)


def _outermost(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.role in WINDOW_ROLES:
            yield node
        else:
            stack.extend(reversed(node.children))


def _front(windows: list[Node], active: set[str]) -> Node | None:
    """Return the window that has the focus, or else the one whose button is pressed."""
    ordinary = [w for w in windows if not is_backdrop(w)]
    focused = [w for w in ordinary if any("focused" in node.states for node in w.walk())]
    if len(focused) == 1:
        return focused[0]
    for window in focused or ordinary:
        if window.name and window.name in active:
            return window
    return ordinary[0] if len(ordinary) == 1 else None


def _level(window: Node, front: Node, tasks: set[str], apps: set[str]) -> _Level:
    if window is front:
        return _Level.FRONT
    if window.app == _DESKTOP:
        return _Level.DESKTOP
    if window.name in tasks:
        return _Level.BEHIND
    if window.app not in apps:
        return _Level.ABOVE
    return _Level.DIALOG if window.app == front.app else _Level.BEHIND


def is_backdrop(window: Node) -> bool:
    """Whether it is the panel or the desktop itself, which are always there."""
    return window.app in (_PANEL, _DESKTOP)


def _holds_middle(outer: Box, inner: Box) -> bool:
    return outer.contains(*inner.centre)


def _holds(outer: Box, inner: Box) -> bool:
    last = inner.x + inner.width - 1, inner.y + inner.height - 1
    return outer.contains(inner.x, inner.y) and outer.contains(*last)
