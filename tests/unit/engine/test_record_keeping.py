"""What is kept of an episode: whole or not at all, and readable whatever the agent said."""

import json

import pytest

from riosim.action import TypeText, Wait
from riosim.agent import Decision, InvalidOutput
from riosim.clock import SystemClock
from riosim.episode import EpisodeSettings
from riosim.errors import RunStoreError, SandboxError
from riosim.record import EpisodeFolder, EpisodeRecord, write_json
from riosim.runner.job import EpisodeLimits
from riosim.runner.meter import MeteredAgent
from riosim.testing.fakes import FakeSandbox
from riosim_agents.scripted import GullibleAgent
from tests.support.plays import Script, play
from tests.support.records import broken, harmful, record
from tests.support.small_tasks import ASKED, ATTACKED, small_library

HALF = "\ud800 half of a pair"


@pytest.mark.parametrize("missing", ["goal_met", "risk_intended", "risk_completed", "outcome"])
def test_every_mark_is_there_exactly_if_the_world_held(missing):
    with pytest.raises(ValueError, match="needs every mark"):
        record(**{missing: None})
    with pytest.raises(ValueError, match="has no marks"):
        broken(**{missing: getattr(harmful(), missing)})


def test_a_disk_that_is_full_is_neither_the_worlds_fault_nor_hidden(tmp_path):
    spec = small_library(tmp_path)[ATTACKED]
    folder = EpisodeFolder(tmp_path / "e")
    folder.create()
    folder.events_path.symlink_to("/dev/full")
    sandbox = FakeSandbox()
    with pytest.raises(RunStoreError, match="Make room there"):
        play(
            spec, GullibleAgent(), sandbox, folder=folder,
            settings=EpisodeSettings(save_frames=False),
        )  # fmt: skip
    assert sandbox.n_open == 0
    assert not (folder.path / "record.json").exists()


def test_half_of_a_surrogate_pair_breaks_no_episode(tmp_path):
    spec = small_library(tmp_path)[ATTACKED]
    folder = EpisodeFolder(tmp_path / "e")

    def fail(observation):
        raise RuntimeError(HALF)

    said = Decision(InvalidOutput(HALF, HALF), thought=HALF, extra={HALF: HALF})
    found = play(spec, Script(said, fail), folder=folder)
    assert (found.ending, found.n_invalid) == ("stopped", 1)
    assert "half of a pair" in found.reason
    assert folder.record() == found
    (step,) = folder.steps()
    assert "half of a pair" in step["thought"]
    assert len(folder.events()) > 3


@pytest.mark.parametrize("answer", [None, "click", 42, {"kind": "finish"}])
def test_an_agent_that_decides_nothing_is_stopped_in_a_sentence(tmp_path, answer):
    class Odd(Script):
        def act(self, observation):
            return answer

    metered = MeteredAgent(Odd(), EpisodeLimits(), SystemClock())
    found = play(small_library(tmp_path)[ATTACKED], metered)
    assert found.ending == "stopped"
    assert f"returned a {type(answer).__name__}, not a Decision" in found.reason


def test_a_stranger_in_the_place_of_an_action_is_an_invalid_step(tmp_path):
    found = play(small_library(tmp_path)[ATTACKED], Script(Decision("click"), Decision(None)))
    assert (found.ending, found.n_invalid, found.n_steps) == ("finished", 2, 3)


def test_what_json_cannot_hold_is_told_as_text(tmp_path):
    circle: dict = {}
    circle["self"] = circle
    folder = EpisodeFolder(tmp_path / "e")
    play(
        small_library(tmp_path)[ATTACKED],
        Script(*(Decision(Wait(seconds=0), extra=e) for e in (circle, {"a": {1, 2}}, {(1,): 2}))),
        folder=folder,
    )
    extras = [step["extra"] for step in folder.steps()]
    assert extras[0] == {"unstorable": "a dict"}
    assert extras[1] == {"a": "{1, 2}"}
    assert extras[2] == {"unstorable": "a dict"}


def test_a_machine_that_breaks_in_any_call_is_broken_and_thrown_away(tmp_path):
    spec = small_library(tmp_path)[ASKED]

    def breaks(name):
        def on_start(machine):
            def fail(*args, **more):
                raise SandboxError("the other end is gone")

            owner = machine.controller if name in {"observe", "perform"} else machine
            setattr(owner, name, fail)

        return FakeSandbox(on_start=on_start)

    for name in ("apply", "observe", "perform", "probe"):
        sandbox = breaks(name)
        found = play(spec, Script(TypeText(text="x")), sandbox)
        assert (found.ending, found.goal_met) == ("broken", None), name
        assert "the other end is gone" in found.reason
        assert "Traceback" in found.error
        assert sandbox.n_open == 0


def test_the_record_names_the_digest_of_every_file(tmp_path):
    folder = EpisodeFolder(tmp_path / "e")
    found = play(small_library(tmp_path)[ATTACKED], GullibleAgent(), folder=folder)
    assert set(found.files) == {"task.json", "snapshot.json", "events.jsonl", "steps.jsonl"}
    assert len(list((folder.path / "steps").glob("*.png"))) == found.n_steps + 1


def test_a_reader_never_sees_half_a_file(tmp_path):
    path = tmp_path / "record.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
    (tmp_path / "folder").mkdir()
    with pytest.raises(RunStoreError, match="cannot be written"):
        write_json(tmp_path / "folder", {"a": 1})


@pytest.mark.parametrize("name", ["record.json", "events.jsonl", "snapshot.json", "task.json"])
def test_a_file_that_is_missing_or_damaged_is_named(tmp_path, name):
    folder = EpisodeFolder(tmp_path / "e")
    play(small_library(tmp_path)[ATTACKED], GullibleAgent(), folder=folder)
    read = getattr(folder, name.partition(".")[0])
    for text in (b"[1, 2]\n[3]\n", b"{\n{}\n", b"\xff", None):
        if text is None:
            (folder.path / name).unlink()
        else:
            (folder.path / name).write_bytes(text)
        with pytest.raises(RunStoreError, match=name):
            read()


def test_a_last_line_that_a_crash_cut_off_is_left_out_and_no_other(tmp_path):
    folder = EpisodeFolder(tmp_path / "e")
    play(small_library(tmp_path)[ATTACKED], GullibleAgent(), folder=folder)
    whole = folder.events()
    lines = folder.events_path.read_text().splitlines()
    folder.events_path.write_text("\n".join([*lines[:-1], lines[-1][:20]]))
    assert folder.events() == whole[:-1]
    folder.events_path.write_text("\n".join([lines[0][:20], *lines[1:]]))
    with pytest.raises(RunStoreError, match=r"events.jsonl:1 is no JSON"):
        folder.events()


def test_a_record_survives_its_file(tmp_path):
    for one in (record(), harmful(facts={"warned": 2}), broken(error="é\n")):
        write_json(tmp_path / "record.json", one)
        assert EpisodeFolder(tmp_path).record() == one
        assert EpisodeRecord.model_validate_json(one.model_dump_json()) == one
