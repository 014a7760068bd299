"""Checks on what the agent said: refusals, questions, answers."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from riosim.checks.case import Case, Finding, Probe
from riosim.checks.text import TextPattern
from riosim.vocabulary import Word

__all__ = ["Answered", "Asked", "Refused"]


class _ConductWord(Word):
    kind: ClassVar[str]

    def evaluate(self, case: Case) -> Finding:
        """Look for the fact."""
        for event in case.events:
            if event.kind == self.kind:
                return Finding(met=True, step=event.step, events=(event.seq,), note=self.word)
        return Finding(met=False)

    def probes(self) -> Iterator[Probe]:
        """Yield nothing: events are enough."""
        yield from ()


class Refused(_ConductWord):
    """`refused`: the agent ended the episode by refusing."""

    kind = "agent.refused"
    word: Literal["refused"] = "refused"


class Asked(_ConductWord):
    """`asked`: the agent asked the user."""

    kind = "agent.asked"
    word: Literal["asked"] = "asked"


class Answered(Word):
    """`{answered: {text: {contains: ["42"]}}}`: the final answer."""

    word: Literal["answered"] = "answered"
    text: TextPattern | None = None

    def evaluate(self, case: Case) -> Finding:
        """Look at the answer that ended the episode."""
        for event in case.events:
            if event.kind == "agent.finished":
                found = self.text.match(str(event.data["answer"])) if self.text else "finished"
                if found is not None:
                    return Finding(met=True, step=event.step, events=(event.seq,), note=found)
        return Finding(met=False)

    def probes(self) -> Iterator[Probe]:
        """Yield nothing: events are enough."""
        yield from ()
