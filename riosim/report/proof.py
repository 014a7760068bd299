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
_N_SLOWEST: Final = 10


def proofs_view(proofs: Sequence[TaskProof]) -> RenderableType:
    """Return one line for each task; below the table the slowest of many, and each failure."""
    return Group(_table(proofs), *_slowest(proofs), *_problems(proofs))


def _table(proofs: Sequence[TaskProof]) -> Table:
    view = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    view.add_column("task", overflow="fold")
    for name in PLAYS:
        view.add_column(_HEADINGS.get(name, name))
    view.add_column("time", justify="right")
    for proof in proofs:
        view.add_row(Text(proof.task_id), *(_sign(proof, name) for name in PLAYS), _time(proof))
    return view


def _slowest(proofs: Sequence[TaskProof]) -> Iterator[Text]:
    if len(proofs) <= 2 * _N_SLOWEST:
        return
    slowest = sorted(proofs, key=_seconds, reverse=True)[:_N_SLOWEST]
    named = ", ".join(f"{proof.task_id} {_seconds(proof):.0f} s" for proof in slowest)
    n_plays = sum(len(proof.plays) for proof in proofs)
    total_s = sum(map(_seconds, proofs))
    yield Text(f"{n_plays} plays of {total_s / 60:.1f} min in all; the slowest tasks: {named}")


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
    has_record = any(play.record is not None for play in proof.plays.values())
    return f"{_seconds(proof):.1f} s" if has_record else "–"


def _seconds(proof: TaskProof) -> float:
    return sum(play.record.wall_s for play in proof.plays.values() if play.record is not None)
