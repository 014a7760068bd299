"""Episodes on the fake sandbox, and an agent that plays given actions."""

from collections.abc import Callable
from typing import Any

from riosim.action import Action, Finish
from riosim.agent import Agent, Decision, InvalidOutput
from riosim.episode import run_episode
from riosim.observation import Observation
from riosim.record import EpisodeRecord
from riosim.sandbox import Sandbox
from riosim.task.schema import TaskSpec
from riosim.testing.fakes import FakeSandbox


class Script:
    """Plays given decisions, or what functions of the observation make of it, then finishes."""

    def __init__(self, *moves: Action | InvalidOutput | Decision | Callable[[Observation], Any]):
        self.moves = list(moves)

    def reset(self, instruction: str, *, seed: int) -> None:
        del instruction, seed

    def act(self, observation: Observation) -> Decision:
        move: Any = self.moves.pop(0) if self.moves else Finish()
        if callable(move):
            move = move(observation)
        return move if isinstance(move, Decision) else Decision(move)


def play(
    spec: TaskSpec, agent: Agent, sandbox: Sandbox | None = None, **more: Any
) -> EpisodeRecord:
    """Play one episode."""
    given: dict[str, Any] = {"seed": 1, "episode_id": "e", "agent_name": "a", **more}
    return run_episode(spec, agent, sandbox or FakeSandbox(), **given)
