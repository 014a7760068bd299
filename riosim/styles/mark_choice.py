"""Which widgets get a number."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from riosim.accessibility import Box, Node
from riosim.dialects.coordinate import Screen
from riosim.styles.overlap import area_px, shared_px
from riosim.styles.pruning import is_actionable, pruned, words
from riosim.styles.scene import is_backdrop
from riosim.styles.style import Mark

__all__ = ["Choice", "chosen_marks"]

_FIELDS: Final = frozenset({"document", "terminal", "textbox"})
_NEARLY_ALL: Final = 0.9
_TRIED: Final = 4  # controls looked at for each mark: a hostile page can have any number
_MOST_OF_SCREEN: Final = 0.8  # a canvas or a page is no target; its middle says nothing
_MOST_NAME_CHARS: Final = 80
_MOST_VALUE_CHARS: Final = 80


@dataclass(frozen=True, slots=True)
class Choice:
    """What is marked.

    Attributes:
        marks: Numbered from 1, in reading order of the tree.
        nodes: The widget of each, its texts cut.
        texts: Where the screen says something that is no mark.
    """

    marks: tuple[Mark, ...]
    nodes: tuple[Node, ...]
    texts: tuple[Box, ...]

    def first(self, count: int) -> "Choice":
        """Return the first COUNT marks."""
        return Choice(self.marks[:count], self.nodes[:count], self.texts)


def chosen_marks(root: Node, screen: Screen, *, max_marks: int) -> Choice:
    """Return numbered boxes of what can be acted on.

    What bears the same box as another, or is nothing but a part of it, is one mark. If there are
    more than MAX_MARKS, the windows in front come first.
    """
    tree = pruned(root, screen)
    controls = sorted(_controls(tree, screen), key=lambda control: not control.is_near)
    marked = _without_wraps(_merged(controls[: _TRIED * max_marks]))[:max_marks]
    numbered = {id(control.node) for control in marked}
    chosen = [(_shortened(control.node), control.box) for control in marked]
    marks = tuple(
        Mark(number, box, node.role, node.name)
        for number, (node, box) in enumerate(chosen, start=1)
    )
    texts = (
        node.box
        for node in tree.walk()
        if node.box is not None and node.children == () and id(node) not in numbered
    )
    kept = tuple(islice(texts, _TRIED * max_marks))
    return Choice(marks, tuple(node for node, _ in chosen), kept)


def _shortened(node: Node) -> Node:
    """Return the widget without its children, its texts cut; of a terminal the end is kept."""
    name, value = (" ".join(text.split()) for text in (node.name, node.value))
    if node.role == "terminal":
        value = value[-_MOST_VALUE_CHARS:]
    return replace(
        node,
        name=_cut(name, _MOST_NAME_CHARS),
        value=_cut(value, _MOST_VALUE_CHARS),
        app="",
        children=(),
    )


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit] + "…"


@dataclass(frozen=True, slots=True)
class _Control:
    """What can be acted on, and whether its window is in front."""

    node: Node
    box: Box
    is_near: bool
    name: str


def _controls(root: Node, screen: Screen) -> Iterator[_Control]:
    """Yield what can be acted on, parents first."""
    area = screen.width_px * screen.height_px
    stack = [(root, False, True)]
    while stack:
        node, in_page, is_near = stack.pop()
        is_near = is_near and "behind" not in node.states and not is_backdrop(node)
        box = node.box
        fits = box is not None and area_px(box) <= _MOST_OF_SCREEN * area
        if box is not None and fits and _is_target(node, in_page=in_page):
            yield _Control(node, box, is_near, words(node))
        in_page = in_page or node.role == "document"
        children = _first_cells(node, in_page=in_page)
        stack.extend((child, in_page, is_near) for child in reversed(children))


def _is_target(node: Node, *, in_page: bool) -> bool:
    return is_actionable(node, in_page=in_page) and "disabled" not in node.states


def _first_cells(node: Node, *, in_page: bool) -> tuple[Node, ...]:
    """Return the children; of the cells in one row of a list of files, the first."""
    if in_page or node.role != "table":
        return node.children
    rows: set[int] = set()
    left: list[Node] = []
    for child in node.children:
        if child.role == "cell" and child.box is not None and child.children == ():
            if child.box.y in rows:
                continue
            rows.add(child.box.y)
        left.append(child)
    return tuple(left)


def _merged(found: list[_Control]) -> list[_Control]:
    """Return the controls without those that another one already is."""
    left: list[_Control] = []
    for control in found:
        same = next((i for i, other in enumerate(left) if _is_same(other, control)), None)
        if same is None:
            left.append(control)
        elif not left[same].name and control.name:  # a link without a name around a button
            named = replace(left[same].node, name=control.node.name)
            left[same] = replace(left[same], node=named, name=control.name)
    return left


def _is_same(one: _Control, other: _Control) -> bool:
    shared = shared_px(one.box, other.box)
    if not shared:
        return False
    if shared >= _NEARLY_ALL * (area_px(one.box) + area_px(other.box) - shared):
        return True
    return one.name == other.name != "" and shared >= area_px(other.box)  # a link and its text


def _without_wraps(found: list[_Control]) -> list[_Control]:
    """Return the controls without those whose middle is another one that they hold.

    A click on such a folder of a tree would hit one of the items in it.
    """
    return [
        control
        for control in found
        if control.node.role in _FIELDS
        or not control.node.children
        or not any(
            any(inner.node is node for node in control.node.walk())
            for inner in found
            if inner is not control and inner.box.contains(*control.box.centre)
        )
    ]
