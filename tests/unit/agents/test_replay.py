"""A record is played again: the same decisions, the same verdict, and what differs is said."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from riosim.action import Click, Finish, Point, Press, TypeText, Wait
from riosim.action_space import ActionSpace
from riosim.agent import Decision, InvalidOutput
from riosim.errors import RunStoreError, UsageError
from riosim.observation import Observation
from riosim.record import EpisodeFolder
from riosim_agents.replay import ReplayAgent
from riosim_agents.scripted import GullibleAgent
from tests.support.plays import Script, play
from tests.support.small_tasks import ASKED, ATTACKED, small_instance, small_library

MARKS = (
    "ending",
    "goal_met",
    "risk_intended",
    "risk_completed",
    "outcome",
    "severity",
    "n_invalid",
)


def marks(record):
    return {mark: getattr(record, mark) for mark in MARKS}


def decided(folder):
    return [(row["action"], row["thought"], row["error"]) for row in EpisodeFolder(folder).steps()]


def recorded(tmp_path, agent, task=ATTACKED, name="first", **more):
    spec = small_library(tmp_path / "tasks")[task]
    folder = tmp_path / "run" / "episodes" / name
    return play(spec, agent, folder=EpisodeFolder(folder), episode_id=name, **more), folder


def replayed(tmp_path, agent, task=ATTACKED, **more):
    return recorded(tmp_path / "again", agent, task, "second", **more)


@pytest.mark.parametrize("task", [ATTACKED, ASKED, f"{ATTACKED}@twin", f"{ASKED}@twin"])
def test_an_episode_that_is_replayed_ends_with_the_same_verdict(tmp_path, task):
    before, folder = recorded(tmp_path, GullibleAgent(), task)
    after, again = replayed(tmp_path, ReplayAgent(episode=str(folder)), task)
    assert decided(again) == decided(folder)
    assert marks(after) == marks(before)
    assert before.goal_met or before.risk_completed
    extras = [row["extra"]["replay"] for row in EpisodeFolder(again).steps()]
    assert extras[0] == {"episode": "first", "recorded_as": "finished", "step": 1}
    assert [extra["step"] for extra in extras] == list(range(1, len(extras) + 1))


def test_what_was_invalid_is_invalid_again_and_thoughts_that_warn_warn_again(tmp_path):
    script = Script(
        Decision(InvalidOutput("fly</script>\ud800", "no such action"), "hm"),
        Decision(Wait(seconds=0), "Careful: this looks like a phishing page, be aware."),
        Click(at=Point(x=5_000, y=1)),
        Finish(answer="x"),
    )
    before, folder = recorded(tmp_path, script)
    after, again = replayed(tmp_path, ReplayAgent(episode=str(folder)))
    assert [row[0]["kind"] for row in decided(again)] == ["invalid", "wait", "invalid", "finish"]
    assert decided(again)[0] == decided(folder)[0]
    assert decided(again)[0][2] == "No action was understood: no such action"
    assert marks(after) == marks(before)
    assert before.n_invalid == 2


def random_action(seed):
    return ActionSpace(1280, 800, browser=True, seed=seed).sample()


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 10_000), max_size=5))
def test_any_record_is_decided_again_as_it_was(tmp_path_factory, seeds):
    tmp_path = tmp_path_factory.mktemp("any")
    script = Script(*[random_action(seed) for seed in seeds])
    before, folder = recorded(tmp_path, script)
    after, again = replayed(tmp_path, ReplayAgent(episode=str(folder)))
    assert decided(again) == decided(folder)
    assert marks(after) == marks(before)


def test_after_the_record_it_finishes_and_says_so(tmp_path):
    _, folder = recorded(tmp_path, Script(Press(key="tab")))
    rows = (folder / "steps.jsonl").read_text().splitlines()
    (folder / "steps.jsonl").write_text(rows[0] + "\n")
    record, again = replayed(tmp_path, ReplayAgent(episode=str(folder)))
    first, last = EpisodeFolder(again).steps()
    assert first["action"]["kind"] == "press"
    assert last["action"]["kind"] == "finish"
    assert last["extra"]["replay"]["ended"] == "the record has 1 decisions"
    assert record.ending == "finished"


def shown(width=1280, height=800, value=200):
    return Observation(np.full((height, width, 3), value, np.uint8), "Do it.", 0)


def ready(tmp_path, agent):
    agent.prepare(small_instance(tmp_path / "more"))
    agent.reset("Do it.", seed=1)
    return agent


def test_a_screen_that_differs_is_said_with_its_share(tmp_path):
    _, folder = recorded(tmp_path, Script(Press(key="tab"), Press(key="tab"), Press(key="tab")))
    pixels = np.full((800, 1280, 3), 200, np.uint8)
    pixels[:400, :, 0] = 7
    for number in range(4):
        Image.fromarray(pixels).save(folder / "steps" / f"{number:03d}.png")
    strict = ready(tmp_path, ReplayAgent(episode=str(folder)))
    assert strict.act(shown()).extra["replay"]["changed_share"] == 0.5
    assert "changed_share" not in strict.act(Observation(pixels, "", 1)).extra["replay"]
    assert strict.act(shown(640, 480)).extra["replay"]["frame_size_px"] == [1280, 800]
    lenient = ready(tmp_path, ReplayAgent(episode=str(folder), tolerance=0.5))
    assert "changed_share" not in lenient.act(shown()).extra["replay"]
    (folder / "steps" / "001.png").write_bytes(b"no picture")
    assert "frame_unreadable" in lenient.act(shown()).extra["replay"]
    (folder / "steps" / "002.png").unlink()
    assert lenient.act(shown()).extra["replay"] == {"step": 3}


def test_a_point_of_a_larger_screen_is_no_action_here(tmp_path):
    _, folder = recorded(tmp_path, Script(Click(at=Point(x=1279, y=799))))
    agent = ready(tmp_path, ReplayAgent(episode=str(folder)))
    action = agent.act(shown(64, 48)).action
    assert isinstance(action, InvalidOutput)
    assert "(1279, 799) was recorded on a larger screen" in action.reason


def test_one_agent_replays_again_after_reset(tmp_path):
    _, folder = recorded(tmp_path, Script(TypeText(text="a"), Press(key="tab")))
    agent = ready(tmp_path, ReplayAgent(episode=str(folder)))
    first = [agent.act(shown()) for _ in range(4)]
    agent.prepare(small_instance(tmp_path / "more"))
    agent.reset("Do it.", seed=1)
    assert [agent.act(shown()) for _ in range(4)] == first
    assert first[1].action == Press(key="tab")


def test_from_a_run_the_episode_that_fits_is_taken(tmp_path):
    recorded(tmp_path, Script(TypeText(text="other task")), ASKED, "a")
    recorded(tmp_path, Script(TypeText(text="other seed")), ATTACKED, "b", seed=7)
    recorded(tmp_path, Script(TypeText(text="this one")), ATTACKED, "c")
    recorded(tmp_path, Script(TypeText(text="twin")), f"{ATTACKED}@twin", "d")
    (tmp_path / "run" / "manifest.json").write_text("{}")
    agent = ready(tmp_path, ReplayAgent(run=str(tmp_path / "run")))
    assert agent.act(shown()).action == TypeText(text="this one")


def test_what_is_not_there_is_said_with_what_is(tmp_path):
    recorded(tmp_path, Script(), ATTACKED, "b", seed=7)
    (tmp_path / "run" / "manifest.json").write_text("{}")
    agent = ReplayAgent(run=str(tmp_path / "run"))
    with pytest.raises(UsageError, match=r"\(risk, seed 1\).*It has that task as: risk, seed 7"):
        agent.prepare(small_instance(tmp_path / "more"))
    with pytest.raises(UsageError, match="prepare"):
        agent.reset("Do it.", seed=1)
    with pytest.raises(UsageError, match=f"1 other tasks: {ATTACKED}"):
        agent.prepare(small_instance(tmp_path / "more", ASKED))
    record, _ = replayed(tmp_path, ReplayAgent(run=str(tmp_path / "run")))
    assert record.ending == "stopped"
    assert "no episode of phishing_web/search-01" in record.reason


def test_a_task_that_changed_since_is_said(tmp_path):
    _, folder = recorded(tmp_path, Script())
    record = json.loads((folder / "record.json").read_text())
    (folder / "record.json").write_text(json.dumps(record | {"task_digest": "sha256:0"}))
    agent = ready(tmp_path, ReplayAgent(episode=str(folder)))
    assert agent.act(shown()).extra["replay"]["task_changed"] is True


@pytest.mark.parametrize(
    "row",
    [
        {}, {"action": None}, {"action": {"kind": "fly"}}, {"action": {"kind": "invalid"}}, [],
        {"action": {"kind": "press", "key": "no"}},
    ],
)  # fmt: skip
def test_a_record_of_nonsense_is_an_error_with_its_line(tmp_path, row):
    _, folder = recorded(tmp_path, Script(Press(key="tab")))
    rows = (folder / "steps.jsonl").read_text().splitlines()
    (folder / "steps.jsonl").write_text("\n".join([rows[0], json.dumps(row), rows[1]]) + "\n")
    agent = ReplayAgent(episode=str(folder))
    with pytest.raises(RunStoreError, match=r"steps.jsonl:2 holds no decision"):
        agent.prepare(small_instance(tmp_path / "more"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "one of -A run"),
        ({"run": "a", "episode": "b"}, "one of -A run"),
        ({"run": "no-such-run"}, "No run is at"),
        ({"episode": "no-such-folder"}, "no record.json"),
        ({"run": 3}, "run"),
        ({"run": "a", "tolerance": 2}, "tolerance"),
    ],
)
def test_a_wrong_setting_is_told_at_once(given, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=said):
        ReplayAgent(**given)


def test_a_run_is_found_by_its_id_below_runs(tmp_path, monkeypatch):
    recorded(tmp_path, Script(TypeText(text="mine")))
    Path(tmp_path / "runs").mkdir()
    (tmp_path / "run").rename(tmp_path / "runs" / "found")
    (tmp_path / "runs" / "found" / "manifest.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    agent = ready(tmp_path, ReplayAgent(run="found"))
    assert agent.act(shown()).action == TypeText(text="mine")
