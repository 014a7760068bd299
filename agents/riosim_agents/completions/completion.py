"""What a chat-completions endpoint answered, read whatever it holds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeGuard

from riosim.dialects.thinking import split_thinking

__all__ = ["Call", "Completion", "NoCompletionError", "TokenCount"]


class NoCompletionError(ValueError):
    """A body that is no answer of a chat-completions endpoint."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that the model called; ARGUMENTS is the text it wrote, JSON or not."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens as the server counted them; cached and reasoning tokens are among the others."""

    input: int
    output: int
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer.

    Attributes:
        text: What was said, without what was thought.
        thought: Reasoning that the server hands out apart, or in `<think>`.
        refusal: What the API calls a refusal; empty if it was none.
        calls: Tools that were called, in order.
        finish_reason: Why the model stopped, in the server's word.
        model: The model as the server names it.
        fingerprint: `system_fingerprint`.
        id: Of the answer.
        tokens: None if the server counted none.
    """

    text: str
    thought: str = ""
    refusal: str = ""
    calls: tuple[Call, ...] = ()
    finish_reason: str = ""
    model: str = ""
    fingerprint: str = ""
    id: str = ""
    tokens: TokenCount | None = None

    @classmethod
    def of(cls, body: object) -> Self:
        """Read the decoded body of an answer.

        Raises:
            NoCompletionError: It has no message in it.
        """
        if not isinstance(body, Mapping):
            raise NoCompletionError(f"the answer is a {type(body).__name__}, no object")
        choices = body.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = choice.get("message") if isinstance(choice, Mapping) else None
        if not isinstance(choice, Mapping) or not isinstance(message, Mapping):
            raise NoCompletionError("the answer has no choices[0].message")
        said, refused = _parts(message.get("content"))
        inline, said = split_thinking(said, "{", "```")
        outside = _text(message.get("reasoning_content")) or _text(message.get("reasoning"))
        return cls(
            text=said,
            thought="\n".join(part for part in (outside.strip(), inline) if part),
            refusal=_text(message.get("refusal")) or refused,
            calls=tuple(_calls(message)),
            finish_reason=_text(choice.get("finish_reason"))[:100],
            model=_text(body.get("model"))[:200],
            fingerprint=_text(body.get("system_fingerprint"))[:200],
            id=_text(body.get("id"))[:200],
            tokens=_tokens(body.get("usage")),
        )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _parts(content: object) -> tuple[str, str]:
    """Return what a message says and what it refuses with; content may be a list of parts."""
    if not isinstance(content, list):
        return _text(content), ""
    parts = [part for part in content if isinstance(part, Mapping)]
    said = [_text(part.get("text")) for part in parts if part.get("type") != "refusal"]
    refused = [_text(part.get("refusal")) for part in parts if part.get("type") == "refusal"]
    return "".join(said), "".join(refused)


def _calls(message: Mapping[str, Any]) -> list[Call]:
    listed = message.get("tool_calls")
    found = (
        [call for call in listed if isinstance(call, Mapping)] if isinstance(listed, list) else []
    )
    if not found and isinstance(message.get("function_call"), Mapping):  # the older form
        found = [{"function": message["function_call"]}]
    calls: list[Call] = []
    for number, call in enumerate(found):
        function = call.get("function")
        function = function if isinstance(function, Mapping) else {}
        arguments = function.get("arguments")
        if not isinstance(arguments, str):  # some servers decode them
            arguments = "" if arguments is None else json.dumps(arguments)
        own_id = _text(call.get("id"))[:100] or f"call_{number}"
        is_taken = any(other.id == own_id for other in calls)
        calls.append(
            Call(
                f"{own_id}_{number}" if is_taken else own_id, _text(function.get("name")), arguments
            )
        )
    return calls


def _tokens(usage: object) -> TokenCount | None:
    if not isinstance(usage, Mapping):
        return None
    read, written = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if not _is_count(read) or not _is_count(written):
        return None
    return TokenCount(
        read,
        written,
        cached=_detail(usage, "prompt_tokens_details", "cached_tokens"),
        reasoning=_detail(usage, "completion_tokens_details", "reasoning_tokens"),
    )


def _is_count(value: object) -> TypeGuard[int]:
    return type(value) is int and value >= 0


def _detail(usage: Mapping[str, Any], group: str, name: str) -> int:
    details = usage.get(group)
    found = details.get(name) if isinstance(details, Mapping) else None
    return found if _is_count(found) else 0
