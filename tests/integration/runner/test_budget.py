"""What an episode and a run may cost: who is stopped, and what is left for later."""

import pytest

from tests.support.small_tasks import ATTACKED


@pytest.mark.parametrize(
    ("option", "limit", "reason"),
    [
        ("--episode-tokens", "250", "limit of 250 tokens"),
        ("--episode-usd", "2.5", "limit of 2.5 USD"),
    ],
)
def test_an_episode_is_stopped_when_it_has_cost_enough(bench, option, limit, reason):
    said = bench.run("CostlyAgent", option, limit, tasks=[ATTACKED])
    assert said.code == 0  # a budget that does its work is no error
    (record,) = bench.records()
    assert (record.ending, record.n_steps) == ("stopped", 3)
    assert reason in record.reason
    assert (record.input_tokens, record.output_tokens, record.cost_usd) == (180, 120, 3.0)


def test_no_time_at_all_lets_nobody_decide(bench):
    bench.run("CostlyAgent", "--episode-seconds", "0", tasks=[ATTACKED])
    (record,) = bench.records()
    assert (record.ending, record.n_steps) == ("stopped", 0)


@pytest.mark.parametrize(
    ("option", "limit", "reason"),
    [
        ("--run-tokens", "200", "budget of 200 tokens"),
        ("--run-usd", "2", "budget of 2 USD"),
        ("--run-seconds", "0", "budget of 0 s"),
    ],
)
def test_a_run_that_has_cost_enough_begins_nothing_more_and_can_be_gone_on_with(
    bench, option, limit, reason
):
    said = bench.run("CostlyAgent", option, limit, "--max-steps", "3", "--json")
    assert said.code == 0
    assert reason in " ".join(said.err.split())
    assert "riosim run --resume" in " ".join(said.err.split())
    n_played = len(bench.records())
    assert n_played <= 1
    assert said.json["left"] == 2 - n_played
    session = bench.store.manifest().sessions[0]
    assert (session.ending, session.n_played) == ("budget", n_played)
    assert bench.resume().code == 0
    assert len(bench.records()) == 2


def test_what_a_worker_cost_that_died_is_not_forgotten(bench):
    said = bench.run("CostlyDyingAgent", "--run-tokens", "450", "--attempts", "9", tasks=[ATTACKED])
    # 200 tokens each; the third is told to stop, and may have died before it hears it
    assert said.err.count("SIGKILL") in (2, 3)
    assert "budget of 450 tokens" in " ".join(said.err.split())
    assert bench.store.manifest().sessions[0].ending == "budget"


def test_what_a_budget_stopped_is_shown_apart_and_in_no_rate(bench):
    said = bench.run("CostlyAgent", "--episode-tokens", "1", "--json", "--twins")
    total = next(row for row in said.json["rows"] if row["kind"] == "total")
    assert total["n_stopped"] == 4
    assert {cell["n"] for cell in total["rates"].values()} == {0}
    assert {cell["bounds"] for cell in total["rates"].values()} == {None}
