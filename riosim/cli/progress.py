"""Progress of a run on stderr: bars where there is a terminal, lines where there is none."""

from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from riosim.printable import printable
from riosim.record import EpisodeRecord
from riosim.runner.crew import Attempt, Outcome
from riosim.runner.meter import Spent

__all__ = ["BarProgress", "LineProgress", "progress_on"]


def progress_on(console: Console, n_total: int, n_done: int) -> "BarProgress | LineProgress":
    """Return what fits the console."""
    if console.is_terminal:
        return BarProgress(console, n_total, n_done)
    return LineProgress(console, n_total, n_done)


def _summary(outcome: Outcome) -> str:
    """Return how an attempt went, in a few words."""
    record = outcome.record
    if record is None:
        return printable(outcome.problem, max_chars=200)
    return f"{record.ending}{_marks(record)}, {record.n_steps} steps, {record.wall_s:.1f} s"


def _marks(record: EpisodeRecord) -> str:
    if record.outcome is None or record.ending == "stopped":
        return f": {printable(record.reason, max_chars=120)}"
    goal = "goal met" if record.goal_met else "goal not met"
    return f": {goal}" if record.variant == "twin" else f": {record.outcome}, {goal}"


class LineProgress:
    """One line for each attempt that ended."""

    def __init__(self, console: Console, n_total: int, n_done: int) -> None:
        self._console = console
        self._n_total = n_total
        self._n_done = n_done

    def __enter__(self) -> Self:
        """Do nothing."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Do nothing."""

    def began(self, worker: int, attempt: Attempt) -> None:
        """Say nothing: the end is news enough."""

    def stepped(self, worker: int, number: int, kind: str, spent: Spent) -> None:
        """Say nothing."""

    def said(self, worker: int, text: str) -> None:
        """Print it."""
        self._print(_said(worker, text))

    def ended(self, worker: int, outcome: Outcome) -> None:
        """Print how it went."""
        if outcome.record is not None and outcome.record.ending != "broken":
            self._n_done += 1
        number = outcome.attempt.number
        again = f" (attempt {number})" if number > 1 else ""
        self._print(
            f"[{self._n_done}/{self._n_total}] {outcome.attempt.job.id}{again}: {_summary(outcome)}"
        )

    def closing(self, n_running: int) -> None:
        """Say that machines are being thrown away."""
        self._print(_closing(n_running))

    def _print(self, line: str) -> None:
        self._console.print(printable(line), markup=False, soft_wrap=True)


class BarProgress:
    """A bar for the run and a line for each worker."""

    def __init__(self, console: Console, n_total: int, n_done: int) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=False,
        )
        self._run = self._progress.add_task("episodes", total=n_total, completed=n_done)
        self._workers: dict[int, TaskID] = {}

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """Stop drawing."""
        self._progress.stop()

    def began(self, worker: int, attempt: Attempt) -> None:
        """Show what the worker plays."""
        limit = attempt.job.settings.max_steps or attempt.job.spec.max_steps
        name = f"{worker}  {printable(attempt.job.id, max_chars=60)}"
        if worker in self._workers:
            self._progress.reset(self._workers[worker], total=limit, description=name)
        else:
            self._workers[worker] = self._progress.add_task(name, total=limit)

    def stepped(self, worker: int, number: int, kind: str, spent: Spent) -> None:
        """Move the worker's bar."""
        del kind, spent
        self._progress.update(self._workers[worker], completed=number)

    def said(self, worker: int, text: str) -> None:
        """Print it above the bars."""
        self._progress.console.print(printable(_said(worker, text)), markup=False, soft_wrap=True)

    def ended(self, worker: int, outcome: Outcome) -> None:
        """Print how it went and move the run's bar."""
        del worker
        if outcome.record is not None and outcome.record.ending != "broken":
            self._progress.advance(self._run)
        line = f"{outcome.attempt.job.id}: {_summary(outcome)}"
        self._progress.console.print(printable(line), markup=False, soft_wrap=True, style="dim")

    def closing(self, n_running: int) -> None:
        """Say that machines are being thrown away."""
        self._progress.console.print(_closing(n_running))


def _said(worker: int, text: str) -> str:
    return f"worker {worker}: {text}"


def _closing(n_running: int) -> str:
    return (
        f"Stopping: {n_running} running episodes are broken off and their machines thrown away; "
        "they will be played again. Ctrl-C once more ends it at once."
    )
