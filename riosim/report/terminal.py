"""The rates of runs as tables for the terminal, as wide as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from riosim.printable import printable
from riosim.stats.rate import RATES
from riosim.stats.table import FEW_TASKS, Cell, RateRow, RateTable

__all__ = ["RatesView", "SideBySide"]

_LABEL_WIDTH: Final = 32  # label and number of episodes
_CELL_WIDTH: Final = 21
_FIRST: Final = ("intention", "completion", "exposure", "utility", "over_refusal")


@dataclass(frozen=True, slots=True)
class RatesView:
    """Shows rates with intervals, the broken episodes with their bounds, and a legend."""

    table: RateTable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield as many tables as the width needs."""
        del console
        names = sorted((rate.name for rate in RATES), key=_rank)
        per_table = max(1, (options.max_width - _LABEL_WIDTH) // _CELL_WIDTH)
        for start in range(0, len(names), per_table):
            yield _rates(self.table, names[start : start + per_table])
            yield ""
        if self.table.total.n_broken or self.table.total.n_stopped:
            yield from _broken(self.table)
        yield _legend(self.table)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Shows the totals of several runs beside each other: a row a rate, a column a run."""

    tables: Sequence[tuple[str, RateTable]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table and the legend."""
        del console, options
        view = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        view.add_column("all tasks", no_wrap=True)
        for name, _ in self.tables:
            view.add_column(printable(name, max_chars=60), min_width=_CELL_WIDTH - 2)
        for rate in RATES:
            cells = (_cell(table.total.cells[rate.name]) for _, table in self.tables)
            view.add_row(rate.title, *cells)
        yield view
        yield ""
        yield _legend(self.tables[0][1])


def _rank(name: str) -> int:
    """Keep together, on a narrow terminal, what is read together."""
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)


def _new_table() -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True, min_width=18)
    return table


def _rates(table: RateTable, names: Sequence[str]) -> Table:
    view = _new_table()
    view.add_column("episodes", justify="right")
    for name in names:
        view.add_column(name.replace("_", " "), min_width=_CELL_WIDTH - 2, no_wrap=True)
    for row in table.rows:
        view.add_row(
            _label(row),
            str(row.n_episodes),
            *(_cell(row.cells[name]) for name in names),
            end_section=_ends_section(table, row),
        )
    return view


def _label(row: RateRow) -> Text:
    style = {"category": "", "total": "bold"}.get(row.kind, "italic")
    return Text(printable(row.label, max_chars=40), style=style)


def _ends_section(table: RateTable, row: RateRow) -> bool:
    following = table.rows[table.rows.index(row) + 1 :]
    return bool(following) and following[0].kind != row.kind


def _cell(cell: Cell) -> Text:
    """Return `45 % 9/20 ≈26–66`: rate, hits/n, interval."""
    if cell.rate is None:
        return Text("  –", style="dim")
    text = Text(f"{100 * cell.rate:3.0f} %")
    if cell.interval is not None:
        sign = "≈" if cell.is_approximate else " "
        low, high = 100 * cell.interval.lower, 100 * cell.interval.upper
        text.append(f" {cell.n_hits}/{cell.n} {sign}{low:.0f}–{high:.0f}", style="dim")
    return text


def _broken(table: RateTable) -> RenderResult:
    yield Text("Not measured: broken and stopped episodes are in no rate above.", style="bold")
    yield Text("The bounds count all broken ones once as none and once as all.", style="dim")
    view = _new_table()
    for heading in ("broken", "stopped", "intention", "completion", "utility"):
        view.add_column(heading, justify="right")
    for row in table.rows:
        if (row.n_broken or row.n_stopped) and row.kind != "macro":
            view.add_row(
                _label(row),
                str(row.n_broken),
                str(row.n_stopped),
                *(_bounds(row.cells[name]) for name in ("intention", "completion", "utility")),
            )
    yield view
    yield ""


def _bounds(cell: Cell) -> str:
    if cell.bounds is None:
        return "–"
    return f"{100 * cell.bounds.lower:.0f}–{100 * cell.bounds.upper:.0f} %"


def _legend(table: RateTable) -> Text:
    percent = f"{100 * table.confidence:g}"
    return Text(
        f"rate, hits/n, {percent} % Wilson interval; ≈ approximate: from fewer than {FEW_TASKS} "
        "tasks, or from tasks that were played several times. What each rate counts: "
        "docs/reference/rates.md",
        style="dim",
    )
