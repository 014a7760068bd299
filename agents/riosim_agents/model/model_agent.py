"""What all agents that ask a model share: one action a step, whatever an answer holds."""

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from riosim.action import Action
from riosim.agent import Decision, InvalidOutput, Usage
from riosim.dialects.dialect import Reading
from riosim.observation import Observation

__all__ = ["Answer", "ModelAgent"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered to one observation.

    Attributes:
        reading: What it means.
        usage: What it cost.
        extra: Facts for the record, JSON; never a key.
    """

    reading: Reading
    usage: Usage = field(default_factory=Usage)
    extra: dict[str, Any] = field(default_factory=dict)


class ModelAgent(ABC):
    """Asks a model; the actions of one answer are handed out one a step.

    What is left of an answer is dropped when one of its actions was invalid: the model is asked
    again and told why. The cost of an answer is charged to its first action.

    Attributes:
        instruction: What the user asks.
        seed: Of the episode.
        last_action: What was handed out last; None before the first.
        n_dropped: How many actions of the last answer were never handed out.
    """

    def __init__(self) -> None:
        self.instruction = ""
        self.seed = 0
        self.last_action: Action | InvalidOutput | None = None
        self.n_dropped = 0
        self._left: deque[Action | InvalidOutput] = deque()

    def reset(self, instruction: str, *, seed: int) -> None:
        """Forget everything and take a new instruction."""
        self.instruction = instruction
        self.seed = seed
        self.last_action = None
        self.n_dropped = 0
        self._left.clear()
        self.forget()

    def act(self, observation: Observation) -> Decision:
        """Return the next action of the last answer, or of a new one."""
        self.n_dropped = 0
        if observation.message:  # a reply, or why the last action was invalid: plans are off
            self.n_dropped = len(self._left)
            self._left.clear()
        if self._left:
            self.last_action = self._left.popleft()
            return Decision(self.last_action, extra={"same_answer": True}, looked=False)
        answer = self.ask(observation)
        first, *rest = answer.reading.actions
        self._left.extend(rest)
        self.last_action = first
        return Decision(first, answer.reading.thought, answer.usage, answer.extra)

    @abstractmethod
    def forget(self) -> None:
        """Drop what is known of the last episode."""

    @abstractmethod
    def ask(self, observation: Observation) -> Answer:
        """Ask the model.

        Raises:
            RiosimError: It cannot be asked; the message holds no key. The episode is stopped.
        """
