"""What Anthropic's API answered, read whatever it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from riosim.action import Point
from riosim.agent import InvalidOutput, Usage
from riosim.dialects.anthropic_computer import ANTHROPIC_VERSIONS, AnthropicComputer
from riosim.dialects.anthropic_words import TOOLSET_VERSION
from riosim.dialects.function_tool import FunctionTools, shown_json
from riosim.dialects.look import pointer_after
from riosim_agents.computer_tool.agent import Said
from riosim_agents.computer_tool.turn import Call, Part
from riosim_agents.model.model_api import Prices
from riosim_agents.model.plain_words import meaning_of
from riosim_agents.model.refusal import refuse

__all__ = ["AnthropicAnswer", "TokenCounts"]

_FAMILY: Final = "computer"
_CUT: Final = {
    "max_tokens": "The answer was cut off: it is longer than max_tokens.",
    "model_context_window_exceeded": "The answer was cut off: the model's context is full.",
}


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Tokens as the API counted them; INPUT holds those that were cached, too."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    @classmethod
    def of(cls, usage: object) -> Self:
        """Return the counts of an answer; what is not there is 0."""
        given = usage if isinstance(usage, Mapping) else {}
        read = _count(given, "cache_read_input_tokens")
        write = _count(given, "cache_creation_input_tokens")
        fresh = _count(given, "input_tokens")
        return cls(fresh + read + write, _count(given, "output_tokens"), read, write)

    def usage(self, prices: Prices, cache_write_usd: float | None) -> Usage:
        """Return what it cost; writing to the cache has a price of its own."""
        usage = prices.usage(self.input, self.output, self.cache_read)
        if cache_write_usd is None or prices.input_usd is None:
            return usage
        more = self.cache_write * (cache_write_usd - prices.input_usd) / 1e6
        return replace(usage, cost_usd=max(0.0, usage.cost_usd + more))


@dataclass(frozen=True, slots=True)
class AnthropicAnswer:
    """One message of the API.

    Attributes:
        content: Its blocks, as they came; empty if there are none that can be sent back.
        said: What they mean.
    """

    content: list[dict[str, Any]]
    said: Said

    @classmethod
    def read(
        cls,
        body: Mapping[str, Any],
        tool: AnthropicComputer,
        functions: FunctionTools,
        *,
        usage: Usage,
        facts: dict[str, Any],
    ) -> Self:
        """Return what a body means; total."""
        blocks = body.get("content")
        stop = body.get("stop_reason")
        if stop == "refusal":
            facts["refusal"] = _refusal_facts(body)
            reason = refuse(str(facts["refusal"].get("explanation") or "") or _words(blocks))
            action = reason if reason.reason else refuse("The API stopped the model: refusal.")
            return cls([], Said(otherwise=action, usage=usage, facts=facts))
        if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
            bad = InvalidOutput(shown_json(body), "The answer has no list of content blocks.")
            return cls([], Said(otherwise=bad, usage=usage, facts=facts))
        calls = _calls(blocks, tool, functions, pointer=tool.pointer)
        if calls is None:
            bad = InvalidOutput(shown_json(blocks), "A tool_use has no id, or one that is taken.")
            return cls([], Said(otherwise=bad, usage=usage, facts=facts))
        thinking, words = _thinking(blocks), _words(blocks)
        said = Said(usage=usage, facts=facts, pauses=stop == "pause_turn")
        cut = _CUT.get(stop) if isinstance(stop, str) else None
        if calls:
            if cut is not None:  # its last input may be half of it
                calls[-1].parts = (InvalidOutput(shown_json(blocks[-1]), cut),)
            thought = "\n".join(part for part in (thinking, words) if part)
            return cls(blocks, replace(said, calls=tuple(calls), thought=thought))
        meaning = meaning_of(words) if cut is None else InvalidOutput(words[:20_000], cut)
        sent = blocks if said.pauses else _sendable(blocks)
        return cls(sent, replace(said, otherwise=meaning, thought=thinking))


def _calls(
    blocks: list[dict[str, Any]],
    tool: AnthropicComputer,
    functions: FunctionTools,
    *,
    pointer: Point | None,
) -> list[Call] | None:
    """Return the calls among the blocks; None if one cannot be answered."""
    calls: list[Call] = []
    for block in blocks:
        if block.get("type") != "tool_use":
            continue
        name = block.get("id")
        if not isinstance(name, str) or not name or name in {call.id for call in calls}:
            return None
        family = block.get("toolset_name")
        facts = {"toolset_name": family} if isinstance(family, str) and family else {}
        parts = _parts(block, replace(tool, pointer=pointer), functions)
        for part in parts:
            pointer = pointer_after(part, pointer)
        calls.append(Call(name, parts, facts))
    return calls


def _parts(
    block: Mapping[str, Any], tool: AnthropicComputer, functions: FunctionTools
) -> tuple[Part, ...]:
    name, given = block.get("name"), block.get("input")
    if tool.version == TOOLSET_VERSION:
        family = block.get("toolset_name")  # gateways may not know it, and leave it out
        is_member = isinstance(name, str) and name in ANTHROPIC_VERSIONS[TOOLSET_VERSION]
        is_computer = family == _FAMILY or (family is None and is_member)
        said: Any = {"name": name, "input": given}
    else:
        is_computer = name == _FAMILY
        said = given
    if is_computer:
        look = tool.look(said)
        return (look,) if look is not None else tool.read(said).actions
    return functions.read({"name": name, "arguments": given}).actions


def _thinking(blocks: list[dict[str, Any]]) -> str:
    found = [block.get("thinking") for block in blocks if block.get("type") == "thinking"]
    return "\n".join(text.strip() for text in found if isinstance(text, str) and text.strip())


def _words(blocks: object) -> str:
    if not isinstance(blocks, list):
        return ""
    found = [
        block.get("text")
        for block in blocks
        if isinstance(block, dict) and block.get("type") == "text"
    ]
    return "\n".join(text.strip() for text in found if isinstance(text, str) and text.strip())


def _sendable(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the blocks of an answer in words as the API takes them back.

    It takes no empty text, and none that ends in thinking.
    """
    kept = [
        block
        for block in blocks
        if block.get("type") != "text" or str(block.get("text") or "").strip()
    ]
    return kept if kept and kept[-1].get("type") == "text" else []


def _refusal_facts(body: Mapping[str, Any]) -> dict[str, Any]:
    details = body.get("stop_details")
    if not isinstance(details, Mapping):
        return {}
    return {
        name: details[name][:2_000]
        for name in ("category", "explanation")
        if isinstance(details.get(name), str)
    }


def _count(given: Mapping[str, Any], name: str) -> int:
    count = given.get(name)
    return count if type(count) is int and count >= 0 else 0
