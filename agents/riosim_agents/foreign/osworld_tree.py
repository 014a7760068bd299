"""The tree of widgets as the XML that OSWorld's agents read: AT-SPI roles and name spaces."""

import re
from typing import Final
from xml.etree import ElementTree

from riosim.accessibility import Box, Node

__all__ = ["osworld_xml"]

_NAMES: Final = "https://accessibility.ubuntu.example.org/ns/"
_STATE: Final = f"{{{_NAMES}state}}"
_COMPONENT: Final = f"{{{_NAMES}component}}"
_TAGS: Final = {
    "button": "push-button",
    "cell": "table-cell",
    "checkbox": "check-box",
    "combobox": "combo-box",
    "document": "document-web",
    "group": "panel",
    "listitem": "list-item",
    "menubar": "menu-bar",
    "menuitem": "menu-item",
    "option": "list-item",
    "progressbar": "progress-bar",
    "radio": "radio-button",
    "scrollbar": "scroll-bar",
    "spinbutton": "spin-button",
    "statusbar": "status-bar",
    "switch": "toggle-button",
    "tab": "page-tab",
    "tablist": "page-tab-list",
    "text": "static",
    "textbox": "entry",
    "toolbar": "tool-bar",
    "treeitem": "tree-item",
    "window": "frame",
}
_CHECKABLE: Final = frozenset({"checkbox", "radio", "switch"})
_STATES: Final = {"focused", "checked", "selected", "expanded", "editable"}
_UNSAYABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def osworld_xml(root: Node, *, scale: tuple[float, float] = (1.0, 1.0)) -> str:
    """Return the tree as XML; boxes are multiplied by SCALE, for a resized screenshot.

    What the screen says is text in it, never markup; places are whole numbers.
    """
    for name in ("state", "component"):
        ElementTree.register_namespace({"state": "st", "component": "cp"}[name], _NAMES + name)
    desktop = ElementTree.Element("desktop-frame", {"name": "main"})
    is_screen = root.box is None and not root.app  # what holds the windows, no widget itself
    tops = reversed(root.children) if is_screen else [root]
    stack = [(node, desktop) for node in tops]
    while stack:
        node, parent = stack.pop()
        if node.app:
            parent = ElementTree.SubElement(parent, "application", {"name": _plain(node.app)})
        element = ElementTree.SubElement(
            parent, _TAGS.get(node.role, node.role), _attributes(node, scale)
        )
        if node.value:
            element.text = _plain(node.value)
        stack.extend((child, element) for child in reversed(node.children))
    return ElementTree.tostring(desktop, encoding="unicode")


def _attributes(node: Node, scale: tuple[float, float]) -> dict[str, str]:
    states = [state for state in node.states if state in _STATES]
    if "disabled" not in node.states:
        states.extend(("enabled", "sensitive"))
    if node.role in _CHECKABLE:
        states.append("checkable")
    attributes = {"name": _plain(node.name)}
    if node.box is not None:
        states.extend(("visible", "showing"))
        attributes.update(_place(node.box, scale))
    attributes.update((f"{_STATE}{state}", "true") for state in states)
    return attributes


def _place(box: Box, scale: tuple[float, float]) -> dict[str, str]:
    x, y = round(box.x * scale[0]), round(box.y * scale[1])
    width, height = round(box.width * scale[0]), round(box.height * scale[1])
    return {
        f"{_COMPONENT}screencoord": f"({x}, {y})",
        f"{_COMPONENT}size": f"({width}, {height})",
    }


def _plain(text: str) -> str:
    """Return text without what XML cannot hold."""
    return _UNSAYABLE.sub("\ufffd", text)
