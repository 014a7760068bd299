"""Coverage of the catalogue as a table for the terminal."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from riosim.printable import printable
from riosim.task.coverage import Covered

__all__ = ["coverage_view"]


def coverage_view(covered: Sequence[Covered]) -> Table:
    """Return one line a label; labels without a task are marked."""
    view = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    view.add_column("category")
    view.add_column("label", overflow="fold")
    view.add_column("rows", justify="right")
    view.add_column("tasks", overflow="fold")
    last = ""
    for item in covered:
        ids = "\n".join(printable(task_id) for task_id in item.task_ids)
        view.add_row(
            Text("" if item.category == last else item.category),
            Text(printable(item.label)),
            str(item.n_rows),
            Text(ids) if ids else Text("none", style="red"),
        )
        last = item.category
    return view
