"""Where widgets are, of applications that are wrong about it.

LibreOffice draws the inside of its windows below a menu bar of GTK's, and tells the places of what
it draws as if that bar were not there. The pane that it draws on, and GTK's own widgets within it,
give that away: each has the size of the widget around it and seems to lie elsewhere.
"""

from collections.abc import Iterator

from atspi_bus import Box, Ref, Widget, is_hidden
from atspi_roles import ROOT_PANE

__all__ = ["all_within", "drawn_panes", "move_drawn"]

Pane = tuple[Widget, Widget]  # what is around it, and the pane itself


def drawn_panes(window: Widget) -> list[Pane]:
    """Return the panes that the application draws itself, each with what is around it."""
    return [
        (widget, child)
        for widget in all_within(window)
        for child in widget.children
        if child.role == ROOT_PANE and not is_hidden(child)
    ]


def all_within(widget: Widget) -> Iterator[Widget]:
    """Yield a widget and all that are shown below it."""
    stack = [widget]
    while stack:
        current = stack.pop()
        if not is_hidden(current):
            yield current
            stack.extend(current.children)


def move_drawn(pane: Pane, boxes: dict[Ref, Box]) -> None:
    """Put what is drawn on a pane where it is."""
    outer, inner = (boxes.get(widget.ref) for widget in pane)
    if outer is None or inner is None or outer[2:] != inner[2:] or outer == inner:
        return
    by_x, by_y = outer[0] - inner[0], outer[1] - inner[1]
    stack: list[tuple[Widget, Box]] = [(pane[1], (0, 0, 0, 0))]
    while stack:
        widget, around = stack.pop()
        box = boxes.get(widget.ref)
        if box is not None:
            if box == around:
                continue  # GTK's own, which was right all along, and so is all below it
            around = boxes[widget.ref] = (box[0] + by_x, box[1] + by_y, box[2], box[3])
        stack.extend((child, around) for child in widget.children)
