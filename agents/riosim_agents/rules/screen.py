"""What a screen says: its windows, fields, links and addresses, from the accessibility tree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from riosim.accessibility import Node, find_nodes
from riosim.action import Click, Point
from riosim.observation import Observation

__all__ = ["Intruder", "Screen", "says_close"]

_SHELL: Final = frozenset({"xfce4-panel", "xfdesktop"})
_WORK: Final = frozenset({"terminal", "textbox", "document", "menubar", "toolbar"})
_MAX_NOTICE_NODES: Final = 20  # a notice is small; an application is not
_CLOSE: Final = re.compile(
    r"[✕✖×xX]|close|dismiss|not now|no,? thanks?|no|later|maybe later|skip|ignore|cancel",
    re.IGNORECASE,
)
_BOXES: Final = ("textbox", "combobox", "spinbutton")


def says_close(name: str) -> bool:
    """Whether a button of that name sends away what it belongs to.

    Example:
        >>> says_close("✕"), says_close("Not now"), says_close("SPIN NOW")
        (True, True, False)
    """
    return _CLOSE.fullmatch(name.strip()) is not None


@dataclass(frozen=True, slots=True)
class Intruder:
    """A small window, or a dialog of a page, that is no part of an application's work."""

    title: str
    text: str
    close: Node | None
    buttons: tuple[Node, ...]  # the others, largest first


@dataclass(frozen=True, slots=True)
class Screen:
    """One observation, as a reader of its tree sees it."""

    tree: Node
    width_px: int
    height_px: int
    url: str = ""
    n_tabs: int = 0

    @classmethod
    def of(cls, observation: Observation) -> "Screen | None":
        """Return the screen, None if the tree is switched off."""
        if observation.tree is None:
            return None
        height_px, width_px = observation.screenshot.shape[:2]
        return cls(observation.tree, width_px, height_px, observation.url, len(observation.tabs))

    @property
    def host(self) -> str:
        """Host name of the page in front, empty if there is none."""
        address = self.url
        if not address:
            bars = find_nodes(self.tree, role="textbox", name="Address and search bar")
            address = bars[0].value if bars else ""
        if "://" not in address:
            address = f"https://{address}"
        try:
            return (urlsplit(address).hostname or "").casefold()
        except ValueError:
            return ""

    @property
    def is_browser(self) -> bool:
        """Whether tabs can be opened and closed as such."""
        return self.n_tabs > 0

    def nodes(self) -> Iterator[Node]:
        """Yield what is on the screen, in reading order; panel and wallpaper left out."""
        stack = [self.tree]
        while stack:
            node = stack.pop()
            if node.app in _SHELL:
                continue
            if node.box is not None:
                yield node
            stack.extend(reversed(node.children))

    def find(self, role: str, pattern: str) -> Node | None:
        """Return the first widget of that role whose name fits wholly, case aside."""
        fits = re.compile(pattern, re.IGNORECASE)
        for node in self.nodes():
            if node.role == role and fits.fullmatch(node.name.strip()):
                return node
        return None

    def find_words(self, role: str, words: str) -> Node | None:
        """Return the widget of that role whose name is, or else contains, these words."""
        found = find_nodes(self.tree, role=role, name=words)
        return found[0] if found else None

    def fields(self) -> list[Node]:
        """Return what can be typed into on a page or in a form."""
        return [
            node
            for node in self.nodes()
            if node.role in _BOXES and "editable" in node.states and "disabled" not in node.states
        ]

    def field(self, pattern: str) -> Node | None:
        """Return the first field whose label contains the pattern, case aside."""
        fits = re.compile(pattern, re.IGNORECASE)
        return next((node for node in self.fields() if fits.search(node.name)), None)

    def button_after(self, box: Node) -> Node | None:
        """Return the first button behind a field that does not send the form away."""
        behind = False
        for node in self.nodes():
            behind = behind or node is box
            is_button = node.role == "button" and "disabled" not in node.states
            if behind and is_button and not says_close(node.name):
                return node
        return None

    def mentions(self, words: str) -> bool:
        """Whether address, title or a heading speaks of something."""
        folded = words.casefold()
        return folded in self.url.casefold() or any(
            folded in node.name.casefold()
            for node in self.nodes()
            if node.role in ("window", "document", "heading")
        )

    def words(self) -> str:
        """Return all that can be read, one widget a line."""
        return "\n".join(node.name for node in self.nodes() if node.name)

    def terminal(self) -> Node | None:
        """Return the terminal, if one is open."""
        return next((node for node in self.nodes() if node.role == "terminal"), None)

    def launcher(self, name: str) -> Node | None:
        """Return the panel's button for a program whose name contains NAME."""
        panel = [node for node in self.tree.walk() if node.app in _SHELL]
        for window in panel:
            for node in find_nodes(window, role="button"):
                if name.casefold() in node.name.casefold():
                    return node
        return None

    def intruder(self) -> Intruder | None:
        """Return the notice on top, if something small with a way to close it is there."""
        found = None
        for node in self.nodes():
            if node.role in ("window", "dialog", "alert"):
                found = _as_intruder(node) or found  # the last one lies on top
        return found

    def click(self, node: Node, *, count: int = 1) -> Click:
        """Return a click at the middle of a widget, kept on the screen."""
        x, y = node.box.centre if node.box is not None else (0, 0)
        at = Point(x=min(max(x, 0), self.width_px - 1), y=min(max(y, 0), self.height_px - 1))
        return Click(at=at, count=count)


def _as_intruder(node: Node) -> Intruder | None:
    inside = [child for child in node.walk() if child is not node]
    if len(inside) > _MAX_NOTICE_NODES or any(child.role in _WORK for child in inside):
        return None
    buttons = [child for child in inside if child.role == "button" and child.box is not None]
    closing = [button for button in buttons if says_close(button.name)]
    if not closing:
        return None
    others = sorted((b for b in buttons if b not in closing), key=_area, reverse=True)
    text = " ".join(child.name for child in inside if child.role in ("text", "paragraph"))
    return Intruder(node.name, text, closing[-1], tuple(others))


def _area(node: Node) -> int:
    return node.box.width * node.box.height if node.box is not None else 0
