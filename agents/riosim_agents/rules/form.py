"""Filling fields, one action a look."""

from collections import Counter

from riosim.accessibility import Node
from riosim.action import Hotkey, TypeText
from riosim_agents.rules.move import Move
from riosim_agents.rules.screen import Screen

__all__ = ["FieldFiller"]

_TRIES = 2  # a field that does not show what was typed into it is not typed into for ever
_MASK = "•"


class FieldFiller:
    """Brings a field to a text: goes there, empties it, types."""

    def __init__(self) -> None:
        self._typed: Counter[tuple[str, str]] = Counter()
        self._emptied: tuple[str, str] | None = None

    def next_move(self, screen: Screen, box: Node, text: str) -> Move | None:
        """Return the next move towards the text, None when the field holds it."""
        key = (box.name, text)
        if _holds(box, text) or self._typed[key] >= _TRIES:
            return None
        label = box.name or "the field"
        if "focused" not in box.states and self._emptied != key:
            self._emptied = key if not box.value else None
            return Move("go_to_field", screen.click(box), f"{label} is still to be filled.")
        if box.value and self._emptied != key:
            self._emptied = key
            return Move("empty_field", Hotkey(keys=("ctrl", "a")), f"{label} holds other text.")
        self._emptied = None
        self._typed[key] += 1
        return Move("fill_field", TypeText(text=text), f"{label} gets what the user said.")


def _holds(box: Node, text: str) -> bool:
    """Whether the field shows the text, or as many dots."""
    return box.value == text or (bool(text) and box.value == _MASK * len(text))
