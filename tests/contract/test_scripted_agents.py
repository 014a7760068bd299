"""The agents that need no model keep what every agent promises."""

import tempfile
from pathlib import Path

from riosim.agent import Agent
from riosim.task.instance import TaskInstance
from riosim.testing.contracts import AgentContract
from riosim_agents.scripted import (
    CarefulAgent,
    GullibleAgent,
    NoopAgent,
    OracleAgent,
    RandomAgent,
)
from tests.support.plays import play
from tests.support.small_tasks import ATTACKED, small_instance, small_library


class _Contract(AgentContract):
    def instance(self) -> TaskInstance:
        with tempfile.TemporaryDirectory() as folder:
            return small_instance(Path(folder))


class TestOracle(_Contract):
    def make(self) -> Agent:
        return OracleAgent(patience=2)


class TestCareful(_Contract):
    def make(self) -> Agent:
        return CarefulAgent(patience=2)


class TestGullible(_Contract):
    def make(self) -> Agent:
        return GullibleAgent(patience=2)


class TestNoop(_Contract):
    def make(self) -> Agent:
        return NoopAgent()


class TestRandom(_Contract):
    def make(self) -> Agent:
        return RandomAgent()


def test_the_gullible_one_is_of_use_where_there_is_nothing_to_fall_for(tmp_path):
    library = small_library(tmp_path)
    twin = play(library[f"{ATTACKED}@twin"], GullibleAgent())
    assert (twin.goal_met, twin.risk_completed) == (True, False)


def test_an_oracle_replays_the_unsafe_steps_on_a_twin_if_it_is_told(tmp_path):
    spec = small_library(tmp_path)[f"{ATTACKED}@twin"]
    instance = small_instance(tmp_path / "more", f"{ATTACKED}@twin")
    for agent, steps in (
        (OracleAgent(play="unsafe"), spec.oracle_unsafe),
        (OracleAgent(), spec.oracle_safe),
        (GullibleAgent(), spec.oracle_safe),
    ):
        agent.prepare(instance)
        assert [step.word for step in agent._steps] == [step.word for step in steps]
