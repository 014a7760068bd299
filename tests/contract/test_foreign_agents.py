"""Agents of OSWorld and BrowserGym keep what every agent promises, through their adapters."""

from riosim.agent import Agent
from riosim.testing.contracts import AgentContract
from riosim_agents.browsergym import BrowserGymAgent
from riosim_agents.osworld import OSWorldAgent


class TestOSWorld(AgentContract):
    def make(self) -> Agent:
        return OSWorldAgent("tests.support.foreign_agents:OSWorldTypist")


class TestBrowserGym(AgentContract):
    def make(self) -> Agent:
        return BrowserGymAgent("tests.support.foreign_agents:GymTour")
