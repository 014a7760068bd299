"""The system prompt of the chat agent, and the function it may call."""

from collections.abc import Collection
from typing import Any, Final

from riosim.action import ACTION_TYPES, BROWSER_KINDS, Click, Point
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import Dialect
from riosim.dialects.own_json_schema import own_json_schema
from riosim_agents.completions.answer import ACT
from riosim_agents.completions.setting import Looks
from riosim_agents.model.prompt import Prompt, filled, part
from riosim_agents.model.server_limit import AnswerMode

__all__ = ["answer_format", "kinds_not_offered", "screen_part", "system_prompt"]

_NEEDED: Final = {
    kind.model_fields["kind"].default: {
        name for name, field in kind.model_fields.items() if field.is_required()
    }
    for kind in ACTION_TYPES
}
_PARTS: Final = {"tool": "answer_tool", "schema": "answer_json", "text": "answer_json"}


def kinds_not_offered(surface: str) -> frozenset[str]:
    """Return the kinds of action that a surface does not have; code is never offered."""
    return frozenset({"run_python"}) | (BROWSER_KINDS if surface == "desktop" else frozenset())


def system_prompt(
    prompt: Prompt,
    *,
    looks: Looks,
    picture: Screen,
    dialect: Dialect[str],
    grid: Grid,
    mode: AnswerMode,
    surface: str,
    task: str,
) -> str:
    """Return the prompt with everything filled in."""
    is_json = looks.dialect == "own_json"
    without = kinds_not_offered(surface)
    answer = filled(
        part(_PARTS[mode] if is_json else "answer_pyautogui"),
        {"example": _example(dialect, grid.screen), "actions": _action_list(without, looks, grid)},
    )
    return filled(
        prompt.text,
        {
            "screen": screen_part(looks, picture, grid),
            "answer": answer,
            "ending": part("ending_json" if is_json else "ending_pyautogui"),
            "surface": surface or "computer",
            "task": task,
        },
    )


def answer_format(mode: AnswerMode, *, looks: Looks, grid: Grid, surface: str) -> dict[str, Any]:
    """Return the part of a request that asks for answers of a shape; none for plain text."""
    if mode == "text":
        return {}
    schema = own_json_schema(
        with_marks=looks.style == "marks",
        is_whole=grid.is_whole,
        without=kinds_not_offered(surface),
    )
    if mode == "schema":
        wanted = {"name": ACT, "strict": True, "schema": schema}
        return {"response_format": {"type": "json_schema", "json_schema": wanted}}
    function = {
        "name": ACT,
        "description": "Do one thing on the computer.",
        "strict": True,
        "parameters": schema,
    }
    return {"tools": [{"type": "function", "function": function}], "tool_choice": "auto"}


def screen_part(looks: Looks, picture: Screen, grid: Grid) -> str:
    """Return how the screen is shown, and how points are counted on it."""
    screen = grid.screen
    if looks.coordinates in ("thousand", "unit"):
        points = part(f"points_{looks.coordinates}")
    else:
        counted = {
            "counted_in": "picture" if looks.coordinates == "picture" else "screen",
            "right": f"{grid.width:g}",
            "bottom": f"{grid.height:g}",
        }
        if looks.style == "tree":
            counted["counted_in"] = "screen"
        points = filled(part("points_pixels"), counted)
    shown = filled(
        part("screen_text" if looks.style == "tree" else "screen_picture"),
        {
            "screen_width": str(screen.width_px),
            "screen_height": str(screen.height_px),
            "width": str(picture.width_px),
            "height": str(picture.height_px),
            "points": points,
        },
    )
    more = {"marks": "marks", "both": "screen_both"}.get(looks.style)
    return f"{shown} {part(more)}" if more else shown


def _example(dialect: Dialect[str], screen: Screen) -> str:
    """Return a click in the middle of the screen, in the model's own words."""
    return dialect.write(Click(at=Point(x=screen.width_px // 2, y=screen.height_px // 2)))


def _action_list(without: Collection[str], looks: Looks, grid: Grid) -> str:
    """Return one line for each kind of action, from the schema of answers."""
    schema = own_json_schema(
        with_marks=looks.style == "marks", is_whole=grid.is_whole, without=without
    )
    lines = []
    for variant in schema["properties"]["action"]["anyOf"]:
        properties = dict(variant["properties"])
        kind = properties.pop("kind")["enum"][0]
        needed = _NEEDED[kind]
        keys = "; ".join(
            _key(name, rule, is_needed=name in needed) for name, rule in properties.items()
        )
        lines.append(f"- `{kind}`: {variant['description']}{f' Keys: {keys}.' if keys else ''}")
    return "\n".join(lines)


def _key(name: str, rule: dict[str, Any], *, is_needed: bool) -> str:
    limits = rule.get("description", "").rstrip(".")
    said = [_kind_of_value(rule), limits, "" if is_needed else "may be left out"]
    return f"`{name}` ({', '.join(part for part in said if part)})"


def _kind_of_value(rule: dict[str, Any]) -> str:
    if "enum" in rule:
        return " or ".join(rule["enum"])
    if "properties" in rule or "anyOf" in rule:
        return '{"x": …, "y": …}'
    if rule["type"] == "array":
        return f"list of: {_kind_of_value(rule['items'])}"
    types = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
    return " or ".join("text" if name == "string" else name for name in types)
