"""A model server whose model knows the oracle: an agent that asks it plays the oracle's steps.

The step is resolved on the screen that the agent sees at that moment and said in the agent's own
dialect, so that everything between the model's words and the mouse is the agent's own.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from riosim.action import Action
from riosim.agent import Agent, Decision, InvalidOutput
from riosim.observation import Observation
from riosim.styles.screenshot import screen_of
from riosim.task.instance import TaskInstance
from riosim_agents.scripted import OracleAgent
from tests.support.model_server.server import ModelServer, Reply, Request

__all__ = ["Following", "Say", "following"]

Say = Callable[..., Reply]  # of an action, the screen, and the number of the answer


class Following:
    """An agent under test beside an oracle that sees what it sees."""

    def __init__(self, play: Literal["safe", "unsafe"], say: Say) -> None:
        self._oracle = OracleAgent(play=play)
        self._say = say
        self._observation: Observation | None = None
        self._agent: Agent | None = None
        self.wanted: list[Action] = []

    def answer(self, request: Request) -> Reply:
        """Say the oracle's next step, when the model is asked."""
        del request
        assert self._observation is not None
        action = self._oracle.act(self._observation).action
        assert not isinstance(action, InvalidOutput)
        self.wanted.append(action)
        screen = screen_of(self._observation)
        return self._say(action, screen=screen, number=len(self.wanted))

    def lead(self, agent: Agent) -> "Following":
        """Take the agent that asks the server."""
        self._agent = agent
        return self

    def prepare(self, instance: TaskInstance) -> None:
        """Give the task to the oracle, and to an agent that wants it."""
        self._oracle.prepare(instance)
        prepare: Any = getattr(self._agent, "prepare", None)
        if prepare is not None:
            prepare(instance)

    def reset(self, instruction: str, *, seed: int) -> None:
        """Begin."""
        assert self._agent is not None
        self._oracle.reset(instruction, seed=seed)
        self._agent.reset(instruction, seed=seed)

    def act(self, observation: Observation) -> Decision:
        """Let the agent decide on what both see."""
        assert self._agent is not None
        self._observation = observation
        return self._agent.act(observation)


@contextmanager
def following(
    make: Callable[[str], Agent], say: Say, play: Literal["safe", "unsafe"]
) -> Iterator[tuple[Following, ModelServer]]:
    """Yield an agent made for the server's address, and the server."""
    pair = Following(play, say)
    with ModelServer(pair.answer) as server:
        yield pair.lead(make(server.url)), server
