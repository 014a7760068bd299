"""`riosim run`: what it prints where, and the status it ends with."""

import json
import re

import pytest

from tests.support.command import riosim, start
from tests.support.small_tasks import ASKED, ATTACKED
from tests.support.worlds import lines


def test_harm_is_a_finding_and_stdout_is_the_result_alone(bench):
    said = bench.run("gullible", "--twins", "--json", "-n", "2")
    assert said.code == 0
    assert said.json["left"] == 0
    rates = {row["label"]: row["rates"] for row in said.json["rows"]}["total"]
    assert (rates["completion"]["n_hits"], rates["completion"]["n"]) == (2, 2)
    assert (rates["utility"]["n_hits"], rates["utility"]["n"]) == (2, 2)
    assert "[4/4]" in said.err
    assert ATTACKED.replace("/", "-") in said.err


def test_what_an_agent_prints_stays_off_the_result(bench):
    with start(*bench.options("ChattyAgent", "--json", tasks=[ATTACKED])) as runner:
        out, err = runner.communicate(timeout=60)
    assert runner.returncode == 0, err
    assert json.loads(out)["left"] == 0
    assert "thinking …" in err


def test_without_json_the_table_goes_to_stdout(bench):
    said = bench.run("careful")
    assert said.code == 0
    assert "intention" in said.out.lower()
    assert "[1/2]" not in said.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere"], "No run is at 'nowhere'"),
        (["r", "--task", "*"], "leave out --task."),
        (["r", "--seed", "0", "--no-twins"], "leave out --seed, --twins."),
        (["r", "--no-frames", "-n", "2", "-A", "patience=3"], "leave out --frames."),
    ],
)
def test_a_run_that_is_gone_on_with_takes_nothing_that_was_planned(bench, arguments, sentence):
    said = riosim("run", "--resume", *arguments, "--out", bench.runs)
    assert said.code == 2
    assert sentence in " ".join(said.err.split())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--agent", "carefull", "--task", "*"], "Did you mean 'careful'"),
        (["--agent", "careful"], "Name tasks"),
        (["--task", "*"], "Name an agent"),
        (["--agent", "careful", "--task", "phishing_web/serch-01"], "phishing_web/search-01"),
        (["--agent", "careful", "--task", "*", "--id", "../up"], "cannot name a run"),
        (["--agent", "careful", "--task", "*", "-A", "patience"], "key=value"),
        (["--agent", "careful", "--task", "*", "-A", "speed=3"], "patience"),
        (["--agent", "no.such:Agent", "--task", "*"], "module:Class"),
    ],
)
def test_what_the_user_can_fix_ends_with_2_and_one_sentence(bench, arguments, sentence):
    said = riosim(
        "run", *arguments, "--tasks-dir", bench.tasks, "--no-own-tasks", "--out", bench.runs,
        "--sandbox", "riosim.testing.fakes:FakeSandbox",
    )  # fmt: skip
    assert said.code == 2
    assert sentence in " ".join(said.err.split())
    assert "Traceback" not in said.err
    assert said.out == ""


def test_an_agent_of_ones_own_is_found_in_the_folder_that_one_stands_in(bench, monkeypatch):
    own = bench.folder / "own_agent_of_this_test.py"
    own.write_text("from riosim_agents.scripted import CarefulAgent as Own\n")
    monkeypatch.chdir(bench.folder)
    said = riosim(
        "run", "--agent", "own_agent_of_this_test:Own", "--tasks-dir", bench.tasks, "--task", ASKED,
        "--sandbox", "riosim.testing.fakes:FakeSandbox", "--out", bench.runs, "--no-twins",
    )  # fmt: skip
    assert said.code == 0, said.err


def test_a_sandbox_that_cannot_work_here_ends_with_2_and_says_how_it_could(bench):
    said = bench.run("careful", sandbox="AbsentSandbox")
    assert said.code == 2
    assert "Start one." in said.err


def test_an_agent_that_cannot_be_made_is_no_broken_world(bench):
    said = bench.run("UnmakableAgent")
    assert said.code == 2
    assert "nothing listens on port 8000" in said.err
    assert bench.records() == []


def test_a_task_that_the_sandbox_has_no_screen_for_is_skipped_by_name(bench):
    chore = bench.tasks / "chores/archive/search.yaml"
    task = bench.tasks / "environmental/phishing_web/search-01.yaml"
    for path in (chore, task):
        path.write_text(path.read_text().replace("surface: browser", "surface: desktop"))
    said = bench.run("gullible", sandbox="BrowserOnlySandbox")
    assert said.code == 0
    assert f"skipped {ATTACKED}: needs a desktop" in said.err
    assert [record.task_id for record in bench.records()] == [ASKED]
    said = bench.run("gullible", sandbox="BrowserOnlySandbox", tasks=[ATTACKED])
    assert said.code == 2


def test_episodes_that_stay_broken_end_it_with_3(bench):
    said = bench.run(
        "gullible", "--attempts", "2", "-S", f"ledger={bench.ledger}", "-S", "broken=9", "--json",
        sandbox="CountedSandbox", tasks=[ATTACKED],
    )  # fmt: skip
    assert said.code == 3
    assert len(lines(bench.ledger)) == 2
    total = next(row for row in said.json["rows"] if row["kind"] == "total")
    assert total["n_broken"] == 1
    assert total["rates"]["completion"]["rate"] is None
    assert total["rates"]["completion"]["bounds"] == [0.0, 1.0]


def test_seeds_and_repetitions_make_episodes_of_their_own(bench):
    bench.run("noop", "--seeds", "2", "--seed", "5", "--repeat", "2", "--max-steps", "1")
    played = sorted((r.task_id, r.seed) for r in bench.records())
    assert played == [(task, seed) for task in (ATTACKED, ASKED) for seed in (5, 5, 6, 6)]
    assert {record.n_steps for record in bench.records()} == {1}


def test_no_secret_is_written_down_or_printed(bench):
    key = "sk-only-for-this-test"
    said = bench.run("KeyedAgent", "-A", f"api_key={key}", "-A", "temperature=0.5")
    assert said.code == 0, said.err
    assert key not in said.out + said.err
    for path in bench.runs.rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes(), path
    manifest = json.loads((bench.runs / "r/manifest.json").read_text())
    assert "temperature=0.5" in manifest["sessions"][0]["command_line"]
    assert manifest["agent"]["settings"] == {"api_key": "(hidden)", "temperature": 0.5}


def test_a_secret_must_be_given_again_and_nothing_else(bench):
    key = "-A", "api_key=sk-only-for-this-test"
    bench.run("KeyedAgent", *key)
    lost = next((bench.runs / "r/episodes").iterdir())
    (lost / "record.json").unlink()
    refused = bench.resume()
    assert refused.code == 2
    assert "-A api_key=…" in refused.err
    assert bench.resume(*key, "-A", "temperature=1.0").code == 2
    assert bench.resume(*key).code == 0
    assert len(bench.records()) == 2


def test_control_characters_of_a_task_reach_no_terminal(bench):
    path = bench.tasks / "user/social_media/post-01.yaml"
    path.write_text(path.read_text().replace("goal: a cruel", 'goal: "\\e[2J a cruel').replace(
        "stands in the forum\n", 'stands in the forum"\n'
    ))  # fmt: skip
    said = bench.run("gullible")
    assert said.code == 0, said.err
    assert not re.search(r"\x1b\[2J", said.out + said.err)
