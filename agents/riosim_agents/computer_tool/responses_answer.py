"""What OpenAI's Responses API answered, read whatever it holds."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from riosim.action import Action
from riosim.agent import InvalidOutput
from riosim.dialects.function_tool import FunctionTools, shown_json
from riosim.dialects.openai_computer import OpenAIComputer
from riosim_agents.computer_tool.turn import Call, Part
from riosim_agents.model.plain_words import meaning_of
from riosim_agents.model.refusal import refuse

__all__ = ["POLICY_CODES", "ResponsesAnswer", "failure_in"]

POLICY_CODES: Final = ("misalignment_policy_violation", "bio_policy")
"""Errors by which a guard of the API declines for the model."""

_CUT: Final = "The answer was cut off: it is longer than max_tokens."


@dataclass(frozen=True, slots=True)
class ResponsesAnswer:
    """One response of the API.

    Attributes:
        items: Its output, as it came; empty if it cannot be sent back.
        calls: Tools that were called, in order.
        otherwise: What it means if it calls none.
        thought: Summaries of its reasoning, and what it said beside its calls.
        checks: Safety checks that wait for consent.
        brief: The calls, or the words, in short.
    """

    items: list[dict[str, Any]]
    calls: tuple[Call, ...] = ()
    otherwise: Action | InvalidOutput | None = None
    thought: str = ""
    checks: list[dict[str, Any]] = field(default_factory=list)
    brief: str = ""

    @classmethod
    def read(cls, body: Mapping[str, Any], tool: OpenAIComputer, functions: FunctionTools) -> Self:
        """Return what a body means; total."""
        items = body.get("output")
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            return cls(
                [], otherwise=InvalidOutput(shown_json(body), "The answer has no list of output.")
            )
        cut = _why_cut(body)
        words, refusal = "\n".join(_texts(items, "text")), "\n".join(_texts(items, "refusal"))
        thinking = "\n".join(_reasoning(items))
        if cut == "content_filter":
            said = refuse(refusal or words or "The API's content filter stopped the model.")
            return cls([], otherwise=said, thought=thinking)
        calls = _calls(items, tool, functions)
        if calls is None:
            bad = InvalidOutput(shown_json(items), "A call has no call_id, or one that is taken.")
            return cls([], otherwise=bad, thought=thinking)
        if calls:
            if cut:
                calls[-1].parts = (InvalidOutput(shown_json(items[-1]), _CUT),)
            thought = "\n".join(text for text in (thinking, words, refusal) if text)
            return cls(
                items,
                tuple(calls),
                thought=thought,
                checks=[check for call in calls for check in call.facts.get("checks", ())],
                brief="; ".join(call.facts["brief"] for call in calls),
            )
        if refusal:
            return cls(items, otherwise=refuse(refusal), thought=thinking, brief=refusal)
        meaning = InvalidOutput(words[:20_000], _CUT) if cut else meaning_of(words)
        # reasoning without what it led to is not taken back
        return cls(items if words and not cut else [], (), meaning, thinking, brief=words)


def _calls(
    items: list[dict[str, Any]], tool: OpenAIComputer, functions: FunctionTools
) -> list[Call] | None:
    """Return the calls among the items; None if one cannot be answered."""
    calls: list[Call] = []
    for item in items:
        kind = item.get("type")
        if kind not in ("computer_call", "function_call"):
            continue
        name = item.get("call_id")
        if not isinstance(name, str) or not name or name in {call.id for call in calls}:
            return None
        if kind == "computer_call":
            actions = _actions(item)
            facts = {
                "is_computer": True,
                "checks": _checks(item),
                "brief": shown_json(actions),
            }
            calls.append(Call(name, _parts(actions, tool), facts))
        else:
            said = {"name": item.get("name"), "arguments": item.get("arguments")}
            brief = {"brief": f"{said['name']}({said['arguments']})"}
            calls.append(Call(name, functions.read(said).actions, brief))
    return calls


def _actions(item: Mapping[str, Any]) -> list[Any]:
    """Return the actions of a call: a list, or in the preview one alone."""
    actions = item.get("actions")
    if isinstance(actions, list) and actions:
        return actions
    return [item["action"]] if item.get("action") is not None else []


def _parts(actions: list[Any], tool: OpenAIComputer) -> tuple[Part, ...]:
    if not actions:
        return (InvalidOutput("[]", "The call holds no action."),)
    parts: list[Part] = []
    for action in actions:
        look = tool.look(action)
        parts.extend((look,) if look is not None else tool.read(action).actions)
    return tuple(parts)


def _checks(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what waits for consent, with the fields that are sent back."""
    given = item.get("pending_safety_checks")
    if not isinstance(given, list):
        return []
    return [
        {name: check[name] for name in ("id", "code", "message") if check.get(name) is not None}
        for check in given
        if isinstance(check, Mapping)
    ]


def _why_cut(body: Mapping[str, Any]) -> str:
    """Return why the answer is not whole; empty if it is."""
    if body.get("status") != "incomplete":
        return ""
    details = body.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, Mapping) else None
    return str(reason or "unknown")


def _texts(items: list[dict[str, Any]], key: str) -> Iterator[str]:
    for item in items:
        content = item.get("content")
        if item.get("type") != "message" or not isinstance(content, list):
            continue
        for block in content:
            text = block.get(key) if isinstance(block, dict) else None
            if isinstance(text, str) and text.strip():
                yield text.strip()


def _reasoning(items: list[dict[str, Any]]) -> Iterator[str]:
    for item in items:
        if item.get("type") != "reasoning":
            continue
        for key in ("summary", "content"):
            blocks = item.get(key)
            for block in blocks if isinstance(blocks, list) else ():
                text = block.get("text") if isinstance(block, dict) else None
                if isinstance(text, str) and text.strip():
                    yield text.strip()


def failure_in(body: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return code and message of a response that failed, None if it did not."""
    error = body.get("error")
    if body.get("status") not in ("failed", "cancelled") and not error:
        if "output" in body:
            return None
        return "", f"This is no response of the Responses API: {shown_json(body)[:300]}"
    if isinstance(error, Mapping):
        return str(error.get("code") or ""), str(error.get("message") or json.dumps(dict(error)))
    return "", str(error or body.get("status"))
