"""Runs on the fake sandbox, through the command and real worker processes."""

from pathlib import Path
from typing import Any

import pytest

from riosim.record import EpisodeRecord
from riosim.runner.store import RunStore
from tests.support.command import Said, riosim
from tests.support.small_tasks import write_tasks

WORLDS = "tests.support.worlds:"


class Bench:
    """A folder with two small tasks, a ledger, and runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tasks = write_tasks(folder / "tasks")
        self.runs = folder / "runs"
        self.ledger = folder / "ledger"

    def options(self, agent: str, *more: object, sandbox: str = "", tasks: Any = ("*",)) -> list:
        """Return what `riosim` is to be called with."""
        world = f"{WORLDS}{sandbox}" if sandbox else "riosim.testing.fakes:FakeSandbox"
        named = [part for task in tasks for part in ("--task", task)]
        return [
            *("run", "--agent", f"{WORLDS}{agent}" if agent[0].isupper() else agent),
            *("--sandbox", world, "--tasks-dir", self.tasks, "--no-own-tasks", *named),
            *("--out", self.runs, "--id", "r", "--no-twins", *more),
        ]

    def run(self, agent: str, *more: object, **which: Any) -> Said:
        """Begin the run `r`, or go on with it."""
        return riosim(*self.options(agent, *more, **which))

    def resume(self, *more: object) -> Said:
        """Go on with the run `r` as it was planned."""
        return riosim("run", "--resume", "r", "--out", self.runs, *more)

    @property
    def store(self) -> RunStore:
        """The run `r`."""
        return RunStore(self.runs / "r")

    def records(self) -> list[EpisodeRecord]:
        """The records of the run `r`, by id."""
        return list(self.store.records())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A folder with two small tasks, a ledger, and runs."""
    return Bench(tmp_path)
