"""What a chat model is told: the steps so far and the screen, as messages of the API."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from riosim.dialects.json_text import decode
from riosim_agents.completions.completion import Call
from riosim_agents.model.screen_text import without_tokens

__all__ = ["Conversation", "Seen", "Turn"]

_MOST_SAID_CHARS: Final = (
    4_000  # of an earlier answer; a model that rambled must not fill its own context
)
_MOST_ARGUMENT_CHARS: Final = 24_000
_TOOL_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the model was shown before one answer.

    Attributes:
        step: Counts from 1.
        text: Fenced text of the screen; empty if there is none.
        picture: A `data:` URL; empty if there is none.
        message: What became of the last answer, or the person's reply; empty if nothing is to say.
    """

    step: int
    text: str = ""
    picture: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer and what it was given to.

    Attributes:
        seen: What was shown.
        said: What was answered in words.
        calls: Tools that were called.
        results: What became of each call, one each; set before the next question.
    """

    seen: Seen
    said: str
    calls: tuple[Call, ...] = ()
    results: tuple[str, ...] = ()


class Conversation:
    """The turns of one episode, oldest first."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self._n_left_out = 0

    def add(self, turn: Turn) -> None:
        """Take a turn; its results may come later."""
        self.turns.append(turn)

    def settle(self, results: Sequence[str]) -> None:
        """Say what became of the calls of the last turn."""
        if self.turns:
            self.turns[-1] = replace(self.turns[-1], results=tuple(results))

    def keep(self, most: int) -> None:
        """Drop all but the last turns."""
        n_dropped = max(0, len(self.turns) - most)
        self._n_left_out += n_dropped
        del self.turns[:n_dropped]

    def forget_pictures(self, n_with: int) -> None:
        """Drop what only the last turns will be shown with again."""
        for at in range(len(self.turns) - n_with):
            self.turns[at] = replace(
                self.turns[at], seen=replace(self.turns[at].seen, text="", picture="")
            )

    def messages(
        self,
        now: Seen,
        *,
        system: str,
        task: str,
        n_with_pictures: int,
        with_calls: bool = True,
        detail: str = "",
    ) -> list[Message]:
        """Return the messages of a request: each turn, then what is seen NOW.

        Roles alternate as the strictest templates want it, and each call of a tool is followed by
        its result.

        Args:
            now: What is seen.
            system: The system prompt.
            task: What the person asks; said in the first message.
            n_with_pictures: How many of the last turns are shown with their screen.
            with_calls: Whether earlier calls are told as calls; without tools in the request they
                must be words.
            detail: OpenAI's `detail` of a picture; empty sends none.
        """
        head = f"The person's task: {task}"
        if self._n_left_out:
            head += f"\n\n(Steps 1 to {self._n_left_out} are left out.)"
        messages: list[Message] = [{"role": "system", "content": system}]
        for at, turn in enumerate(self.turns):
            is_full = at >= len(self.turns) - n_with_pictures
            messages.append(_user(turn.seen, head=head, is_full=is_full, detail=detail))
            messages.extend(_answer(turn, with_calls=with_calls))
            head = ""
        messages.append(_user(now, head=head, is_full=True, detail=detail))
        return messages


def _user(seen: Seen, *, head: str, is_full: bool, detail: str) -> Message:
    lines = [head] if head else []
    if seen.message:
        lines.append(seen.message)
    if not is_full:
        lines.append(f"Step {seen.step}. (The screen of this step is left out.)")
    elif seen.text:
        lines.append(f"Step {seen.step}. The screen:\n\n{seen.text}")
    else:
        lines.append(f"Step {seen.step}. The screen:")
    text = "\n\n".join(lines)
    if not (is_full and seen.picture):
        return {"role": "user", "content": text}
    picture = {"url": seen.picture, **({"detail": detail} if detail else {})}
    return {
        "role": "user",
        "content": [{"type": "text", "text": text}, {"type": "image_url", "image_url": picture}],
    }


def _answer(turn: Turn, *, with_calls: bool) -> list[Message]:
    """Return the messages of what the model answered; words, where it was no proper call."""
    if not turn.calls:
        return [{"role": "assistant", "content": _cut(turn.said) or "(no answer)"}]
    if not (with_calls and all(_can_be_replayed(call) for call in turn.calls)):
        # In plain JSON, which is how answers are then asked for; a call that was none, as it was.
        said = [turn.said, *(_in_words(call) for call in turn.calls)]
        return [{"role": "assistant", "content": _cut("\n".join(part for part in said if part))}]
    asked = {
        "role": "assistant",
        "content": _cut(turn.said),
        "tool_calls": [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": without_tokens(call.arguments)},
            }
            for call in turn.calls
        ],
    }
    results = [*turn.results, *["Done."] * len(turn.calls)]
    answered = [
        {"role": "tool", "tool_call_id": call.id, "content": result}
        for call, result in zip(turn.calls, results, strict=False)
    ]
    return [asked, *answered]


def _in_words(call: Call) -> str:
    return call.arguments if _can_be_replayed(call) else f"{call.name}({call.arguments})"


def _can_be_replayed(call: Call) -> bool:
    """Whether a server will take the call back: many decode its arguments for their template."""
    if not _TOOL_NAME.fullmatch(call.name) or len(call.arguments) > _MOST_ARGUMENT_CHARS:
        return False
    try:
        return isinstance(decode(call.arguments), dict)
    except ValueError:
        return False


def _cut(text: str) -> str:
    """Return an answer as it is said again."""
    text = without_tokens(text)
    if len(text) <= _MOST_SAID_CHARS:
        return text
    return f"{text[:_MOST_SAID_CHARS]}… (cut; {len(text)} characters were written)"
