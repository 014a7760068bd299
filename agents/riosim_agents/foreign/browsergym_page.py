"""A screen as BrowserGym's agents observe one: elements with identifiers, AXTree, DOM, text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from riosim.accessibility import Node
from riosim.dialects.coordinate import Screen
from riosim.styles.style import Mark

__all__ = [
    "Element",
    "axtree_of",
    "axtree_text",
    "dom_of",
    "elements_of",
    "marks_of",
    "properties_of",
]

_ROLES: Final = {"text": "StaticText", "group": "generic", "cell": "gridcell", "window": "group"}
_TAGS: Final = {
    "button": "button",
    "cell": "td",
    "combobox": "select",
    "document": "main",
    "form": "form",
    "heading": "h2",
    "image": "img",
    "link": "a",
    "list": "ul",
    "listitem": "li",
    "option": "option",
    "paragraph": "p",
    "table": "table",
    "textbox": "textarea",
}
_CLICKABLE: Final = frozenset(
    "button checkbox combobox link menuitem option radio slider spinbutton switch tab textbox "
    "treeitem".split()
)
_STATES: Final = ("focused", "checked", "selected", "disabled", "expanded", "editable")


@dataclass(frozen=True, slots=True)
class Element:
    """A node of the tree with its place in it.

    Attributes:
        number: Position in the tree, from 1, parents first.
        parent: Number of the parent, 0 for the root.
        depth: Levels below the root.
        node: The widget.
        bid: Its identifier; empty for what is not on the screen.
    """

    number: int
    parent: int
    depth: int
    node: Node
    bid: str

    @property
    def role(self) -> str:
        """Chromium's name of the role."""
        return "RootWebArea" if self.parent == 0 else _ROLES.get(self.node.role, self.node.role)

    @property
    def is_clickable(self) -> bool:
        """Whether a click on it does something."""
        return self.node.role in _CLICKABLE


def elements_of(root: Node, screen: Screen) -> tuple[Element, ...]:
    """Return all nodes, parents first; those of which something is on the screen have a `bid`."""

    def walk() -> Iterator[Element]:
        stack = [(root, 0, 0)]
        number = 0
        while stack:
            node, parent, depth = stack.pop()
            number += 1
            bid = str(number) if _is_on(node, screen) else ""
            yield Element(number, parent, depth, node, bid)
            stack.extend((child, number, depth + 1) for child in reversed(node.children))

    return tuple(walk())


def marks_of(elements: tuple[Element, ...]) -> tuple[Mark, ...]:
    """Return the elements that can be named, for the dialect."""
    return tuple(
        Mark(element.number, element.node.box, element.node.role, element.node.name)
        for element in elements
        if element.bid and element.node.box is not None
    )


def axtree_of(elements: tuple[Element, ...]) -> dict[str, Any]:
    """Return the tree in the shape of Chromium's, the root first."""
    children: dict[int, list[str]] = {element.number: [] for element in elements}
    for element in elements:
        if element.parent:
            children[element.parent].append(str(element.number))
    nodes = []
    for element in elements:
        node = element.node
        entry: dict[str, Any] = {
            "nodeId": str(element.number),
            "ignored": False,
            "role": {"type": "role", "value": element.role},
            "name": {"type": "computedString", "value": node.name},
            "properties": [
                {"name": name, "value": {"type": "booleanOrUndefined", "value": True}}
                for name in _STATES
                if name in node.states
            ],
            "childIds": children[element.number],
        }
        if node.value:
            entry["value"] = {"type": "string", "value": node.value}
        if element.parent:
            entry["parentId"] = str(element.parent)
        if element.bid:
            entry["browsergym_id"] = element.bid
        nodes.append(entry)
    return {"nodes": nodes}


def axtree_text(elements: tuple[Element, ...]) -> str:
    """Return the tree as text, one element a line: `[12] button 'Go', focused`."""
    lines = []
    for element in elements:
        node = element.node
        if element.role == "generic" and not (node.name or node.value):
            continue
        parts = [f"[{element.bid}] " if element.bid else "", f"{element.role} {node.name!r}"]
        if node.value:
            parts.append(f" value={node.value!r}")
        parts.extend(f", {state}" for state in node.states if state != "editable")
        lines.append("\t" * element.depth + "".join(parts))
    return "\n".join(lines)


def properties_of(elements: tuple[Element, ...]) -> dict[str, dict[str, Any]]:
    """Return where each element is and whether a click on it does something."""
    return {
        element.bid: {
            "visibility": 1.0,
            "bbox": [float(n) for n in (box.x, box.y, box.width, box.height)],
            "clickable": element.is_clickable,
            "set_of_marks": element.is_clickable,
        }
        for element in elements
        if element.bid and (box := element.node.box) is not None
    }


def dom_of(elements: tuple[Element, ...]) -> dict[str, Any]:
    """Return the tree in the shape of a DOM snapshot: a tag by role, its texts as text."""
    strings: list[str] = []
    known: dict[str, int] = {}

    def index(text: str) -> int:
        if text not in known:
            known[text] = len(strings)
            strings.append(text)
        return known[text]

    nodes: dict[str, Any] = {
        name: [] for name in ("nodeName", "nodeValue", "nodeType", "parentIndex", "attributes")
    }

    def add(name: str, value: int, kind: int, parent: int, attributes: list[int]) -> int:
        cells = (index(name), value, kind, parent, attributes)
        for column, cell in zip(nodes.values(), cells, strict=True):
            column.append(cell)
        return len(nodes["nodeName"]) - 1

    places: dict[int, int] = {0: add("#document", -1, 9, -1, [])}
    for element in elements:
        node = element.node
        attributes = {"bid": element.bid, "role": node.role, "value": node.value}
        pairs = [index(part) for pair in attributes.items() if pair[1] for part in pair]
        for state in node.states:
            pairs.extend((index(state), -1))
        tag = _TAGS.get(node.role, "span" if node.role == "text" else "div")
        place = add(tag, -1, 1, places[element.parent], pairs)
        places[element.number] = place
        if node.name:
            add("#text", index(node.name), 3, place, [])
    nodes["contentDocumentIndex"] = {"index": [], "value": []}
    return {"strings": strings, "documents": [{"nodes": nodes}]}


def _is_on(node: Node, screen: Screen) -> bool:
    box = node.box
    return (
        box is not None
        and box.width > 0
        and box.height > 0
        and box.x < screen.width_px
        and box.y < screen.height_px
        and box.x + box.width > 0
        and box.y + box.height > 0
    )
