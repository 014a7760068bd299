"""What the record of a step tells of a question to a chat model."""

from typing import Any, Final

from riosim.agent import InvalidOutput
from riosim_agents.completions.answer import Heard
from riosim_agents.completions.completion import Completion
from riosim_agents.model.server_limit import Sent, ServerLimits

__all__ = ["facts_of"]

_MOST_SAID_CHARS: Final = 2_000


def facts_of(
    sent: Sent, completion: Completion, heard: Heard, limits: ServerLimits
) -> dict[str, Any]:
    """Return what was sent and what came back, as far as it bears on a comparison."""
    tokens = completion.tokens
    facts: dict[str, Any] = {
        "model_answered": completion.model,
        "system_fingerprint": completion.fingerprint,
        "answer_id": completion.id,
        "finish_reason": completion.finish_reason,
        "asked_for": limits.mode,
        "answered_as": "tool" if completion.calls else "text",
        "temperature": sent.temperature,
        "seed": sent.seed,
        "max_tokens": sent.max_tokens,
        "n_pictures": sent.n_pictures,
        "n_earlier_steps": sent.n_turns,
        "n_actions": len(heard.reading.actions),
        "cached_tokens": None if tokens is None else tokens.cached,
        "reasoning_tokens": None if tokens is None else tokens.reasoning,
        "usage": "not told by the server" if tokens is None else "counted by the server",
    }
    if heard.refusal:
        facts["refusal"] = heard.refusal
    if any(isinstance(action, InvalidOutput) for action in heard.reading.actions):
        facts["said"] = completion.text[:_MOST_SAID_CHARS]
    if limits.notes:
        facts["given_up"] = list(limits.notes)
    return facts
