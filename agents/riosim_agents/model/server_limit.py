"""What a server turned out not to take, and how a request gives way to it."""

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from riosim_agents.model.failure import Failure

__all__ = ["AnswerMode", "Sent", "ServerLimits"]

AnswerMode = Literal["tool", "schema", "text"]

_TOOL: Final = re.compile(r"tool|function|jinja")
_SCHEMA: Final = re.compile(r"response_format|schema|structured|grammar|guided")
_MOST_WITHOUT_CALL: Final = 2
_AT_MOST: Final = re.compile(
    r"at most (\d+) (?:image|picture)|(?:image|picture)s? \(max(?:imum)? (\d+)\)"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """What was in a request that failed; a seed that was set never gives way."""

    n_pictures: int
    n_turns: int
    temperature: float | None
    seed: int | None
    max_tokens: int | None
    seed_was_set: bool = False


@dataclass(slots=True)
class ServerLimits:
    """Learned from refusals, kept as long as the agent: a server is the same in every episode.

    Attributes:
        modes: Ways to answer that are left, the first is used.
        length_limit: What the limit of an answer is called.
        not_taken: Parameters that are no longer sent.
        max_pictures: Most in one request, None for any number.
        max_turns: Most earlier steps in one request, None for any number.
        shrink: By which pictures are made smaller.
        notes: What was given up, and why, in the server's words; part of every record.
        is_proven: Whether the server has answered in this mode.
        n_without_call: Answers in a row that were meant to be calls and were nothing; below zero
            once a call was seen.
    """

    modes: list[AnswerMode]
    length_limit: str = "max_tokens"
    not_taken: set[str] = field(default_factory=set)
    max_pictures: int | None = None
    max_turns: int | None = None
    shrink: int = 1
    notes: list[str] = field(default_factory=list)
    is_proven: bool = False
    n_without_call: int = 0

    @property
    def mode(self) -> AnswerMode:
        """How answers are asked for."""
        return self.modes[0]

    def prove(self) -> None:
        """Take note that the server answered: what comes later is no fault of the mode."""
        self.is_proven = True

    def watch(self, *, called: bool, understood: bool) -> None:
        """Notice a server that takes tools and does not show them to the model.

        Many chat templates have no place for tools, and servers leave them out without a word: the
        model then does not know what it can do.
        """
        if self.mode != "tool" or self.n_without_call < 0:
            return
        if called:
            self.n_without_call = -1
        elif not understood:
            self.n_without_call += 1
            if self.n_without_call == _MOST_WITHOUT_CALL and len(self.modes) > 1:
                done = self._next_mode()
                self.notes.append(
                    f"{done}: {_MOST_WITHOUT_CALL} answers in a row called no function; perhaps "
                    "the model was not told of it"
                )
        else:
            self.n_without_call = 0

    def give_way(self, failure: Failure, sent: Sent) -> bool:
        """Change what will be sent; False if nothing is left to change."""
        match failure.trouble:
            case "pictures":
                done = self._fewer_pictures(failure, sent)
            case "context":
                done = self._less_history(sent)
            case "parameter" | "missing" | "other":
                done = self._without(failure, sent)
            case _:
                done = ""
        if done:
            self.notes.append(f"{done}: {failure.said[:200]!r}")
        return bool(done)

    def _fewer_pictures(self, failure: Failure, sent: Sent) -> str:
        if sent.n_pictures > 1:
            found = _AT_MOST.search(failure.said.casefold())
            told = int(next(group for group in found.groups() if group)) if found else 1
            self.max_pictures = max(1, min(told, sent.n_pictures - 1))
            return f"at most {self.max_pictures} pictures in a request"
        if sent.n_pictures == 1 and self.shrink == 1:
            self.shrink = 2
            return "pictures of half the width and height"
        return ""

    def _less_history(self, sent: Sent) -> str:
        if sent.n_turns > 0:
            self.max_turns = sent.n_turns // 2
            return f"at most {self.max_turns} earlier steps in a request"
        if sent.max_tokens is not None:
            self.not_taken.add("max_tokens")
            return "no max_tokens"
        return ""

    def _without(self, failure: Failure, sent: Sent) -> str:
        if failure.status not in (400, 404, 422, 500, 501):
            return ""
        said = f"{failure.parameter} {failure.said}".casefold()
        if _minds_what_was_set(said, sent):
            return ""
        named = self._named(said, sent)
        if named or self.is_proven or failure.trouble != "parameter":
            return named
        # It does not say what it minds, and has never answered: simpler and simpler.
        if len(self.modes) > 1:
            return self._next_mode()
        return self._no_seed(sent)

    def _named(self, said: str, sent: Sent) -> str:
        """Give up what the server names."""
        if "max_completion_tokens" in said and self.length_limit == "max_tokens":
            self.length_limit = "max_completion_tokens"
            return "max_completion_tokens instead of max_tokens"
        if re.search(r"max_(completion_)?tokens", said) and sent.max_tokens is not None:
            self.not_taken.add("max_tokens")
            return "no max_tokens"
        if "temperature" in said and sent.temperature == 0:
            self.not_taken.add("temperature")
            return "no temperature"
        if re.search(r"\bseed\b", said) and (done := self._no_seed(sent)):
            return done
        words = {"tool": _TOOL, "schema": _SCHEMA}.get(self.mode)
        if words is not None and words.search(said) and len(self.modes) > 1:
            return self._next_mode()
        return ""

    def _no_seed(self, sent: Sent) -> str:
        if sent.seed is None or sent.seed_was_set:
            return ""
        self.not_taken.add("seed")
        return "no seed"

    def _next_mode(self) -> str:
        gone = self.modes.pop(0)
        self.is_proven = False
        return f"answers as {self.mode} instead of {gone}"


def _minds_what_was_set(said: str, sent: Sent) -> bool:
    """Whether the server names a temperature or seed that was asked for: neither gives way."""
    temperature = bool(sent.temperature) and "temperature" in said
    return temperature or (sent.seed_was_set and bool(re.search(r"\bseed\b", said)))
