"""Models of pydantic as tables of Markdown."""

import inspect
import json
import re
import types
import typing
from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from riosim.checks import CHECK_TYPES
from riosim.task.play import PLAY_TYPES
from riosim.task.setup import SETUP_TYPES
from riosim.vocabulary import Word

__all__ = ["VOCABULARIES", "cell", "fields", "first_lines", "spaced"]

VOCABULARIES: Final = (
    ("check", CHECK_TYPES),
    ("set-up verb", SETUP_TYPES),
    ("oracle step", PLAY_TYPES),
)
_PLAIN: Final = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Any: "anything",
    type(None): "nothing",
}


def fields(model: type[BaseModel]) -> list[str]:
    """Return a table of the keys that a mapping of this model may have."""
    rows = [
        f"| `{field.alias or name}` | {cell(_shape(field.annotation))} "
        f"| {_default(field)} | {cell(_remark(model, name))} |"
        for name, field in model.model_fields.items()
        if name not in {"word", "kind"} or (name == "kind" and not _is_fixed(field))
    ]
    if not rows:
        return ["It takes nothing."]
    short: list[str] = []
    if issubclass(model, Word) and model.main:
        short = [f"`{model.name_of()}: …` alone is its `{model.main}`.", ""]
    return [*short, "| key | value | default | |", "| --- | --- | --- | --- |", *rows]


def _is_fixed(field: FieldInfo) -> bool:
    return typing.get_args(field.annotation) == (field.default,)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or value in (None, (), {}, ""):
        return ""
    return f"`{json.dumps(value) if not isinstance(value, str) else value}`"


def _shape(annotation: Any) -> str:
    """Return what a value may be, in words."""
    vocabulary = next(
        (kind for kind, classes in VOCABULARIES if set(_classes_in(annotation)) >= set(classes)),
        None,
    )
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if origin is typing.Literal:
        return " or ".join(f"`{part}`" for part in parts)
    if origin is typing.Annotated:
        return _shape(parts[0])
    if origin is tuple:
        many = len(parts) == 2 and parts[1] is Ellipsis
        return f"list of {_shape(parts[0])}" if many else " and ".join(map(_shape, parts))
    if origin is dict:
        return f"mapping of {_shape(parts[0])} to {_shape(parts[1])}"
    if vocabulary is not None:
        return vocabulary
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_shape(part) for part in parts if part is not type(None))
    if isinstance(annotation, typing.ForwardRef) or annotation == "Check":
        return "check"
    return spaced(getattr(annotation, "__name__", str(annotation)))


def _classes_in(annotation: Any) -> Iterator[type]:
    if inspect.isclass(annotation) and issubclass(annotation, Word):
        yield annotation
    if typing.get_origin(annotation) in (typing.Annotated, typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            yield from _classes_in(part)


def _remark(model: type[BaseModel], name: str) -> str:
    """Return the comment behind a field's definition."""
    for cls in model.__mro__:
        if name in vars(cls).get("__annotations__", {}):
            found = re.search(rf"^    {name}: .*?  # (.*)$", inspect.getsource(cls), re.MULTILINE)
            return found[1] if found else ""
    return ""


def first_lines(thing: type) -> str:
    """Return the docstring, without what it says of attributes."""
    return _escaped(inspect.cleandoc(thing.__doc__ or "").split("\n\nAttributes:")[0])


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;")


def cell(text: str) -> str:
    """Return TEXT as a table can hold it."""
    return " ".join(text.replace("|", "\\|").split())


def spaced(name: str) -> str:
    """Return the name of a class in words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).casefold()
