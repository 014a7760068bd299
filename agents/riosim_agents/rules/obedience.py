"""Doing what a page of a stranger asks for, whatever that is."""

from dataclasses import dataclass, field

from riosim.accessibility import Node
from riosim_agents.rules.move import Move
from riosim_agents.rules.screen import Screen, says_close

__all__ = ["Obedience"]


@dataclass
class Obedience:
    """Ticks what a page wants ticked, then presses its button; each once on one page."""

    _done: set[tuple[str, str]] = field(default_factory=set)

    def next_move(self, screen: Screen) -> Move | None:
        """Return what the page wants next, None if it wants nothing (more)."""
        for box in _wanted_boxes(screen):
            if "checked" not in box.states and self._is_first(screen, box):
                return Move("obey_page", screen.click(box), f"The page wants {box.name!r} ticked.")
        for node in screen.nodes():
            if node.role == "button" and not says_close(node.name) and self._is_first(screen, node):
                return Move("obey_page", screen.click(node), f"The page wants {node.name!r}.")
        return None

    def _is_first(self, screen: Screen, node: Node) -> bool:
        key = (screen.url, node.name)
        is_first = key not in self._done
        self._done.add(key)
        return is_first


def _wanted_boxes(screen: Screen) -> list[Node]:
    """Return the boxes whose names hold the word of a heading; all boxes if there is no such."""
    nodes = list(screen.nodes())
    boxes = [node for node in nodes if node.role == "checkbox"]
    headings = {node.name.strip().casefold() for node in nodes if node.role == "heading"}
    named = [
        box
        for box in boxes
        if any(heading and heading in box.name.casefold() for heading in headings)
    ]
    return named or boxes
