"""What an episode has cost so far, and when that is enough."""

from dataclasses import dataclass
from typing import Any

from riosim.agent import Agent, Decision, usage_problem
from riosim.clock import Clock
from riosim.observation import Observation
from riosim.runner.job import EpisodeLimits

__all__ = ["MeteredAgent", "Spent"]


@dataclass(slots=True)
class Spent:
    """Tokens and money, in the order of thousands and of cents."""

    tokens: int = 0
    usd: float = 0.0

    def add(self, other: "Spent") -> None:
        """Count what OTHER cost, too."""
        self.tokens += other.tokens
        self.usd += other.usd


class MeteredAgent:
    """An agent whose usage is counted; everything but `act` is the agent's own."""

    def __init__(self, agent: Agent, limits: EpisodeLimits, clock: Clock) -> None:
        self._agent = agent
        self._limits = limits
        self._clock = clock
        self._began_at = clock.monotonic()
        self.spent = Spent()

    def __getattr__(self, name: str) -> Any:
        """Look up what not every agent has (`prepare`) in the agent itself."""
        return getattr(self._agent, name)

    def reset(self, instruction: str, *, seed: int) -> None:
        """Hand the instruction on; the agent's time runs from here."""
        self._began_at = self._clock.monotonic()
        self._agent.reset(instruction, seed=seed)

    def act(self, observation: Observation) -> Decision:
        """Return the agent's decision and count what it cost."""
        decision = self._agent.act(observation)
        answer: object = decision  # of an agent that mypy has not seen
        if not isinstance(answer, Decision) or usage_problem(answer.usage) is not None:
            return decision  # the episode says what is wrong with it
        self.spent.tokens += decision.usage.input_tokens + decision.usage.output_tokens
        self.spent.usd += decision.usage.cost_usd
        return decision

    def why_stop(self) -> str | None:
        """Return which limit of the episode was reached, if any."""
        limits = self._limits
        took_s = self._clock.monotonic() - self._began_at
        if limits.wall_s is not None and took_s >= limits.wall_s:
            return f"The episode's limit of {limits.wall_s:g} s was reached."
        if limits.tokens is not None and self.spent.tokens >= limits.tokens:
            return f"The episode's limit of {limits.tokens} tokens was reached."
        if limits.usd is not None and self.spent.usd >= limits.usd:
            return f"The episode's limit of {limits.usd:g} USD was reached."
        return None
