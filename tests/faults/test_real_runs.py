"""Runs on real machines that something stops: nothing is left, nothing finished is lost.

Each ends in a sentence that says what to do, and is gone on with by `riosim run --resume`.
"""

import os
import signal
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from riosim.errors import SandboxUnavailableError
from riosim.record import EpisodeRecord
from riosim.runner.store import RunStore
from riosim_envs import docker_sandbox
from riosim_envs.docker_sandbox import DockerSandbox
from riosim_envs.engine import Engine
from riosim_envs.prune import prune
from tests.support.command import ROOT, riosim, start, wait_for
from tests.support.engine_proxy import EngineProxy
from tests.support.slots import counts

pytestmark = [pytest.mark.docker, pytest.mark.slow]

AGENTS = "tests.support.vandals:"


@dataclass(frozen=True)
class RealRun:
    """A run of one small task on real machines, with folders of its own."""

    id: str
    folder: Path
    engine: Engine

    @property
    def runs(self) -> Path:
        return self.folder / "runs"

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger"

    @property
    def n_begun(self) -> int:
        return len(self.ledger.read_text().splitlines()) if self.ledger.exists() else 0

    @property
    def store(self) -> RunStore:
        return RunStore(self.runs / self.id)

    @property
    def records(self) -> list[EpisodeRecord]:
        return list(self.store.records())

    def options(self, agent: str, *more: object) -> list[object]:
        return [
            *("run", "--agent", AGENTS + agent, "-A", f"ledger={self.ledger}"),
            *("--sandbox", "docker", "-S", "slots=1", "--id", self.id, "--out", self.runs),
            *("--tasks-dir", ROOT / "tests/e2e/tasks", "--no-own-tasks"),
            *("--task", "note_attack/tidy-up", "--no-twins", "--no-tree", "--no-frames", *more),
        ]

    def resume(self) -> Any:
        return riosim("run", "--resume", self.id, "--out", self.runs, "--json")

    def leaves_nothing(self) -> bool:
        """Whether no container, network, volume or temporary folder of the run is there."""
        return counts(self.engine, self.id) == (0, 0, 0) and not list(self.scratch.iterdir())


@pytest.fixture
def run(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealRun]:
    made = RealRun(f"test-{uuid.uuid4().hex[:8]}", tmp_path, engine)
    made.scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(made.scratch))
    yield made
    prune(engine, run_id=made.id, even_alive=True)


def test_a_desktop_killed_from_outside_is_played_again_and_in_no_rate(run: RealRun) -> None:
    options = run.options("KilledFromOutside", "-A", f"run_id={run.id}", "--json")
    first = riosim(*options, "--attempts", "1")
    assert first.code == 3, first.err
    (broken,) = run.records
    assert broken.ending == "broken"
    assert "killed_from_outside" in broken.reason
    total = next(row for row in first.json["rows"] if row["kind"] == "total")
    assert total["n_broken"] == 1
    assert {cell["n"] for cell in total["rates"].values()} == {0}
    assert run.leaves_nothing()


def test_an_episode_that_broke_is_tried_again_at_once(run: RealRun) -> None:
    said = riosim(*run.options("KilledFromOutside", "-A", f"run_id={run.id}"))
    assert said.code == 0, said.err
    (record,) = run.records
    assert (record.ending, record.attempt) == ("finished", 2)
    assert len(run.store.attempts(record.episode_id)) == 1
    assert run.leaves_nothing()


MOMENTS = {
    "before the first episode": lambda run: run.store.exists,
    "while machines are made": lambda run: counts(run.engine, run.id)[0] > 0,
    "while an episode runs": lambda run: run.n_begun == 2,
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_leaves_nothing_and_the_run_is_gone_on_with(run: RealRun, moment: str) -> None:
    options = run.options("Lingering", "-A", "count=2", "--seeds", "2")
    with start(*options) as runner:
        wait_for(lambda: MOMENTS[moment](run), timeout_s=180.0)
        os.killpg(runner.pid, signal.SIGINT)
        _, err = runner.communicate(timeout=180)
    assert runner.returncode == 130, err
    assert f"riosim run --resume {run.store.path}" in " ".join(err.split())
    assert "Traceback" not in err
    assert run.leaves_nothing()
    kept = [record.episode_id for record in run.records]
    assert len(kept) == (moment == "while an episode runs")
    run.ledger.write_text("begun\n" * 2)
    said = run.resume()
    assert said.code == 0, said.err
    assert said.json["left"] == 0
    assert [record.ending for record in run.records] == ["finished"] * 2
    assert run.n_begun == 4 - len(kept)
    assert run.leaves_nothing()


def test_a_full_disk_ends_in_a_sentence_and_loses_nothing(run: RealRun) -> None:
    with start(*run.options("Lingering", "-A", "count=0", "--frames"), max_file_kb=16) as runner:
        _, err = runner.communicate(timeout=180)
    assert runner.returncode == 2, err
    said = " ".join(err.split())
    assert "cannot be written" in said
    assert f"riosim run --resume {run.store.path}" in said
    assert "Traceback" not in err
    assert run.leaves_nothing()
    resumed = run.resume()
    assert resumed.code == 0, resumed.err
    assert [record.ending for record in run.records] == ["finished"]


def test_no_engine_at_all_is_told_before_anything_is_begun(
    run: RealRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{run.folder / 'nothing.sock'}")
    said = riosim(*run.options("Lingering"))
    assert said.code == 2
    assert "No Docker engine answers" in " ".join(said.err.split())
    assert "Traceback" not in said.err


def test_an_engine_that_dies_loses_only_what_was_running(
    run: RealRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EngineProxy(run.folder / "engine.sock") as proxy:
        monkeypatch.setenv("DOCKER_HOST", proxy.address)
        options = run.options("Lingering", "-A", "count=2", "--seeds", "2", "--attempts", "1")
        with start(*options) as runner:
            wait_for(lambda: run.n_begun == 2, timeout_s=180.0)
            proxy.shut()
            _, err = runner.communicate(timeout=180)
    monkeypatch.delenv("DOCKER_HOST")
    assert runner.returncode in (2, 3), err
    assert "engine" in err
    assert "Traceback" not in err
    endings = sorted(record.ending for record in run.records)
    assert endings in (["finished"], ["broken", "finished"])
    prune(run.engine, run_id=run.id)
    assert run.leaves_nothing()


def test_a_missing_image_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_sandbox, "image_tag", lambda name: f"riosim/{name}:not-built")
    with (
        pytest.raises(SandboxUnavailableError, match=r"Build it with `riosim image build`"),
        DockerSandbox(),
    ):
        pass
    assert "run `riosim image build`" in (DockerSandbox.why_not() or "")
