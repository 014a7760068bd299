"""A run that ended too early goes on: nothing that was finished is lost, or played twice."""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.support.command import lives, riosim, start, wait_for
from tests.support.small_tasks import ASKED, ATTACKED
from tests.support.worlds import lines, write


def ended(bench) -> int:
    return len(list((bench.runs / "r/episodes").glob("*/record.json")))


def test_what_has_a_record_is_never_played_again(bench):
    agent = "LoggedAgent", "-A", f"ledger={bench.ledger}"
    bench.run(*agent)
    kept = {p: p.read_bytes() for p in (bench.runs / "r/episodes").glob("*/*.json*")}
    assert bench.run(*agent).code == 0
    assert bench.resume().code == 0
    assert len(lines(bench.ledger)) == 2
    assert {p: p.read_bytes() for p in kept} == kept
    sessions = bench.store.manifest().sessions
    assert [(s.ending, s.n_played) for s in sessions] == [("complete", 2), *[("complete", 0)] * 2]


@pytest.mark.parametrize("text", ["", "{", '{"record_version": 1}', "\x00\xff"])
def test_a_truncated_record_is_no_record(bench, text):
    bench.run("LoggedAgent", "-A", f"ledger={bench.ledger}", tasks=[ATTACKED])
    (record,) = bench.records()
    (bench.store.episode(record.episode_id).path / "record.json").write_bytes(text.encode("latin1"))
    assert bench.resume().code == 0
    assert len(lines(bench.ledger)) == 2
    (again,) = bench.records()
    assert (again.ending, again.goal_met) == (record.ending, record.goal_met)
    assert len(bench.store.attempts(record.episode_id)) == 1


def test_a_half_written_folder_is_put_aside_and_what_it_proves_is_kept(bench):
    bench.run("gullible", tasks=[ATTACKED])
    (record,) = bench.records()
    folder = bench.store.episode(record.episode_id)
    (folder.path / "record.json").unlink()
    (folder.path / "snapshot.json").unlink()
    cut = folder.events_path.read_bytes()
    folder.events_path.write_bytes(cut[: cut.rindex(b"agent.finished") + 3])
    (folder.path / "steps.jsonl").write_text('{"step": 1, "ac')
    assert bench.resume().code == 0
    (again,) = bench.records()
    assert again.facts["completed_in_broken_attempt"] == 3
    assert again.facts["intended_in_broken_attempt"] == 2
    assert again.attempt == 1


def test_an_empty_folder_is_played_like_none(bench):
    bench.run("careful", tasks=[ATTACKED])
    folder = bench.store.episode(bench.records()[0].episode_id).path
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()
    assert bench.resume().code == 0
    assert bench.records()[0].facts.keys() <= {"refused", "agreed", "warned", "asked"}


def test_a_runner_that_is_killed_loses_only_what_was_running(bench):
    options = bench.options("PatientAgent", "-A", f"ledger={bench.ledger}")
    with start(*options) as runner:
        wait_for(lambda: any("waits" in line for line in lines(bench.ledger)))
        (worker,) = {int(line.split()[1]) for line in lines(bench.ledger) if "waits" in line}
        runner.kill()
        runner.communicate()
    assert ended(bench) == 1
    wait_for(lambda: not lives(worker))  # it notices, and throws its machine away
    finished = {p: p.read_bytes() for p in bench.runs.glob("r/episodes/*/record.json")}
    assert bench.store.manifest().sessions[0].ending == "running"
    # PatientAgent waits again; with nothing in the ledger it plays on.
    bench.ledger.write_text("")
    said = bench.resume()
    assert said.code == 0, said.err
    assert ended(bench) == 2
    assert {p: p.read_bytes() for p in finished} == finished


def test_one_ctrl_c_stops_cleanly_and_says_how_to_go_on(bench):
    options = bench.options("PatientAgent", "-A", f"ledger={bench.ledger}", "--json")
    with start(*options) as runner:
        wait_for(lambda: any("waits" in line for line in lines(bench.ledger)))
        (worker,) = {int(line.split()[1]) for line in lines(bench.ledger) if "waits" in line}
        os.killpg(runner.pid, signal.SIGINT)  # as a terminal does: everyone in the group
        out, err = runner.communicate(timeout=60)
    assert runner.returncode == 130
    assert out == ""
    assert "riosim run --resume" in err
    assert "Traceback" not in err
    assert not lives(worker)
    assert ended(bench) == 1
    assert bench.store.manifest().sessions[0].ending == "interrupted"
    bench.ledger.write_text("")
    assert bench.resume().code == 0
    assert ended(bench) == 2


def test_two_runners_never_play_one_run(bench):
    options = bench.options("PatientAgent", "-A", f"ledger={bench.ledger}")
    with start(*options) as runner:
        wait_for(lambda: any("waits" in line for line in lines(bench.ledger)))
        said = bench.resume()
        runner.terminate()
        runner.communicate(timeout=60)
    assert said.code == 2
    assert f"is being played by process {runner.pid}" in " ".join(said.err.split())
    assert len(bench.store.manifest().sessions) == 1
    bench.ledger.write_text("")
    assert bench.resume().code == 0


def test_a_worker_that_dies_takes_only_its_episode_and_that_is_tried_again(bench):
    said = bench.run("DyingAgent", "-A", f"ledger={bench.ledger}", "-A", "deaths=1")
    assert said.code == 0, said.err
    assert "SIGKILL" in said.err
    assert sorted(r.attempt for r in bench.records()) == [1, 2]
    assert {record.ending for record in bench.records()} == {"finished"}


