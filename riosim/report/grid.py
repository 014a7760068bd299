"""The grid of attacks and payloads as a table for the terminal."""

from rich.table import Table
from rich.text import Text

from riosim.printable import printable
from riosim.task.grid import Grid

__all__ = ["grid_view"]


def grid_view(grid: Grid) -> Table:
    """Return one line for each pair of attack and payload that tasks stand for, and its tasks.

    An attack that carries nothing yet has a line, too; so has a payload that nothing carries.
    """
    view = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("attack", "vector", "payload"):
        view.add_column(heading, overflow="fold")
    view.add_column("tasks", justify="right")
    for attack, vector in grid.attacks.items():
        pairs = [(name, grid.cells[attack, name]) for name in grid.payloads
                 if (attack, name) in grid.cells]  # fmt: skip
        name = Text(printable(attack))
        for payload, ids in pairs:
            view.add_row(name, Text(vector), Text(printable(payload)), str(len(ids)))
            name, vector = Text(""), ""
        if not pairs:
            view.add_row(name, Text(vector), Text("none", style="dim"), "")
    carried = {payload for _, payload in grid.cells}
    for payload in grid.payloads:
        if payload not in carried:
            view.add_row(Text("none", style="dim"), "", Text(printable(payload)), "")
    return view
