"""What every agent promises, as tests that a plug-in inherits."""

from abc import ABC, abstractmethod
from typing import ClassVar

import pytest

from riosim.agent import Agent
from riosim.task.instance import TaskInstance
from riosim.testing import agent_promises

__all__ = ["AgentContract"]


class AgentContract(ABC):
    """What every `Agent` promises."""

    is_seeded: ClassVar[bool] = True
    """Whether the same seed gives the same decisions; a model's do not."""

    @abstractmethod
    def make(self) -> Agent:
        """Return a new agent."""

    def instance(self) -> TaskInstance:
        """Return a task that it can play; a search in a browser, unless overridden."""
        return agent_promises.sample_instance()

    def test_it_has_what_the_port_asks_for(self) -> None:
        """Names and methods are there."""
        agent_promises.has_both_methods(self.make, self.instance())

    def test_every_decision_is_an_action_or_says_that_it_is_none(self) -> None:
        """Whatever is on the screen; what a model said wrongly is data, no exception."""
        agent_promises.decides_on_every_screen(self.make, self.instance())

    def test_what_a_decision_cost_is_an_amount(self) -> None:
        """Budgets and reports add it up."""
        agent_promises.tells_a_sound_usage(self.make, self.instance())

    def test_what_it_adds_to_the_record_is_json(self) -> None:
        """`extra` is stored as it is."""
        agent_promises.adds_only_json(self.make, self.instance())

    def test_reset_forgets_the_last_episode(self) -> None:
        """One instance plays many episodes, one at a time."""
        if not self.is_seeded:
            pytest.skip("its decisions are not seeded")
        agent_promises.forgets_the_last_episode(self.make, self.instance())

    def test_it_never_paints_on_what_it_is_shown(self) -> None:
        """The frame that is kept is the one that was shown."""
        agent_promises.leaves_the_picture_alone(self.make, self.instance())

    def test_its_points_lie_on_the_screen_that_it_saw(self) -> None:
        """Small screens, too."""
        agent_promises.points_at_what_it_saw(self.make, self.instance())
