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
from tests.support.small_tasks import small_instance


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
