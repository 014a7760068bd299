"""The accessibility tree of a page, from two DevTools calls.

`Accessibility.getFullAXTree` knows roles and names, `DOMSnapshot.captureSnapshot` knows where
everything lies; they are joined by the DOM node's number.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from riosim.accessibility import Box, Node

__all__ = ["DevTools", "page_tree"]

_ROLES: Final = {
    "RootWebArea": "document",
    "StaticText": "text",
    "searchbox": "textbox",
    "textarea": "textbox",
    "gridcell": "cell",
    "columnheader": "cell",
    "rowheader": "cell",
    "img": "image",
    "option": "option",
    "alertdialog": "dialog",
    "spinbutton": "spinbutton",
    "menuitemcheckbox": "menuitem",
    "menuitemradio": "menuitem",
    "progressbar": "progressbar",
    "MenuListPopup": "menu",
    "status": "alert",
    "PopUpButton": "combobox",
    "ComboBoxSelect": "combobox",
    "TextField": "textbox",
    "DateTime": "textbox",
    "Date": "textbox",
    "InputTime": "textbox",
    "LabelText": "text",
}
_SAME: Final = frozenset(
    "alert button cell checkbox combobox dialog document form heading image link list listitem "
    "menu menubar menuitem option paragraph progressbar radio scrollbar slider spinbutton switch "
    "tab table tablist textbox toolbar tree treeitem".split()
)
_MAX_VALUE_CHARS: Final = 4_000


class DevTools(Protocol):
    """The part of Playwright's CDP session that is used here."""

    def send(self, method: str, params: dict[str, Any] | None = None) -> Any:
        """Send a command and return its answer."""
        ...


def page_tree(devtools: DevTools, *, title: str, width_px: int, height_px: int) -> Node:
    """Return the page as a window with the nodes that are on the screen."""
    boxes = _boxes(devtools.send("DOMSnapshot.captureSnapshot", {"computedStyles": []}))
    answer = devtools.send("Accessibility.getFullAXTree")
    by_id = {str(item["nodeId"]): item for item in answer["nodes"]}
    screen = Box(0, 0, width_px, height_px)
    children: tuple[Node, ...] = ()
    if answer["nodes"]:
        children = _build(answer["nodes"][0], by_id, boxes, screen, depth=0)
    window = Node("window", title, box=screen, app="chromium", children=children)
    return Node("group", "screen", children=(window,))


def _boxes(snapshot: Mapping[str, Any]) -> dict[int, Box]:
    """Return where each DOM node lies in the viewport, by its number."""
    boxes: dict[int, Box] = {}
    for document in snapshot["documents"][:1]:  # frames within the page have no place of their own
        numbers = document["nodes"]["backendNodeId"]
        dx, dy = document.get("scrollOffsetX", 0), document.get("scrollOffsetY", 0)
        layout = document["layout"]
        for index, bounds in zip(layout["nodeIndex"], layout["bounds"], strict=True):
            x, y, width, height = bounds
            box = Box(round(x - dx), round(y - dy), round(width), round(height))
            boxes.setdefault(int(numbers[index]), box)
    return boxes


def _build(
    item: Mapping[str, Any],
    by_id: Mapping[str, Mapping[str, Any]],
    boxes: Mapping[int, Box],
    screen: Box,
    depth: int,
) -> tuple[Node, ...]:
    """Return the node, or its children in its place if it says nothing itself."""
    if depth > 200:
        return ()
    children = tuple(
        node
        for child_id in item.get("childIds", ())
        if str(child_id) in by_id
        for node in _build(by_id[str(child_id)], by_id, boxes, screen, depth + 1)
    )
    role = _role(item)
    name = " ".join(str(_value(item.get("name"))).split())
    if item.get("ignored") or role is None or (role == "group" and not name):
        return children
    box = _clip(boxes.get(int(item.get("backendDOMNodeId", -1))), screen)
    if role == "text" and (box is None or not name):
        return children
    if box is None and not children:
        return ()
    if role in {"link", "button", "heading", "option", "tab", "menuitem"}:
        # Their name already says what the text below them says.
        children = tuple(c for c in children if c.role != "text" or c.name not in name)
    return (
        Node(
            role=role,
            name=name,
            value=str(_value(item.get("value")))[:_MAX_VALUE_CHARS],
            box=box,
            states=_states(item.get("properties", ())),
            children=children,
        ),
    )


def _role(item: Mapping[str, Any]) -> str | None:
    role = str(_value(item.get("role")))
    if role in _ROLES:
        return _ROLES[role]
    if role in _SAME:
        return role
    return None if role in {"InlineTextBox", "none", "LineBreak", ""} else "group"


def _states(properties: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    states = []
    for prop in properties:
        name, value = str(prop.get("name")), _value(prop.get("value"))
        if name in {"focused", "selected", "disabled", "expanded"} and value is True:
            states.append(name)
        elif name == "checked" and value in (True, "true"):
            states.append("checked")
        elif name == "editable" and value:
            states.append("editable")
    return tuple(states)


def _clip(box: Box | None, screen: Box) -> Box | None:
    """Return the part of the box that is on the screen, None if there is none."""
    if box is None:
        return None
    left, top = max(box.x, 0), max(box.y, 0)
    right = min(box.x + box.width, screen.width)
    bottom = min(box.y + box.height, screen.height)
    if right - left < 1 or bottom - top < 1:
        return None
    return Box(left, top, right - left, bottom - top)


def _value(wrapped: Any) -> Any:
    return wrapped.get("value", "") if isinstance(wrapped, Mapping) else ""
