"""Judging again: the same bytes from the same evidence, and never by other rules unless told."""

import json
import shutil
from typing import Any

import pytest

from riosim.episode import EpisodeSettings
from riosim.errors import RunStoreError, UsageError
from riosim.record import write_json
from riosim.rescore import rescore_episode, rescore_run
from riosim.runner.store import RunStore
from riosim.sandbox import Loss
from riosim.stats.table import rates_table
from riosim.task.library import TaskLibrary
from riosim.testing.fakes import FakeSandbox
from riosim_agents.scripted import CarefulAgent, GullibleAgent, NoopAgent
from tests.support.plays import Script, play
from tests.support.small_tasks import ASKED, ATTACKED, small_library
from tests.support.worlds import HostileAgent


def lost(*, by_agent):
    def lose(machine):
        machine.lost = Loss("gone", by_agent=by_agent)

    return FakeSandbox(on_start=lose)


PLAYS: dict[str, tuple[str, Any, Any]] = {
    "safe": (ATTACKED, CarefulAgent, FakeSandbox),
    "unsafe": (ATTACKED, GullibleAgent, FakeSandbox),
    "twin": (f"{ATTACKED}@twin", GullibleAgent, FakeSandbox),
    "noop": (ATTACKED, lambda: NoopAgent(0), FakeSandbox),
    "asked-safe": (ASKED, CarefulAgent, FakeSandbox),
    "asked-unsafe": (ASKED, GullibleAgent, FakeSandbox),
    "asked-twin": (f"{ASKED}@twin", GullibleAgent, FakeSandbox),
    "hostile": (ASKED, HostileAgent, FakeSandbox),
    "stopped": (ATTACKED, lambda: Script(lambda observation: 1 / 0), FakeSandbox),
    "destroyed": (ATTACKED, GullibleAgent, lambda: lost(by_agent=True)),
    "broken": (ATTACKED, GullibleAgent, lambda: lost(by_agent=False)),
}


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A run of every kind of ending, as the runner would leave it."""
    folder = tmp_path_factory.mktemp("original")
    library = small_library(folder / "tasks")
    store = RunStore(folder / "r")
    settings = EpisodeSettings(save_frames=False)
    for name, (task, agent, sandbox) in PLAYS.items():
        kept = store.clear(name)
        play(library[task], agent(), sandbox(), folder=kept, episode_id=name, settings=settings)
        store.seal(name)
    return folder


@pytest.fixture
def played(original, tmp_path):
    """The tasks and a copy of the run."""
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    return TaskLibrary([tmp_path / "tasks"]), RunStore(tmp_path / "r")


def content(store):
    return {p: p.read_bytes() for p in store.path.rglob("*") if p.is_file()}


def test_a_run_that_is_judged_again_gives_the_same_bytes(played):
    _, store = played
    before = content(store)
    result = rescore_run(store)
    assert (result.n_episodes, result.changes) == (len(PLAYS), [])
    for name in PLAYS:
        folder = store.episode(name)
        write_json(folder.path / "record.json", rescore_episode(store, folder))
    assert content(store) == before


def test_marks_that_somebody_edited_come_out_as_the_evidence_says(played):
    _, store = played
    path = store.episode("unsafe").path / "record.json"
    whole = path.read_bytes()
    data = json.loads(whole)
    data.update(risk_completed=False, outcome="ignored", severity=0, first_completion_step=None)
    path.write_text(json.dumps(data))
    edited = path.read_bytes()
    shown = rescore_run(store, write=False)
    assert {(c.field, c.before, c.after) for c in shown.changes} == {
        ("risk_completed", False, True),
        ("outcome", "ignored", "completed"),
        ("severity", 0, 3),
        ("first_completion_step", None, 3),
    }
    assert shown.n_changed == 1
    assert path.read_bytes() == edited  # a dry run writes nothing
    rescore_run(store)
    assert path.read_bytes() == whole


@pytest.mark.parametrize("name", ["task.json", "snapshot.json", "events.jsonl", "steps.jsonl"])
def test_evidence_that_was_edited_is_refused_by_name(played, name):
    _, store = played
    path = store.episode("safe").path / name
    path.write_bytes(path.read_bytes().replace(b"resnet", b"tesner") + b"\n")
    with pytest.raises(RunStoreError, match=name):
        rescore_run(store)
    path.unlink()
    with pytest.raises(RunStoreError, match=name):
        rescore_run(store)


def changed_library(tmp_path, played, old, new):
    path = tmp_path / "tasks/environmental/phishing_web/search-01.yaml"
    text = path.read_text().replace(old, new)
    library = small_library(tmp_path / "tasks", **{"environmental/phishing_web/search-01": text})
    return {key: library[key] for key in (ATTACKED, f"{ATTACKED}@twin", ASKED)}


def test_a_task_of_another_digest_is_refused_unless_told(tmp_path, played):
    _, store = played
    now = changed_library(tmp_path, played, "severity: 3", "severity: 4")
    before = content(store)
    with pytest.raises(UsageError, match="--current-rules") as refusal:
        rescore_run(store, now)
    assert ATTACKED in str(refusal.value)
    assert content(store) == before
    assert rescore_run(store, None).changes == []  # by the rules as they were


def test_todays_rules_show_what_they_change_and_keep_what_they_do_not(tmp_path, played):
    _, store = played
    now = changed_library(tmp_path, played, "severity: 3", "severity: 4")
    directory = FakeSandbox().directory()
    result = rescore_run(store, now, with_current_rules=True, directory=directory)
    fields = {(c.episode_id, c.field) for c in result.changes if c.field != "task_digest"}
    assert fields == {("unsafe", "severity")}
    digests = {c.episode_id for c in result.changes if c.field == "task_digest"}
    assert digests == set(PLAYS) - {"asked-safe", "asked-unsafe", "asked-twin", "hostile"}
    rates_table(store.records())  # those that broke, too: the run can still be counted
    record = store.episode("unsafe").record()
    assert (record.severity, record.task_digest) == (4, now[ATTACKED].digest)
    again = rescore_run(store, now, with_current_rules=True, directory=directory)
    assert again.changes == []
    assert rescore_run(store, now).changes == []  # they are the rules of the record now
    assert store.episode("unsafe").task().risk.severity == 3  # what was run stays what it was
    back = rescore_run(store, None)
    assert {(c.before, c.after) for c in back.changes if c.field == "severity"} == {(4, 3)}
    assert not list(store.path.rglob("rules.json"))


def test_rules_that_were_edited_are_refused(tmp_path, played):
    _, store = played
    now = changed_library(tmp_path, played, "severity: 3", "severity: 4")
    rescore_run(store, now, with_current_rules=True, directory=FakeSandbox().directory())
    path = store.episode("unsafe").path / "rules.json"
    path.write_text(path.read_text().replace('"severity": 4', '"severity": 1'))
    with pytest.raises(RunStoreError, match=r"rules\.json"):
        rescore_run(store, now)


def test_facts_of_broken_attempts_survive_being_judged_again(played):
    library, store = played
    store.episode("unsafe").path.joinpath("record.json").unlink()
    play(library[ATTACKED], CarefulAgent(), folder=store.clear("unsafe"), episode_id="unsafe")
    sealed = store.seal("unsafe")
    assert sealed.facts["completed_in_broken_attempt"] == 3
    assert rescore_run(store).changes == []
    assert store.episode("unsafe").record() == sealed


def test_an_episode_that_left_nothing_but_a_broken_record_is_left_alone(tmp_path, played):
    _, store = played
    record = store.episode("broken").record()
    folder = store.clear("broken")
    folder.create()
    write_json(folder.path / "record.json", record.model_copy(update={"files": {}}))
    assert rescore_run(store).changes == []
    now = changed_library(tmp_path, played, "severity: 3", "severity: 4")
    rescore_run(store, now, with_current_rules=True, directory=FakeSandbox().directory())
    rates_table(store.records())


def test_without_a_record_there_is_nothing_to_judge(tmp_path):
    assert rescore_run(RunStore(tmp_path / "none")).n_episodes == 0
