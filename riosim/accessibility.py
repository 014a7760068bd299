"""The tree of widgets on the screen, the same shape for desktop and browser.

Standard library only: the supervisor in the desktop and the guest on the stage build nodes with
these classes' JSON form, and this file is copied into both images.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ROLES", "Box", "Node", "find_nodes", "parse_tree", "render_tree"]

# AT-SPI and ARIA names are mapped to these at the rim; what has no counterpart is "group".
_MAX_DEPTH = 200  # what lies deeper is cut off: the tree comes from the agent's own programs
_STATE = re.compile(r"[a-z]+")

ROLES = frozenset(
    "alert application button cell checkbox combobox dialog document form group heading image "
    "link list listitem menu menubar menuitem option paragraph progressbar radio scrollbar "
    "slider spinbutton statusbar switch tab table tablist terminal text textbox toolbar tree "
    "treeitem window".split()
)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the screen, in pixels, origin top-left."""

    x: int
    y: int
    width: int
    height: int

    @property
    def centre(self) -> tuple[int, int]:
        """The pixel in the middle, (x, y)."""
        return self.x + self.width // 2, self.y + self.height // 2

    def contains(self, x: int, y: int) -> bool:
        """Whether the pixel lies inside."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@dataclass(frozen=True, slots=True)
class Node:
    """One widget: what it is, what it says, where it is.

    JSON form: `{"role", "name", "value"?, "box"?: [x, y, width, height], "states"?: [...],
    "app"?: "...", "children"?: [...]}`; `box` is absent for what is not on the screen.
    """

    role: str
    name: str = ""
    value: str = ""  # text of a textbox, document or terminal
    box: Box | None = None
    states: tuple[str, ...] = ()  # of: focused, checked, selected, disabled, expanded, editable
    app: str = ""  # set on windows: the application's name in lower case
    children: tuple["Node", ...] = field(default=())

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Node":
        """Build a node from its JSON form; unknown roles become `group`.

        Children more than 200 levels down are left out.
        """
        return cls._from_json(data, 0)

    @classmethod
    def _from_json(cls, data: Mapping[str, Any], depth: int) -> "Node":
        box = data.get("box")
        role = str(data.get("role", "group"))
        children = data.get("children", ()) if depth < _MAX_DEPTH else ()
        return cls(
            role=role if role in ROLES else "group",
            name=str(data.get("name", "")),
            value=str(data.get("value", "")),
            box=Box(*(int(n) for n in box)) if box else None,
            states=tuple(s for s in map(str, data.get("states", ())) if _STATE.fullmatch(s)),
            app=str(data.get("app", "")),
            children=tuple([cls._from_json(child, depth + 1) for child in children]),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form, without what is empty."""
        out: dict[str, Any] = {"role": self.role, "name": self.name}
        if self.value:
            out["value"] = self.value
        if self.box is not None:
            out["box"] = [self.box.x, self.box.y, self.box.width, self.box.height]
        if self.states:
            out["states"] = list(self.states)
        if self.app:
            out["app"] = self.app
        if self.children:
            out["children"] = [child.to_json() for child in self.children]
        return out

    def walk(self) -> Iterator["Node"]:
        """Yield this node and everything below it, parents first."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


# JSON leaves these as they are, but `str.splitlines` and terminals act on them.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _quoted(text: str) -> str:
    """Return TEXT as a JSON string without anything that could end or steer a line."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def render_tree(root: Node) -> str:
    """Return the tree as text, one node a line, two spaces a level.

    Example:
        >>> print(render_tree(Node("button", "OK", box=Box(10, 20, 30, 40))))
        button "OK" (10,20,30,40)
    """
    lines: list[str] = []
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        parts = [f"{'  ' * depth}{node.role} {_quoted(node.name)}"]
        if node.value:
            parts.append(f"value={_quoted(node.value)}")
        if node.box is not None:
            parts.append(f"({node.box.x},{node.box.y},{node.box.width},{node.box.height})")
        if node.states:
            parts.append(f"[{','.join(node.states)}]")
        if node.app:
            parts.append(f"app={_quoted(node.app)}")
        lines.append(" ".join(parts))
        stack.extend((child, depth + 1) for child in reversed(node.children))
    return "\n".join(lines)


_STRING = r'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(
    rf"(?P<indent> *)(?P<role>[a-z]+) (?P<name>{_STRING})"
    rf"(?: value=(?P<value>{_STRING}))?"
    r"(?: \((?P<box>-?\d+,-?\d+,-?\d+,-?\d+)\))?"
    r"(?: \[(?P<states>[a-z,]+)\])?"
    rf"(?: app=(?P<app>{_STRING}))?"
)


def parse_tree(text: str) -> Node:
    """Turn the text of `render_tree` back into nodes.

    Raises:
        ValueError: A line is not one that `render_tree` writes.
    """
    flat: list[tuple[int, dict[str, Any]]] = []
    root: dict[str, Any] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"Line {number} of an accessibility tree reads {line[:200]!r}.")
        data: dict[str, Any] = {
            "role": match["role"],
            "name": json.loads(match["name"]),
            "value": json.loads(match["value"] or '""'),
            "box": [int(n) for n in match["box"].split(",")] if match["box"] else None,
            "states": match["states"].split(",") if match["states"] else [],
            "app": json.loads(match["app"] or '""'),
            "children": [],
        }
        depth = len(match["indent"]) // 2
        while flat and flat[-1][0] >= depth:
            flat.pop()
        if flat:
            flat[-1][1]["children"].append(data)
        elif number > 1:
            raise ValueError(f"Line {number} of an accessibility tree has no parent.")
        flat.append((depth, data))
        root = root or data
    if not flat:
        raise ValueError("An accessibility tree is empty.")
    return Node.from_json(root)


def find_nodes(
    root: Node, *, role: str | None = None, name: str | None = None, app: str | None = None
) -> list[Node]:
    """Return the nodes on the screen with that role and name, in reading order of the tree.

    An exact name wins over one that differs in case only, that over one that merely contains it.
    `app` keeps to windows of one application.
    """
    candidates = [
        node
        for scope in (_outermost(root, app) if app else [root])
        for node in scope.walk()
        if node.box is not None and (role is None or node.role == role)
    ]
    if name is None:
        return candidates
    folded = name.casefold()
    for matches in (
        [n for n in candidates if n.name == name],
        [n for n in candidates if n.name.casefold() == folded],
        [n for n in candidates if folded in n.name.casefold()],
    ):
        if matches:
            return matches
    return []


def _outermost(root: Node, app: str) -> Iterator[Node]:
    """Yield the windows of an application, those within another of its windows left out."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.app == app:
            yield node
        else:
            stack.extend(reversed(node.children))
