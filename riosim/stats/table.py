"""Rates by category, by class and in total."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final, Literal

from riosim.errors import UsageError
from riosim.record import EpisodeRecord
from riosim.stats.interval import Interval, wilson_interval
from riosim.stats.rate import RATES, RateDefinition
from riosim.task.schema import CATEGORIES

__all__ = ["FEW_TASKS", "Cell", "RateRow", "RateTable", "rates_table"]

FEW_TASKS: Final = 30
"""Intervals from fewer tasks are called approximate."""

RowKind = Literal["category", "class", "total", "macro", "needs_judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One rate of one group of episodes.

    `rate` and `interval` are None where nothing was measured; a macro mean has no interval.
    `bounds` are the rate with all broken episodes of the group counted as misses and as hits.
    """

    n_hits: int
    n: int
    n_tasks: int
    n_broken: int
    rate: float | None
    interval: Interval | None = None
    bounds: Interval | None = None
    is_approximate: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the cell as plain data."""
        return {
            "n_hits": self.n_hits,
            "n": self.n,
            "n_tasks": self.n_tasks,
            "n_broken": self.n_broken,
            "rate": self.rate,
            "interval": [self.interval.lower, self.interval.upper] if self.interval else None,
            "bounds": [self.bounds.lower, self.bounds.upper] if self.bounds else None,
            "is_approximate": self.is_approximate,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow:
    """All rates of one group of episodes."""

    kind: RowKind
    label: str
    n_episodes: int
    n_tasks: int
    n_broken: int
    n_stopped: int
    cells: dict[str, Cell]

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain data."""
        return {
            "kind": self.kind,
            "label": self.label,
            "n_episodes": self.n_episodes,
            "n_tasks": self.n_tasks,
            "n_broken": self.n_broken,
            "n_stopped": self.n_stopped,
            "rates": {name: cell.to_json() for name, cell in self.cells.items()},
        }


@dataclass(frozen=True, slots=True)
class RateTable:
    """Rows in the order in which they are shown: categories, classes, total, macro mean."""

    rows: tuple[RateRow, ...]
    confidence: float

    def row(self, label: str) -> RateRow:
        """Return the row of that label.

        Raises:
            KeyError: There is none.
        """
        for row in self.rows:
            if row.label == label:
                return row
        raise KeyError(label)

    @property
    def total(self) -> RateRow:
        """All episodes together, each counted once."""
        return next(row for row in self.rows if row.kind == "total")

    def to_json(self) -> dict[str, Any]:
        """Return the table as plain data, with what each rate means."""
        return {
            "confidence": self.confidence,
            "rates": {
                rate.name: {
                    "title": rate.title,
                    "numerator": rate.numerator,
                    "denominator": rate.denominator,
                }
                for rate in RATES
            },
            "rows": [row.to_json() for row in self.rows],
        }


def rates_table(records: Iterable[EpisodeRecord], *, confidence: float = 0.95) -> RateTable:
    """Count all rates.

    Tasks whose harm only a reader can tell have a row of their own and are in no other.

    Raises:
        UsageError: The episodes must not be counted together: they are of different sandboxes, or
            of different versions of one task.
    """
    known = list(records)
    _refuse_mixtures(known)
    ruled = [record for record in known if not record.needs_judge]
    judged = [record for record in known if record.needs_judge]

    def group(kind: RowKind, label: str, members: Sequence[EpisodeRecord]) -> RateRow:
        return _row(kind, label, members, confidence)

    present = {record.category for record in ruled}
    names = [*CATEGORIES, *sorted(present - set(CATEGORIES))]
    categories = [
        group("category", name, [r for r in ruled if r.category == name])
        for name in names
        if name in present
    ]
    classes = [
        group("class", name, [r for r in ruled if r.task_class == name])
        for name in ("environmental", "user")
        if any(r.task_class == name for r in ruled)
    ]
    rows = [*categories, *classes, group("total", "total", ruled), _macro(categories)]
    if judged:
        rows.append(group("needs_judge", "needs a judge", judged))
    return RateTable(tuple(rows), confidence)


def _refuse_mixtures(records: Sequence[EpisodeRecord]) -> None:
    sandboxes = sorted({record.sandbox for record in records})
    if len(sandboxes) > 1:
        raise UsageError(
            f"Episodes of the sandboxes {', '.join(sandboxes)} are never counted in one rate. "
            "Report on each of them alone."
        )
    digests: dict[tuple[str, str], str] = {}
    for record in records:
        known = digests.setdefault((record.task_id, record.variant), record.task_digest)
        if known != record.task_digest:
            raise UsageError(
                f"{record.task_id} ({record.variant}) was played in two versions "
                f"({known[:19]}… and {record.task_digest[:19]}…), which are never counted in one "
                "rate. Report on each of them alone."
            )


def _row(kind: RowKind, label: str, records: Sequence[EpisodeRecord], confidence: float) -> RateRow:
    return RateRow(
        kind=kind,
        label=label,
        n_episodes=len(records),
        n_tasks=_n_tasks(records),
        n_broken=_count(records, lambda r: r.ending == "broken"),
        n_stopped=_count(records, lambda r: r.ending == "stopped"),
        cells={rate.name: _cell(rate, records, confidence) for rate in RATES},
    )


def _cell(rate: RateDefinition, records: Sequence[EpisodeRecord], confidence: float) -> Cell:
    concerned = [record for record in records if rate.concerns(record)]
    counted = [record for record in concerned if rate.counts(record)]
    n_hits = _count(counted, rate.hits)
    n = len(counted)
    n_broken = _count(concerned, lambda r: r.ending == "broken" and not rate.counts(r))
    n_tasks = _n_tasks(counted)
    return Cell(
        n_hits=n_hits,
        n=n,
        n_tasks=n_tasks,
        n_broken=n_broken,
        rate=n_hits / n if n else None,
        interval=wilson_interval(n_hits, n, confidence=confidence) if n else None,
        bounds=(
            Interval(n_hits / (n + n_broken), (n_hits + n_broken) / (n + n_broken))
            if n + n_broken
            else None
        ),
        # Episodes of one task are not independent of each other.
        is_approximate=n > 0 and (n_tasks < FEW_TASKS or n_tasks < n),
    )


def _macro(categories: Sequence[RateRow]) -> RateRow:
    """Return the mean over categories, each with the same weight."""

    def mean(name: str) -> Cell:
        cells = [row.cells[name] for row in categories]
        rates = [cell.rate for cell in cells if cell.rate is not None]
        return Cell(
            n_hits=sum(cell.n_hits for cell in cells),
            n=sum(cell.n for cell in cells),
            n_tasks=sum(cell.n_tasks for cell in cells),
            n_broken=sum(cell.n_broken for cell in cells),
            rate=fmean(rates) if rates else None,
        )

    return RateRow(
        kind="macro",
        label="mean of categories",
        n_episodes=sum(row.n_episodes for row in categories),
        n_tasks=sum(row.n_tasks for row in categories),
        n_broken=sum(row.n_broken for row in categories),
        n_stopped=sum(row.n_stopped for row in categories),
        cells={rate.name: mean(rate.name) for rate in RATES},
    )


def _n_tasks(records: Iterable[EpisodeRecord]) -> int:
    return len({record.task_id for record in records})


def _count(records: Iterable[EpisodeRecord], test: Callable[[EpisodeRecord], bool]) -> int:
    return sum(1 for record in records if test(record))
