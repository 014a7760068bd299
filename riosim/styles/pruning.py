"""An accessibility tree without what a model has no use for.

Never invents: what is left has the role, name, value and box (clipped to the screen) of a node of
the tree that was given, in the same order; of an item of a tree that includes those below it, the
box is its own row. One state is added: `behind`, on windows that lie behind the one in front.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from riosim.accessibility import Box, Node
from riosim.dialects.coordinate import Screen
from riosim.styles.scene import WINDOW_ROLES, Scene, clipped

__all__ = ["is_actionable", "pruned", "words"]

_MOST_LEVELS: Final = 200
_CONTROLS: Final = frozenset(
    "button checkbox combobox link menu menuitem option radio slider spinbutton switch tab "
    "terminal textbox treeitem".split()
)
_ICONS: Final = frozenset({"cell", "image", "listitem"})
"""Things to click in an application; in a page they are text and pictures."""
_FRAMES: Final = frozenset({"window", "dialog", "alert"})
_CONTAINERS: Final = frozenset(
    "application document form group list menubar table tablist toolbar tree".split()
)
_PUNCTUATION: Final = re.compile(r"[\s,.;:|/·•–—-]*")
_DROPPED: Final = frozenset({"scrollbar"})  # scrolling is an action of its own
_STATES: Final = frozenset("focused checked selected disabled expanded editable".split())


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the tree we are."""

    depth: int = 0
    window: Node | None = None
    in_page: bool = False
    in_control: bool = False


def words(node: Node) -> str:
    """Return what a node says, its white space folded."""
    return " ".join(f"{node.name} {node.value}".split())


def is_actionable(node: Node, *, in_page: bool) -> bool:
    """Whether a click on the node, or a key into it, is likely to do something.

    IN_PAGE says whether it lies in a document, such as a web page.
    """
    if node.role in _CONTROLS or "editable" in node.states:
        return True
    return node.role in _ICONS and not in_page and bool(node.name.strip())


def pruned(root: Node, screen: Screen) -> Node:
    """Return the tree without what is invisible, empty or said twice.

    Args:
        root: The whole tree.
        screen: Its size; what lies outside is dropped.
    """
    scene = Scene.of(root, screen)
    return Node("group", "screen", children=_kept(root, scene, _Place()))


def _kept(node: Node, scene: Scene, place: _Place) -> tuple[Node, ...]:
    """Return the node, or what is left of its children in its place."""
    if place.depth > _MOST_LEVELS or node.role in _DROPPED:
        return ()
    if node.role == "image" and place.in_control:
        return ()  # the icon of a button
    actionable = is_actionable(node, in_page=place.in_page)
    inner = _Place(
        place.depth + 1,
        place.window or (node if node.role in WINDOW_ROLES else None),
        place.in_page or node.role == "document",
        place.in_control or actionable,
    )
    children = _unrepeated(child for given in node.children for child in _kept(given, scene, inner))
    if node.role in _FRAMES:
        return _framed(node, scene, place, children)
    box = scene.shown(node, place.window, to_click=actionable)
    if box is None:
        return children
    shown = replace(node, box=_own_row(node, box, children), states=_told(node))
    if actionable:
        return (replace(shown, children=_without_echo(shown, children, parts=True)),)
    if node.role == "table" and not place.in_page and len(children) > 1:
        return (replace(shown, children=children),)  # a list of files: its rows are told by it
    if node.role != "document" and _PUNCTUATION.fullmatch(words(node)):
        return children
    if node.role in _CONTAINERS and not node.value:
        rest = _without_echo(shown, children, parts=False)
        # A document is kept for what it says of its inside: that it is a page.
        is_worth_a_line = len(rest) > 1 or (node.role == "document" and rest)
        return (replace(shown, children=rest),) if is_worth_a_line else rest
    if any(words(child) == words(node) and not _is_label(child) for child in children):
        return children  # a heading that is nothing but a link
    return (replace(shown, children=_without_echo(shown, children, parts=True)),)


def _framed(
    node: Node, scene: Scene, place: _Place, children: tuple[Node, ...]
) -> tuple[Node, ...]:
    """Return a window, even one whose inside cannot be seen: that it is there is worth a line."""
    rest = _without_echo(node, children, parts=False)
    box = clipped(node.box, scene.screen)
    if box is None or not (rest or words(node)):
        return rest
    states = _told(node)
    if place.window is None and scene.is_behind(node):
        states = (*states, "behind")
    return (replace(node, box=box, states=states, children=rest),)


def _own_row(node: Node, box: Box, children: tuple[Node, ...]) -> Box:
    """Return the box without the rows of the items below, which a folder of a tree includes."""
    tops = [c.box.y for c in children if c.role == "treeitem" and c.box is not None]
    if node.role != "treeitem" or not tops or min(tops) <= box.y:
        return box
    return Box(box.x, box.y, box.width, min(min(tops) - box.y, box.height))


def _told(node: Node) -> tuple[str, ...]:
    """Return the states that matter; that a text box can be edited goes without saying."""
    plain = {"editable"} if node.role in ("textbox", "spinbutton") else set()
    return tuple(s for s in node.states if s in _STATES - plain)


def _is_label(node: Node) -> bool:
    """Whether a node only says something."""
    return node.role in {"text", "image", "paragraph", "heading"} and not node.children


def _without_echo(node: Node, children: tuple[Node, ...], *, parts: bool) -> tuple[Node, ...]:
    """Return the children without those that only say again what the node says.

    PARTS says whether a piece of it is a repetition, too.
    """
    own = words(node)
    left: list[Node] = []
    for child in children:
        said = words(child)
        again = said == words(replace(node, value="")) or said == own or (parts and said in own)
        if again and _is_label(child):
            continue
        if again and child.role in _CONTAINERS - {"document"} and not child.value:
            left.extend(child.children)
        else:
            left.append(child)
    return tuple(left)


def _unrepeated(children: Iterable[Node]) -> tuple[Node, ...]:
    """Return siblings without labels of controls beside them that bear the same name."""
    given = tuple(children)
    named = {words(child) for child in given if not _is_label(child)}
    named |= {" ".join(child.name.split()) for child in given if not _is_label(child)}
    return tuple(child for child in given if not (child.role == "text" and words(child) in named))
