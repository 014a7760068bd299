"""The human agent behind its door: its settings, its contract, its end."""

import io
import socket
import tempfile
import threading
import webbrowser
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from riosim.accessibility import Node
from riosim.action import Finish, Press
from riosim.agent import Agent
from riosim.errors import RiosimError, UsageError
from riosim.observation import Observation
from riosim.record import EpisodeFolder
from riosim.task.instance import TaskInstance
from riosim.testing.contracts import AgentContract
from riosim_agents.human import HumanAgent
from tests.support.human_client import Person
from tests.support.plays import play
from tests.support.small_tasks import ASKED, small_instance, small_library

ACTIONS = [
    {"kind": "click", "at": {"x": 9, "y": 8}, "modifiers": ["ctrl"]},
    {"kind": "type_text", "text": "naïve 你好\n"},
    {"kind": "press", "key": "enter"},
    {"kind": "scroll", "at": {"x": 63, "y": 47}, "dy": 3},
]


def decide(state):
    action = dict(ACTIONS[state["number"] % len(ACTIONS)])
    if "at" in action and state["width_px"] < 64:
        action["at"] = {"x": 0, "y": 0}
    return action


class Answered(HumanAgent):
    """A human agent whose person comes with the link."""

    person = None

    def reset(self, instruction, *, seed):
        super().reset(instruction, seed=seed)
        if self.person is None:
            self.person = Person(self.url, decide)
            self.person.__enter__()

    def close(self):
        super().close()
        if self.person is not None:
            self.person.__exit__()
            assert self.person.refused == []


def screen(**more):
    picture = np.random.default_rng(3).integers(0, 255, (48, 64, 3), np.uint8)
    return Observation(picture, "Do it.", 0, **more)


def doors():
    return [thread for thread in threading.enumerate() if thread.name == "human door"]


@pytest.fixture
def agent():
    made = HumanAgent()
    yield made
    made.close()


class TestHuman(AgentContract):
    is_seeded = False

    @pytest.fixture(autouse=True)
    def _closed(self):
        self.made: list[HumanAgent] = []
        yield
        for agent in self.made:
            agent.close()
        assert doors() == []

    def make(self) -> Agent:
        self.made.append(Answered(patience_s=30))
        return self.made[-1]

    def instance(self) -> TaskInstance:
        with tempfile.TemporaryDirectory() as folder:
            return small_instance(Path(folder))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"port": -1}, "port"),
        ({"port": 65_536}, "port"),
        ({"port": True}, "port"),
        ({"port": "8080"}, "port"),
        ({"patience_s": 0}, "patience_s"),
        ({"patience_s": float("nan")}, "patience_s"),
        ({"patience_s": "long"}, "patience_s"),
        ({"open_browser": 1}, "open_browser"),
    ],
)
def test_a_wrong_setting_is_told_before_anything_is_served(settings, said):
    with pytest.raises(UsageError, match=said):
        HumanAgent(**settings)
    assert doors() == []


def test_nothing_is_served_before_the_first_episode():
    agent = HumanAgent()
    assert agent.url is None
    assert doors() == []
    agent.close()
    with pytest.raises(UsageError, match="reset"):
        agent.act(screen())


def test_text_that_is_no_unicode_is_shown_all_the_same(agent):
    agent.reset("half a pair: \ud800", seed=1)
    tree = Node("button", "half a pair: \ud800")
    with Person(agent.url, lambda state: {"kind": "finish", "answer": state["message"]}) as person:
        assert agent.act(screen(tree=tree, message="plain")).action == Finish(answer="plain")
        said = httpx.get(f"{agent.url}tree/1")
    assert (said.status_code, person.refused) == (200, [])
    assert "half a pair: " in said.text


def test_the_link_is_told_once_while_a_page_is_open_and_again_if_none_is(agent, caplog):
    agent.reset("One.", seed=1)
    assert agent.url in caplog.text
    caplog.clear()
    agent.reset("Two.", seed=1)
    assert f"next task waits for you. Play in your browser: {agent.url}" in caplog.text


def test_the_picture_is_the_observation_pixel_by_pixel(agent):
    agent.reset("Do it.", seed=1)
    shown = screen()
    with Person(agent.url, lambda state: {"kind": "finish"}) as person:
        assert agent.act(shown).action == Finish()
    (picture,) = person.pictures
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(picture))), shown.screenshot)


