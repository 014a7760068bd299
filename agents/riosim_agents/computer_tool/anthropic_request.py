"""What an agent asks Anthropic's API for: the tools it offers and the options of an answer."""

from typing import Any, Final

from riosim.dialects.anthropic_words import TOOLSET_VERSION
from riosim.dialects.coordinate import Screen
from riosim.dialects.function_tool import FunctionTools
from riosim.errors import UsageError
from riosim_agents.model.setting import choice_setting, number_setting, whole_setting

__all__ = ["BETAS", "answer_options", "offered_tools"]

BETAS: Final = {
    "20241022": ["computer-use-2024-10-22"],
    "20250124": ["computer-use-2025-01-24"],
    "20251124": ["computer-use-2025-11-24"],
    TOOLSET_VERSION: [],
}
"""The beta headers that each version of the tool needs; the toolset needs none."""

_LEAST_BUDGET: Final = 1_024
_EFFORTS: Final = ("low", "medium", "high", "xhigh", "max")


def offered_tools(version: str, size: Screen, functions: FunctionTools) -> list[dict[str, Any]]:
    """Return the tools: the computer, with the size of the pictures, and our functions."""
    computer: dict[str, Any] = {"type": f"computer_{version}", "name": "computer"}
    if version == TOOLSET_VERSION:
        # a key cannot be held for a time here
        hold_key = {"enabled": False}
        computer = {"type": f"computer_toolset_{version}", "configs": {"hold_key": hold_key}}
    else:
        computer |= {"display_width_px": size.width_px, "display_height_px": size.height_px}
    if version == "20251124":
        computer["enable_zoom"] = True
    ours = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
        for tool in functions.tools()
    ]
    return [computer, *ours]


def answer_options(
    *, max_tokens: object, temperature: object, thinking: object, effort: object
) -> dict[str, Any]:
    """Return the parts of a request that say how to answer.

    Raises:
        UsageError: One is out of range.
    """
    most = whole_setting("max_tokens", max_tokens, least=1, most=1_000_000)
    options: dict[str, Any] = {"max_tokens": most}
    if temperature is not None:  # the SDK knows it no more, older models do
        heat = number_setting("temperature", temperature, least=0, most=1)
        options["extra_body"] = {"temperature": heat}
    if type(thinking) is int:
        if not _LEAST_BUDGET <= thinking < most:
            raise UsageError(
                f"thinking is {thinking}; a budget is at least {_LEAST_BUDGET} tokens and less "
                f"than max_tokens, {most}."
            )
        options["thinking"] = {"type": "enabled", "budget_tokens": thinking}
    elif thinking is not None:
        kind = choice_setting("thinking", thinking, ("adaptive", "disabled"))
        shown = {"display": "summarized"} if kind == "adaptive" else {}
        options["thinking"] = {"type": kind, **shown}
    if effort is not None:
        options["output_config"] = {"effort": choice_setting("effort", effort, _EFFORTS)}
    return options
