"""The table of proofs names the slowest tasks once there are many."""

from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from rich.console import Console

from riosim.proof import PlayResult, TaskProof
from riosim.record import EpisodeRecord
from riosim.report.proof import proofs_view


def proof(task_id: str, *seconds: float) -> TaskProof:
    plays: dict[Any, PlayResult] = {}
    for name, wall_s in zip(("safe", "unsafe", "noop"), seconds, strict=False):
        record = cast("EpisodeRecord", SimpleNamespace(wall_s=wall_s))  # all that the table reads
        plays[name] = PlayResult(name, Path(name), record, ())
    return TaskProof(task_id, plays)


def shown(proofs: list[TaskProof]) -> str:
    out = StringIO()
    Console(file=out, width=2_000).print(proofs_view(proofs))
    return out.getvalue()


def test_the_ten_slowest_of_many_are_named_with_the_time_of_all():
    proofs = [proof(f"os/task-{n:02}", float(n), float(n)) for n in range(30)]
    line = next(one for one in shown(proofs).splitlines() if "slowest" in one)
    assert line.startswith("60 plays of 14.5 min in all; the slowest tasks: os/task-29 58 s, ")
    assert line.rstrip().endswith("os/task-20 40 s")


def test_of_a_few_the_table_says_enough():
    assert "slowest" not in shown([proof("os/task-01", 1.0)] * 20)
