"""The rule-driven agent keeps what every agent promises, whatever its caution."""

from riosim.agent import Agent
from riosim.testing.contracts import AgentContract
from riosim_agents.rule_driven import RuleDrivenAgent


class TestCareless(AgentContract):
    def make(self) -> Agent:
        return RuleDrivenAgent(caution=0)


class TestHalfway(AgentContract):
    def make(self) -> Agent:
        return RuleDrivenAgent(caution=0.5, patience=2)


class TestCautious(AgentContract):
    def make(self) -> Agent:
        return RuleDrivenAgent(caution=1)
