"""The JSON schema of an answer in our own JSON, for structured output and tool definitions."""

import inspect
from collections.abc import Collection
from typing import Any, Final

from riosim.action import ACTION_TYPES, KEYS, action_json_schema

__all__ = ["own_json_schema"]

_POINTS: Final = {"at": "mark", "start": "start_mark", "end": "end_mark"}
_LIMITS: Final = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "maxLength": "at most {} characters",
}
_KEY: Final = "one printable character, or one of: " + ", ".join(sorted(k for k in KEYS if k[1:]))


def own_json_schema(
    *,
    with_marks: bool = False,
    is_whole: bool = True,
    without: Collection[str] = ("run_python",),
) -> dict[str, Any]:
    """Return the schema of `{"thought": …, "action": {…}}`, as strict structured output wants it.

    One object at the root; every object closed, with all its keys required and `kind` first; no
    reference, no default, no keyword for limits, which are said in descriptions instead. So it is
    valid for a strict `json_schema` and for a strict function's parameters, and small servers that
    know little of JSON Schema take it, too. `OwnJson.read` reads what fits it.

    Args:
        with_marks: Whether a numbered box may be named instead of a point.
        is_whole: Whether coordinates are whole numbers (`Grid.is_whole`).
        without: Kinds of actions that are not offered.

    Raises:
        ValueError: WITHOUT holds what is no kind of action, or leaves none.
    """
    definitions = action_json_schema()["$defs"]
    kinds = {kind.model_fields["kind"].default: kind for kind in ACTION_TYPES}
    strange = sorted(set(without) - kinds.keys())
    if strange:
        raise ValueError(f"{', '.join(strange)}: no kind of action. Known: {', '.join(kinds)}.")
    variants = [
        _variant(definitions[kind.__name__], kind, with_marks=with_marks, is_whole=is_whole)
        for name, kind in kinds.items()
        if name not in without
    ]
    if not variants:
        raise ValueError("No kind of action is left to offer.")
    thought = {"type": "string", "description": "What you see and why you do this, in short."}
    return _closed({"thought": thought, "action": {"anyOf": variants}})


def _variant(
    definition: dict[str, Any], kind: type, *, with_marks: bool, is_whole: bool
) -> dict[str, Any]:
    """Return one kind of action."""
    properties: dict[str, Any] = {}
    for key, part in definition["properties"].items():
        if key not in _POINTS:
            properties[key] = _plain(key, part)
            continue
        point = _point(is_whole=is_whole)
        if with_marks:
            properties[_POINTS[key]] = {
                "type": ["integer", "null"],
                "description": f"Number of a box; null if `{key}` is given.",
            }
            point = {"anyOf": [point, {"type": "null"}]}
        properties[key] = point
    return _closed(properties, inspect.cleandoc(kind.__doc__ or ""))


def _plain(key: str, part: dict[str, Any]) -> dict[str, Any]:
    """Return a property that is no point, its limits in words."""
    if key == "kind":
        return {"type": "string", "enum": [part["const"]]}
    if "anyOf" in part:  # a text or nothing
        return {"type": ["string", "null"]}
    out: dict[str, Any] = {"type": part["type"]}
    if "enum" in part:
        out["enum"] = part["enum"]
    if part["type"] == "array":
        items = part["items"]
        out["items"] = {name: items[name] for name in ("type", "enum") if name in items}
    limits = [words.format(part[name]) for name, words in _LIMITS.items() if name in part]
    if key in ("key", "keys"):
        limits.append(_KEY)
    if limits:
        out["description"] = "; ".join(limits) + "."
    return out


def _point(*, is_whole: bool) -> dict[str, Any]:
    number = {"type": "integer" if is_whole else "number"}
    return _closed({"x": number, "y": number})


def _closed(properties: dict[str, Any], description: str = "") -> dict[str, Any]:
    """Return an object that has exactly these keys."""
    out: dict[str, Any] = {"type": "object"}
    if description:
        out["description"] = description
    return {
        **out,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
