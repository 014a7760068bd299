"""Proofs as a table for the terminal."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from riosim.printable import printable
from riosim.proof import PLAYS, PlayName, TaskProof

__all__ = ["proofs_view"]

_HEADINGS: Final = {"noop": "no-op"}


def proofs_view(proofs: Sequence[TaskProof]) -> RenderableType:
    """Return one line for each task, and below the table a line for each failure."""
    return Group(_table(proofs), *_problems(proofs))


def _table(proofs: Sequence[TaskProof]) -> Table:
    view = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    view.add_column("task", overflow="fold")
    for name in PLAYS:
        view.add_column(_HEADINGS.get(name, name))
    view.add_column("time", justify="right")
    for proof in proofs:
        view.add_row(Text(proof.task_id), *(_sign(proof, name) for name in PLAYS), _time(proof))
    return view


def _problems(proofs: Sequence[TaskProof]) -> Iterator[Text]:
    for proof in proofs:
        if proof.skipped:
            yield Text(printable(f"{proof.task_id}: skipped: {proof.skipped}"), style="yellow")
        for name in PLAYS:
            for problem in proof.plays[name].problems if name in proof.plays else ():
                line = f"{proof.task_id}: {_HEADINGS.get(name, name)}: {problem}"
                yield Text(printable(line, max_chars=800), style="red")


def _sign(proof: TaskProof, name: PlayName) -> Text:
    if name not in proof.plays:
        return Text("–", style="dim")
    return Text("ok", style="green") if not proof.plays[name].problems else Text("no", style="red")


def _time(proof: TaskProof) -> str:
    records = [play.record for play in proof.plays.values() if play.record is not None]
    return f"{sum(record.wall_s for record in records):.1f} s" if records else "–"
