"""What a worker does for its agent besides playing: it passes on what is logged, and closes it."""

import logging
import os
from pathlib import Path

import pytest

from riosim.action import Finish
from riosim.agent import Decision
from tests.support.command import riosim
from tests.support.small_tasks import ASKED, write_tasks

FAKE = "riosim.testing.fakes:FakeSandbox"
HOSTILE = "\x1b[2J[red]hello[/red]"


class ClosingAgent:
    """Logs at every reset and writes a line when it is closed."""

    def __init__(self, *, path: str, fails: bool = False) -> None:
        self.path = Path(path)
        self.fails = fails
        self.n_played = 0

    def reset(self, instruction: str, *, seed: int) -> None:
        self.n_played += 1
        logging.getLogger("somebody").warning("seed %s %s", seed, HOSTILE)
        logging.getLogger("somebody").info("nobody needs to know")
        logging.getLogger("somebody").warning("%d", "no number")  # a record that cannot be printed

    def act(self, observation) -> Decision:
        return Decision(Finish())

    def close(self) -> None:
        with self.path.open("a") as file:
            file.write(f"{os.getpid()} closed after {self.n_played}\n")
        if self.fails:
            raise ValueError("it cannot be closed")


def run(tmp_path, *more):
    return riosim(
        "run", "--agent", "tests.integration.runner.test_agent_hooks:ClosingAgent", "-A",
        f"path={tmp_path / 'closed'}", "--sandbox", FAKE,
        "--tasks-dir", write_tasks(tmp_path / "t"), "--no-own-tasks", "--no-twins",
        "--task", ASKED, "--out", tmp_path / "runs", *more,
    )  # fmt: skip


@pytest.mark.parametrize("n_workers", [1, 2])
def test_each_worker_closes_its_agent_once_after_its_last_episode(tmp_path, n_workers):
    assert run(tmp_path, "--seeds", "4", "-n", n_workers).code == 0
    lines = (tmp_path / "closed").read_text().splitlines()
    assert len({line.split()[0] for line in lines}) == len(lines) == n_workers
    assert sum(int(line.split()[-1]) for line in lines) == 4


def test_what_is_logged_as_a_warning_is_shown_as_text_with_its_worker(tmp_path):
    said = run(tmp_path, "--seeds", "2")
    lines = said.err.splitlines()
    assert "worker 1: seed 0 �[2J[red]hello[/red]" in lines
    assert "worker 1: seed 1 �[2J[red]hello[/red]" in lines
    assert "worker 1: somebody logged something that cannot be put into words" in lines
    assert "\x1b[2J" not in said.err
    assert "nobody needs to know" not in said.err
    assert "worker" not in said.out


def test_an_agent_that_cannot_be_closed_spoils_nothing_and_says_so(tmp_path, capfd):
    assert run(tmp_path, "-A", "fails=true").code == 0
    said = capfd.readouterr().err  # of the worker itself: the runner has stopped listening
    assert "The agent could not be closed: ValueError: it cannot be closed" in said
    assert "Traceback" not in said
