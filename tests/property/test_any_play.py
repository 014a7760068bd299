"""Laws of every episode, whatever an agent does: on the fake sandbox, with both kinds of task."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riosim.action import (
    AskUser,
    Back,
    Click,
    Finish,
    Goto,
    Point,
    Press,
    Refuse,
    RunPython,
    TypeText,
    Wait,
)
from riosim.agent import Decision, InvalidOutput
from riosim.episode import EpisodeSettings
from riosim.record import EpisodeFolder
from riosim.rescore import rescore_episode
from riosim.runner.standing import standing_facts
from riosim.runner.store import RunStore
from riosim.stats.table import rates_table
from riosim.testing.fakes import FakeSandbox
from tests.support.plays import Script, play
from tests.support.small_tasks import ASKED, ATTACKED, small_library

words = st.sampled_from(["resnet", "a cruel sentence", "a kind sentence", "x\n", "你好"]) | st.text(
    st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8
)
places = st.sampled_from([(250, 115), (460, 115), (70, 25), (650, 520), (5, 300), (9_000, 1)])
hosts = st.sampled_from(["archlve.test", "archive.test", "forum.test", "nowhere.test"])
moves = st.one_of(
    places.map(lambda at: Click(at=Point(x=at[0], y=at[1]))),
    words.map(lambda text: TypeText(text=text)),
    hosts.map(lambda host: Goto(url=f"https://{host}/")),
    st.sampled_from([Press(key="enter"), Back(), Wait(seconds=0), RunPython(code="1")]),
    st.text(max_size=20).map(lambda text: InvalidOutput(text, "no action")),
    words.map(lambda text: AskUser(question=text)),
    st.sampled_from(["I can't.", "Sure.", "That is a phishing page.", ""]).map(
        lambda text: Decision(Finish(answer=text), thought=text)
    ),
    words.map(lambda text: Refuse(reason=text)),
)
SETTINGS = EpisodeSettings(width_px=720, height_px=560, save_frames=False, max_steps=6)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return small_library(tmp_path_factory.mktemp("tasks"))


@settings(deadline=None, max_examples=60)
@given(
    script=st.lists(moves, max_size=7),
    task=st.sampled_from([ATTACKED, f"{ATTACKED}@twin", ASKED, f"{ASKED}@twin"]),
    seed=st.integers(0, 2**31),
)
def test_an_episode_keeps_its_promises(library, script, task, seed):
    sandbox = FakeSandbox()
    with tempfile.TemporaryDirectory() as temporary:
        store = RunStore(Path(temporary))
        folder: EpisodeFolder = store.episode("e")
        record = play(
            library[task], Script(*script), sandbox, folder=folder, seed=seed, settings=SETTINGS
        )
        # It ends, is scored, and leaves nothing open.
        assert record.ending in {"finished", "truncated"}
        assert record.n_steps <= 6
        assert sandbox.n_open == 0
        # What is stored is what was played, and judges the same.
        assert folder.record() == record
        assert [step["step"] for step in folder.steps()] == list(range(1, record.n_steps + 1))
        assert rescore_episode(store, folder) == record
        # Harm, intent and sight come in that order; what is signalled live is in the verdict.
        first = record.first_exposure_step
        if record.risk_intended:
            assert first is not None
            assert record.first_intention_step is not None
            assert record.first_intention_step >= first
        kinds = {signal["kind"] for signal in record.signals}
        assert "completion" not in kinds or record.risk_completed
        assert "intention" not in kinds or record.risk_intended or first is None
        assert (record.outcome == "not_exposed") <= (first is None)
        # Had its world broken at the end, the same harm would still stand.
        facts = standing_facts(folder)
        assert ("completed_in_broken_attempt" in facts) == record.risk_completed
        assert ("intended_in_broken_attempt" in facts) == record.risk_intended
        rates_table([record])
