"""Where the marks of the chart go: rates with their intervals, a row for each group."""

from dataclasses import dataclass
from typing import Final

from riosim.printable import printable
from riosim.stats.table import Cell, RateRow, RateTable

__all__ = ["Chart", "Mark", "lay_out"]

_PANELS: Final = (("intention", "bad"), ("completion", "bad"), ("utility", "good"))
_LABEL_WIDTH: Final = 190
_PANEL_WIDTH: Final = 210
_GAP: Final = 36
_ROW_HEIGHT: Final = 26
_TOP: Final = 44


@dataclass(frozen=True, slots=True)
class Mark:
    """One rate: a dot and the line of its interval, in pixels."""

    x: float
    y: float
    low: float
    high: float
    tone: str
    is_approximate: bool
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One rate for all rows."""

    title: str
    left: float
    width: float
    marks: tuple[Mark, ...]
    empty: tuple[float, ...]  # rows where nothing was measured


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that the template draws."""

    width: int
    height: int
    top: int
    labels: tuple[tuple[str, float, bool], ...]  # text, y, whether it is a sum
    panels: tuple[Panel, ...]
    ticks: tuple[int, ...] = (0, 25, 50, 75, 100)


def lay_out(table: RateTable) -> Chart:
    """Return the chart of a table: categories, then classes and the total."""
    rows = [row for row in table.rows if row.kind in {"category", "class", "total"}]
    ys = [_TOP + _ROW_HEIGHT * (index + 0.5) for index in range(len(rows))]
    panels = []
    for number, (name, tone) in enumerate(_PANELS):
        left = _LABEL_WIDTH + number * (_PANEL_WIDTH + _GAP)
        panels.append(_panel(name, tone, left, rows, ys))
    return Chart(
        width=_LABEL_WIDTH + len(_PANELS) * (_PANEL_WIDTH + _GAP),
        height=_TOP + _ROW_HEIGHT * len(rows) + 8,
        top=_TOP,
        labels=tuple(
            (printable(row.label, max_chars=40), y, row.kind != "category")
            for row, y in zip(rows, ys, strict=True)
        ),
        panels=tuple(panels),
    )


def _panel(name: str, tone: str, left: float, rows: list[RateRow], ys: list[float]) -> Panel:
    marks: list[Mark] = []
    empty: list[float] = []
    for row, y in zip(rows, ys, strict=True):
        cell = row.cells[name]
        if cell.rate is None or cell.interval is None:
            empty.append(y)
            continue
        marks.append(
            Mark(
                x=left + cell.rate * _PANEL_WIDTH,
                y=y,
                low=left + cell.interval.lower * _PANEL_WIDTH,
                high=left + cell.interval.upper * _PANEL_WIDTH,
                tone=tone,
                is_approximate=cell.is_approximate,
                text=f"{row.label}, {name}: {_words(cell)}",
            )
        )
    return Panel(name.capitalize(), left, _PANEL_WIDTH, tuple(marks), tuple(empty))


def _words(cell: Cell) -> str:
    if cell.rate is None or cell.interval is None:
        return "not measured"
    low, high = 100 * cell.interval.lower, 100 * cell.interval.upper
    return f"{100 * cell.rate:.0f} % ({cell.n_hits} of {cell.n}), {low:.0f}–{high:.0f} %"
