"""As much of JSON Schema as our own schemas use; what they use besides is an error."""

import re
from typing import Any

_TYPES: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float),
    "boolean": bool, "null": type(None),
}  # fmt: skip
_SILENT = {"$schema", "$defs", "title", "description", "default"}


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None) -> bool:
    """Whether VALUE fits the schema."""
    root = schema if root is None else root
    for key, rule in schema.items():
        if key not in _SILENT and not _holds(key, rule, value, schema, root):
            return False
    return True


def _holds(key: str, rule: Any, value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    match key:
        case "$ref":
            return fits(value, root["$defs"][rule.rpartition("/")[2]], root)
        case "anyOf":
            return any(fits(value, one, root) for one in rule)
        case "const":
            return value == rule and type(value) is type(rule)
        case "enum":
            return value in rule
        case "type":
            is_bool = isinstance(value, bool)
            return isinstance(value, _TYPES[rule]) and (not is_bool or rule == "boolean")
    if isinstance(value, dict):
        return _object_holds(key, rule, value, schema, root)
    if isinstance(value, list):
        match key:
            case "items":
                rest = value[len(schema.get("prefixItems", [])) :]
                return all(fits(item, rule, root) for item in rest)
            case "prefixItems":
                return all(fits(*pair, root) for pair in zip(value, rule, strict=False))
    if key in {"minItems", "minLength"}:
        return not isinstance(value, list | str) or len(value) >= rule
    if key in {"maxItems", "maxLength"}:
        return not isinstance(value, list | str) or len(value) <= rule
    if key == "minimum":
        return not isinstance(value, int | float) or value >= rule
    if key == "maximum":
        return not isinstance(value, int | float) or value <= rule
    if key == "exclusiveMinimum":
        return not isinstance(value, int | float) or value > rule
    if key == "exclusiveMaximum":
        return not isinstance(value, int | float) or value < rule
    if key == "pattern":
        return not isinstance(value, str) or re.search(rule, value) is not None
    known = {
        "items", "prefixItems", "properties", "required", "additionalProperties", "propertyNames",
        "patternProperties", "minProperties", "maxProperties",
    }  # fmt: skip
    assert key in known, f"no rule is known for {key}"
    return True


def _object_holds(
    key: str, rule: Any, value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any]
) -> bool:
    patterns = schema.get("patternProperties", {})
    match key:
        case "properties":
            return all(
                fits(value[name], part, root) for name, part in rule.items() if name in value
            )
        case "required":
            return set(rule) <= set(value)
        case "patternProperties":
            return all(
                fits(item, part, root)
                for pattern, part in rule.items()
                for name, item in value.items()
                if re.search(pattern, str(name))
            )
        case "propertyNames":
            return all(fits(name, rule, root) for name in value)
        case "minProperties":
            return len(value) >= int(rule)
        case "maxProperties":
            return len(value) <= int(rule)
        case "additionalProperties":
            known = set(schema.get("properties", {}))
            other = [
                item
                for name, item in value.items()
                if name not in known and not any(re.search(p, str(name)) for p in patterns)
            ]
            return not other if rule is False else rule is True or all(
                fits(item, rule, root) for item in other
            )  # fmt: skip
    return True
