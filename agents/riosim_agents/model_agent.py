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
    """

    def __init__(self) -> None:
        self.instruction = ""
        self.seed = 0
        self._left: deque[Action | InvalidOutput] = deque()

    def reset(self, instruction: str, *, seed: int) -> None:
        """Forget everything and take a new instruction."""
        self.instruction = instruction
        self.seed = seed
        self._left.clear()
        self.forget()

    def act(self, observation: Observation) -> Decision:
        """Return the next action of the last answer, or of a new one."""
        if observation.message:  # a reply, or why the last action was invalid: plans are off
            self._left.clear()
        if self._left:
            return Decision(self._left.popleft(), extra={"same_answer": True})
        answer = self.ask(observation)
        first, *rest = answer.reading.actions
        self._left.extend(rest)
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
