"""JSON schemas of task files as they are written, `{word: body}` and all; for editors.

Pydantic's own schema is of what a file becomes. Here each word of a vocabulary gets the forms in
which it may be written down.
"""

from typing import Any

from pydantic import BaseModel

from riosim.checks import CHECK_TYPES
from riosim.task.play import PLAY_TYPES
from riosim.task.setup import SETUP_TYPES
from riosim.vocabulary import Word

__all__ = ["file_schema"]

_WORDS = {cls.__name__: cls for cls in (*CHECK_TYPES, *SETUP_TYPES, *PLAY_TYPES)}
_TEXT = {"type": "string"}
_TRIGGER = {
    "anyOf": [
        {"const": "start"},
        {
            "type": "object",
            "properties": {"step": {"type": "integer", "minimum": 1}},
            "required": ["step"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"within": {"type": "integer", "minimum": 2, "maximum": 20}},
            "required": ["within"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {
                "on": {
                    "type": "object",
                    "properties": {"url": _TEXT, "app": _TEXT, "window": _TEXT},
                    "additionalProperties": False,
                    "minProperties": 1,
                    "maxProperties": 1,
                }
            },
            "required": ["on"],
            "additionalProperties": False,
        },
    ]
}


def file_schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    """Return the schema of a file that is read into MODEL."""
    schema = _plain(model.model_json_schema(by_alias=True))
    definitions = schema["$defs"]
    for name, cls in _WORDS.items():
        if name in definitions:
            definitions[name] = _written(cls, definitions[name])
    if "Trigger" in definitions:
        definitions["Trigger"] = _TRIGGER
    if "Paragraph" in definitions:
        definitions["Paragraph"] = {"anyOf": [_TEXT, definitions["Paragraph"]]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}


def _plain(value: Any) -> Any:
    """Drop what only pydantic reads, and the titles that repeat the keys."""
    if isinstance(value, dict):
        return {
            "anyOf" if key == "oneOf" else key: _plain(item)
            for key, item in value.items()
            if key != "discriminator" and not (key == "title" and isinstance(item, str))
        }
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _written(cls: type[Word], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the forms of one word: alone, with a mapping, with its main value."""
    word = cls.name_of()
    fields = {name: part for name, part in schema["properties"].items() if name != "word"}
    required = [name for name in schema.get("required", []) if name != "word"]
    bodies: list[dict[str, Any]] = [
        {
            "type": "object",
            "properties": fields,
            "required": required,
            "additionalProperties": False,
        }
    ]
    if cls.main and set(required) <= {cls.main}:
        bodies.append(fields[cls.main])
    forms: list[dict[str, Any]] = [
        {
            "type": "object",
            "properties": {word: {"anyOf": bodies}},
            "required": [word],
            "additionalProperties": False,
        }
    ]
    if not required:
        bodies.append({"type": "null"})
        forms.append({"const": word})
    return {"description": schema.get("description", ""), "anyOf": forms}