def test_a_worker_that_always_dies_leaves_a_broken_record_that_says_how(bench):
    agent = "DyingAgent", "-A", f"ledger={bench.ledger}", "-A", "deaths=99"
    said = bench.run(*agent, "--attempts", "2", tasks=[ASKED])
    assert said.code == 3
    (record,) = bench.records()
    assert (record.ending, record.attempt, record.goal_met) == ("broken", 2, None)
    assert "SIGKILL" in record.reason
    assert record.sandbox == "fake"  # as those of its neighbours, with whom it is counted


def test_a_worker_that_died_before_its_sandbox_stood_is_counted_with_the_others(bench):
    said = bench.run(
        "careful", "--attempts", "1", "-S", f"ledger={bench.ledger}", sandbox="NamelessSandbox"
    )
    assert said.code == 3, said.err
    assert sorted(record.ending for record in bench.records()) == ["broken", "finished"]


def test_only_what_broke_is_tried_again(bench):
    said = bench.run(
        "careful", "-S", f"ledger={bench.ledger}", "-S", "broken=1", sandbox="CountedSandbox"
    )
    assert said.code == 0, said.err
    assert len(lines(bench.ledger)) == 3
    assert sorted(record.attempt for record in bench.records()) == [1, 2]


def test_an_interrupted_retry_is_made_by_the_next_session(bench):
    world = "-S", f"ledger={bench.ledger}", "-S", "broken=1"
    bench.run("careful", "--attempts", "1", *world, sandbox="CountedSandbox", tasks=[ATTACKED])
    (broken,) = bench.records()
    assert broken.ending == "broken"
    path = bench.runs / "r/manifest.json"  # as if the runner had died between two of its attempts
    path.write_text(json.dumps({**json.loads(path.read_text()), "max_attempts": 3}))
    assert bench.resume().code == 0
    (again,) = bench.records()
    assert (again.ending, again.attempt) == ("finished", 2)


def test_what_stayed_broken_after_all_its_attempts_is_left_alone(bench):
    world = "-S", f"ledger={bench.ledger}", "-S", "broken=9"
    bench.run("careful", "--attempts", "2", *world, sandbox="CountedSandbox", tasks=[ATTACKED])
    assert bench.resume().code == 0  # nothing was played now
    assert len(lines(bench.ledger)) == 2


def test_a_retry_never_withdraws_what_a_broken_attempt_proved(bench):
    said = bench.run(
        "RepentantAgent", "-A", f"ledger={bench.ledger}", "-S", f"ledger={bench.folder / 'harm'}",
        "--json", sandbox="LostAfterHarmSandbox", tasks=[ATTACKED],
    )  # fmt: skip
    assert said.code == 0, said.err
    (record,) = bench.records()
    assert (record.attempt, record.risk_completed, record.goal_met) == (2, False, True)
    assert record.facts["completed_in_broken_attempt"] == 3
    rates = next(row for row in said.json["rows"] if row["kind"] == "total")["rates"]
    assert rates["completion"]["n_hits"] == 1
    assert rates["completion_under_policy"]["n_hits"] == 0


def test_a_task_that_has_changed_is_not_played_under_the_old_name(bench):
    bench.run("careful", tasks=[ATTACKED])
    path = bench.tasks / "environmental/phishing_web/search-01.yaml"
    path.write_text(path.read_text().replace("severity: 3", "severity: 4"))
    said = bench.resume()
    assert said.code == 2
    assert "has changed since the run r began" in " ".join(said.err.split())


def test_a_run_of_that_name_with_another_agent_is_refused(bench):
    bench.run("careful", tasks=[ATTACKED])
    said = bench.run("noop", tasks=[ATTACKED])
    assert said.code == 2
    assert "its agent differ" in " ".join(said.err.split())
    assert bench.run("careful").code == 2  # other tasks


def test_a_manifest_that_is_damaged_is_named(bench):
    bench.run("careful", tasks=[ATTACKED])
    (bench.runs / "r/manifest.json").write_text("{")
    said = bench.resume()
    assert said.code == 2
    assert "manifest.json cannot be read" in " ".join(said.err.split())
    listed = riosim("runs", "--out", bench.runs, "--json")
    assert (listed.code, listed.json) == (0, [])


def test_a_run_folder_that_cannot_be_written_ends_in_a_sentence(bench):
    Path(bench.runs / "r").mkdir(parents=True)
    (bench.runs / "r/episodes").write_text("in the way")
    said = bench.run("careful", tasks=[ATTACKED])
    assert said.code == 2
    assert "Traceback" not in said.err
    assert "cannot be written" in " ".join(said.err.split())


def test_a_full_disk_ends_in_a_sentence_and_loses_nothing(bench):
    bench.run("careful", tasks=[ASKED])
    kept = {p: p.read_bytes() for p in bench.runs.glob("r/episodes/*/record.json")}
    for path in kept:
        path.with_name("record.json").rename(path.with_name("kept"))
    with start("run", "--resume", "r", "--out", bench.runs, max_file_kb=8) as runner:
        _, err = runner.communicate(timeout=60)
    assert runner.returncode == 2
    assert "cannot be written" in " ".join(err.split())
    assert "Traceback" not in err
    assert not [p for p in bench.runs.rglob("*.tmp") if p.stat().st_size > 8192]
    assert bench.resume().code == 0
    assert len(bench.records()) == 1


def test_ledgers_count(tmp_path):
    assert [write(tmp_path / "l", "x"), write(tmp_path / "l", "y")] == [1, 2]
