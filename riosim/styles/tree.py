"""The accessibility tree as text, pruned and within a budget of tokens."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from riosim.accessibility import Node, render_tree
from riosim.action import Point
from riosim.dialects.coordinate import Grid, Screen
from riosim.observation import Observation
from riosim.styles.pruning import is_actionable, pruned
from riosim.styles.scene import WINDOW_ROLES, is_backdrop
from riosim.styles.screenshot import screen_of
from riosim.styles.style import View

__all__ = ["CountTokens", "GridOf", "TreeStyle", "estimated_tokens"]

GridOf = Callable[[Screen], Grid]
"""Says how points are counted on a screen: `Grid.pixels`, `Grid.thousand`, …"""
CountTokens = Callable[[str], int]

_MOST_NAME_CHARS: Final = 200
_MOST_VALUE_CHARS: Final = 1_000
_SHORT_CHARS: Final = 60
_FEW: Final = 20
_URGENT: Final = frozenset({"dialog", "alert"})


def estimated_tokens(text: str) -> int:
    """Return a quarter of the characters, rounded up: what English costs most tokenizers.

    Other scripts cost more; give `TreeStyle` the tokenizer's own count for them.
    """
    return math.ceil(len(text) / 4)


@dataclass(frozen=True, slots=True)
class TreeStyle:
    """The tree alone, one node a line: role, name, value, states, middle point.

    Left out are what is invisible, off the screen, empty or said twice (`riosim.styles.pruning`).
    If the rest exceeds the budget, what is least useful goes: kept first are the control that has
    the focus, windows and dialogs, then controls and text of the window in front, then those of the
    others. The last line then says how many nodes are missing. Text from the screen is quoted, cut
    at 200 (values at 1000) characters, and cannot end a line.

    Attributes:
        max_tokens: Never exceeded.
        grid: How middle points are counted.
        count_tokens: Counts a text; None estimates (`estimated_tokens`).
    """

    max_tokens: int = 4_000
    grid: GridOf = Grid.pixels
    count_tokens: CountTokens | None = None

    def show(self, observation: Observation) -> View:
        """Return the text; empty if the observation has no tree."""
        screen = screen_of(observation)
        return View(screen, text=self.text_of(observation.tree, screen))

    def text_of(self, tree: Node | None, screen: Screen) -> str:
        """Return a tree as text."""
        if tree is None:
            return ""
        rows = _rows(pruned(tree, screen), self.grid(screen))
        count = self.count_tokens or estimated_tokens
        text = _text(rows, {number: row.line for number, row in enumerate(rows)})
        return text if count(text) <= self.max_tokens else _cut(rows, count, self.max_tokens)


@dataclass(frozen=True, slots=True)
class _Row:
    """One line to be."""

    line: str
    short: str
    depth: int
    parent: int | None
    rank: tuple[int, bool]  # in a page first: the rest is the frame around it


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the tree we are."""

    is_near: bool = True
    is_urgent: bool = False
    in_page: bool = False


def _rows(root: Node, grid: Grid) -> list[_Row]:
    rows: list[_Row] = []
    has_focus = any("focused" in node.states for node in root.walk())
    stack: list[tuple[Node, int | None, int, _Place]] = [
        (child, None, 0, _Place(is_urgent=has_focus and _is_popup(child)))
        for child in reversed(root.children)
    ]
    while stack:
        node, parent, depth, place = stack.pop()
        here = _Place(
            is_near=place.is_near and "behind" not in node.states and not is_backdrop(node),
            is_urgent=place.is_urgent or node.role in _URGENT,
            in_page=place.in_page,
        )
        number = len(rows)
        rank = (_rank(node, here), not here.in_page)
        rows.append(_Row(_line(node, grid), _line(_shortened(node), grid), depth, parent, rank))
        inner = replace(here, in_page=here.in_page or node.role == "document")
        stack.extend((child, number, depth + 1, inner) for child in reversed(node.children))
    return rows


def _is_popup(window: Node) -> bool:
    """Whether it is a small window over the one that has the focus."""
    if window.role not in WINDOW_ROLES or "behind" in window.states or is_backdrop(window):
        return False
    nodes = list(window.walk())
    return len(nodes) <= _FEW and not any("focused" in node.states for node in nodes)


def _rank(node: Node, place: _Place) -> int:
    """Return how dispensable a node is, 0 the least."""
    actionable = is_actionable(node, in_page=place.in_page)
    if actionable and "focused" in node.states:
        return 0
    if node.role in WINDOW_ROLES or place.is_urgent:
        return 1
    return (2 if actionable else 3) + (0 if place.is_near else 2)


def _line(node: Node, grid: Grid) -> str:
    """Return the node on one line; whatever it says stays within quotes."""
    bare = replace(
        node,
        name=_head(" ".join(node.name.split()), _MOST_NAME_CHARS),
        value=_tail(node.value) if node.role == "terminal" else _head(node.value),
        box=None,
        children=(),
    )
    point = ""
    if node.box is not None:
        x, y = grid.coordinates(Point(x=node.box.centre[0], y=node.box.centre[1]))
        point = f" ({_number(x)},{_number(y)})"
    return render_tree(bare) + point


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.4f}"


def _shortened(node: Node) -> Node:
    """Return a node that says its beginning only; a terminal, its end."""
    value = node.value.strip()
    cut = value[-_SHORT_CHARS:] if node.role == "terminal" else _head(value, _SHORT_CHARS)
    return replace(node, name=_head(" ".join(node.name.split()), _SHORT_CHARS), value=cut)


def _head(text: str, limit: int = _MOST_VALUE_CHARS) -> str:
    return text if len(text) <= limit else text[:limit] + "…"


def _tail(text: str) -> str:
    """Return the end: in a terminal the news stands below."""
    text = text.rstrip()
    return text if len(text) <= _MOST_VALUE_CHARS else "…" + text[-_MOST_VALUE_CHARS:]


def _text(rows: list[_Row], chosen: Mapping[int, str]) -> str:
    """Return the chosen lines, in the order of the tree, and how many are missing."""
    lines = ["  " * rows[number].depth + chosen[number] for number in sorted(chosen)]
    missing = len(rows) - len(chosen)
    if missing:
        lines.append(f"… {missing} more node{'s' if missing > 1 else ''}")
    return "\n".join(lines)


def _cut(rows: list[_Row], count: CountTokens, max_tokens: int) -> str:
    """Return the most useful lines, as many as there is room for; empty if there is for none.

    The cost of a text is taken for the sum of its lines' and then counted, for tokenizers do not
    add up.
    """
    order = sorted(range(len(rows)), key=lambda number: (rows[number].rank, number))
    chosen: dict[int, str] = {}
    left = max_tokens - count(f"\n… {len(rows)} more nodes")
    for number in order:
        added = _added(rows, number, chosen)
        for lines in (added, {n: rows[n].short for n in added}):
            cost = sum(count("  " * rows[n].depth + line + "\n") for n, line in lines.items())
            if cost <= left:
                chosen |= lines
                left -= cost
                break
    while chosen and count(_text(rows, chosen)) > max_tokens:
        for number in list(chosen)[-math.ceil(len(chosen) / 16) :]:  # the last is the least useful
            del chosen[number]
    text = _text(rows, chosen)
    return text if count(text) <= max_tokens else ""


def _added(rows: list[_Row], number: int, chosen: Mapping[int, str]) -> dict[int, str]:
    """Return the line, after those it lies below that are not chosen yet."""
    path: list[int] = []
    step: int | None = number
    while step is not None and step not in chosen:
        path.append(step)
        step = rows[step].parent
    return {n: rows[n].line for n in reversed(path)}
