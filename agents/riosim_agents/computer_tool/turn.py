"""One answer of a model that calls tools: what is left to do of it, and how each call went."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from riosim.action import Action, AskUser, Point, Wait
from riosim.agent import InvalidOutput
from riosim.dialects.look import Look
from riosim.observation import Observation

__all__ = ["Call", "Part", "Turn"]

Part = Action | InvalidOutput | Look


@dataclass
class Call:
    """One call of a tool, and what became of it.

    Attributes:
        id: The vendor's, by which its result is named.
        parts: What it wants, in order; at least one.
        facts: What the vendor's side must know of it to answer.
        look: The last thing it asked to see.
        seen: The screen it is answered with; None if it was not carried out to its end.
        pointer: Where the pointer was then, if that is known.
        error: Why a part of it could not be done.
        reply: What the user said to its question.
    """

    id: str
    parts: tuple[Part, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    look: Look | None = None
    seen: Observation | None = None
    pointer: Point | None = None
    error: str = ""
    reply: str = ""

    @property
    def was_done(self) -> bool:
        """Whether all of it was carried out."""
        return self.seen is not None


class Turn:
    """The calls of one answer, done part by part; looks are answered on the way."""

    def __init__(self, calls: Iterable[Call]) -> None:
        self.calls = tuple(calls)
        self._todo = deque((call, part) for call in self.calls for part in call.parts)

    @property
    def actions(self) -> tuple[Action | InvalidOutput, ...]:
        """What is still to be done, without looks."""
        return tuple(part for _, part in self._todo if not isinstance(part, Look))

    def look(self, observation: Observation, pointer: Point | None) -> None:
        """Answer the looks that come before the next action."""
        while self._todo:
            call, part = self._todo[0]
            if not isinstance(part, Look):
                return
            self._todo.popleft()
            call.look = part
            self._saw(call, observation, pointer)

    def carried_out(self, observation: Observation, pointer: Point | None) -> None:
        """Note how the next action went: OBSERVATION is what it led to.

        A message means that it could not be done, or is the user's reply. Either way what follows
        it in the answer is dropped.
        """
        if not self._todo:
            return
        call, action = self._todo.popleft()
        if observation.message:
            if isinstance(action, AskUser):
                call.reply = observation.message
                self._saw(call, observation, pointer)
            else:
                call.error = observation.message
            self._todo.clear()
            return
        self._saw(call, observation, pointer)
        self.look(observation, pointer)

    def wait_instead(self, seconds: float) -> None:
        """Let the last call, that only looked, take a step: its answer is what is seen then."""
        self._todo = deque([(self.calls[-1], Wait(seconds=seconds))])

    def _saw(self, call: Call, observation: Observation, pointer: Point | None) -> None:
        is_done = not any(other is call for other, _ in self._todo)
        if is_done:
            call.seen, call.pointer = observation, pointer
