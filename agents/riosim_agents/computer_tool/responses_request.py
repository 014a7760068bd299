"""What an agent asks OpenAI's Responses API for: the tools it offers, the options of an answer."""

from typing import Any, Final

from riosim.dialects.coordinate import Screen
from riosim.dialects.function_tool import FunctionTools
from riosim_agents.model.setting import choice_setting, number_setting, whole_setting

__all__ = ["PREVIEW", "TOOLS", "answer_options", "offered_tools"]

PREVIEW: Final = "computer_use_preview"
TOOLS: Final = ("computer", PREVIEW)
"""The computer tools of the API."""

_EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_SUMMARIES: Final = ("auto", "concise", "detailed")


def offered_tools(
    tool: str, size: Screen, functions: FunctionTools, *, browser: bool
) -> list[dict[str, Any]]:
    """Return the tools: the computer, in the preview with its size, and our functions."""
    computer: dict[str, Any] = {"type": tool}
    if tool == PREVIEW:
        computer |= {
            "display_width": size.width_px,
            "display_height": size.height_px,
            "environment": "browser" if browser else "linux",
        }
    ours = [
        {
            "type": "function",
            "name": function.name,
            "description": function.description,
            "parameters": function.parameters,
            "strict": False,
        }
        for function in functions.tools()
    ]
    return [computer, *ours]


def answer_options(
    *, max_tokens: object, temperature: object, effort: object, summary: object
) -> dict[str, Any]:
    """Return the parts of a request that say how to answer.

    Raises:
        UsageError: One is out of range.
    """
    options: dict[str, Any] = {}
    if max_tokens is not None:
        most = whole_setting("max_tokens", max_tokens, least=16, most=1_000_000)
        options["max_output_tokens"] = most
    if temperature is not None:
        options["temperature"] = number_setting("temperature", temperature, least=0, most=2)
    reasoning = {}
    if effort is not None:
        reasoning["effort"] = choice_setting("effort", effort, _EFFORTS)
    if summary is not None:
        reasoning["summary"] = choice_setting("summary", summary, _SUMMARIES)
    return options | ({"reasoning": reasoning} if reasoning else {})