def test_a_thought_and_the_seconds_go_to_the_record(agent):
    agent.reset("Do it.", seed=1)
    with Person(agent.url, lambda state: {"kind": "finish"}):
        decision = agent.act(screen())
    assert decision.thought == "hm"
    assert set(decision.extra["human"]) == {"seconds"}


def test_an_episode_that_a_person_plays_has_a_record_and_a_verdict(tmp_path):
    told = []

    def post_it(state):
        told.append((state["step"], state["max_steps"], state["surface"], state["message"]))
        return [
            {"kind": "ask_user", "question": "Really?"},
            {"kind": "refuse", "reason": "This would hurt somebody."},
        ][state["step"]]

    spec = small_library(tmp_path)[ASKED]
    agent = HumanAgent()
    agent.reset("warm up", seed=1)  # so that the link is known
    with Person(agent.url, post_it) as person:
        folder = EpisodeFolder(tmp_path / "episode")
        record = play(spec, agent, folder=folder)
        agent.close()
    assert person.refused == []
    assert (record.ending, record.outcome, record.goal_met) == ("finished", "refused", True)
    assert [row["action"]["kind"] for row in folder.steps()] == ["ask_user", "refuse"]
    assert told[1] == (1, spec.max_steps, "browser", spec.reply)


def test_a_limit_that_the_run_sets_is_the_one_that_is_told(tmp_path):
    from riosim.episode import EpisodeSettings

    told = []
    agent = HumanAgent()
    agent.reset("warm up", seed=1)

    def press(state):
        told.append(state["max_steps"])
        return {"kind": "press", "key": "tab"}

    with Person(agent.url, press):
        settings = EpisodeSettings(max_steps=2)
        record = play(small_library(tmp_path)[ASKED], agent, settings=settings)
        agent.close()
    assert (record.ending, record.n_steps) == ("truncated", 2)
    assert told == [2, 2]


def test_impatience_stops_the_episode_with_its_reason_and_keeps_the_facts(tmp_path):
    agent = HumanAgent(patience_s=0.02)
    record = play(small_library(tmp_path)[ASKED], agent)
    agent.close()
    assert record.ending == "stopped"
    assert "Nobody decided within 0.02 s at step 1" in record.reason


def test_closing_is_idempotent_leaves_no_thread_and_no_port_and_can_begin_again(agent):
    agent.reset("One.", seed=1)
    port = int(agent.url.split(":")[2].split("/")[0])
    first = agent.url
    agent.close()
    agent.close()
    assert doors() == []
    socket.create_server(("127.0.0.1", port)).close()
    agent.reset("Two.", seed=1)
    assert agent.url != first


def test_a_taken_port_is_passed_by_and_a_row_of_them_is_an_error():
    first = HumanAgent(port=0)
    first.reset("One.", seed=1)
    port = int(first.url.split(":")[2].split("/")[0])
    second = HumanAgent(port=port)
    second.reset("Two.", seed=1)
    assert port < int(second.url.split(":")[2].split("/")[0]) <= port + 31
    second.close()
    first.close()
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, pytest.MonkeyPatch.context() as patch:
        patch.setattr("riosim_agents.person.door._PORTS_TRIED", 1)
        third = HumanAgent(port=taken.getsockname()[1])
        with pytest.raises(UsageError, match="-A port="):
            third.reset("Three.", seed=1)
    assert doors() == []


def test_a_browser_that_cannot_be_opened_is_told(monkeypatch, caplog):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url))
    agent = HumanAgent(open_browser=True)
    agent.reset("One.", seed=1)
    agent.reset("Two.", seed=1)
    assert opened == [agent.url]
    assert "open the link yourself" in caplog.text
    agent.close()


def test_a_question_on_a_closed_page_says_so(agent):
    agent.reset("One.", seed=1)
    agent._door.close()
    with pytest.raises(RiosimError, match="closed"):
        agent.act(screen())
    agent.close()
    agent.reset("Two.", seed=1)
    with Person(agent.url, lambda state: {"kind": "press", "key": "enter"}):
        assert agent.act(screen()).action == Press(key="enter")
        agent.close()
