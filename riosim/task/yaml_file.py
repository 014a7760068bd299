"""YAML with line numbers, and validation errors that name file, line and the nearest right word."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from riosim.errors import TaskFileError, nearest
from riosim.vocabulary import Word

__all__ = ["load_model", "read_yaml"]

M = TypeVar("M", bound=BaseModel)
_Path = tuple[str | int, ...]
_MAX_BYTES = 1_000_000
_MAX_PLACES = 100_000  # keys and items, aliases followed


class _Loader(yaml.SafeLoader):
    """YAML as 1.2 reads it: `on`, `no` and 12:30 are words, not a truth, a lie and a number."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag.rpartition(":")[2] not in {"bool", "timestamp", "int", "float"}
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)?", "-+0123456789"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first)
    )


def read_yaml(path: Path) -> tuple[Any, dict[_Path, int]]:
    """Return the data of one YAML file and the line (from 1) of each key and item.

    Raises:
        TaskFileError: The file cannot be read, is no YAML, or gives a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise TaskFileError(f"{path}: cannot be read: {exc}") from exc
    if len(text) > _MAX_BYTES:
        raise TaskFileError(f"{path}: has {len(text)} characters; at most {_MAX_BYTES} are read.")
    try:
        node = yaml.compose(text, Loader=_Loader)
        loader = _Loader("")
        lines: dict[_Path, int] = {}
        if node is None:
            raise TaskFileError(f"{path}: is empty.")
        _note_lines(path, node, (), lines)
        return loader.construct_object(node, deep=True), lines
    except (RecursionError, ValueError) as exc:  # an alias of itself; a number of 5000 digits
        raise TaskFileError(f"{path}: no YAML that riosim reads: {str(exc)[:200]}") from exc
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        problem = getattr(exc, "problem", None) or str(exc)
        raise TaskFileError(f"{path}{where}: no YAML: {problem}") from exc


def _note_lines(path: Path, node: yaml.Node, at: _Path, lines: dict[_Path, int]) -> None:
    if len(lines) > _MAX_PLACES:
        raise TaskFileError(f"{path}: has more than {_MAX_PLACES} keys and items.")
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            line = key.start_mark.line + 1
            if name in seen:
                raise TaskFileError(f"{path}:{line}: {name} is given twice.")
            seen.add(name)
            lines[(*at, name)] = line
            _note_lines(path, value, (*at, name), lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*at, index)] = value.start_mark.line + 1
            _note_lines(path, value, (*at, index), lines)


def load_model(path: Path, model: type[M], *, prepare: Callable[[Any], Any] | None = None) -> M:
    """Read one file into a model; PREPARE may change the data before it is looked at.

    Raises:
        TaskFileError: It does not fit; one line for each problem, with file, line and key.
    """
    data, lines = read_yaml(path)
    if not isinstance(data, dict):
        raise TaskFileError(f"{path}:1: a {model.__name__} is a mapping, not a list or a word.")
    try:
        return model.model_validate(data if prepare is None else prepare(data))
    except ValidationError as exc:
        problems = [
            _problem(path, error, lines, data, model)
            for error in exc.errors(include_url=False, include_input=False)
        ]
        raise TaskFileError("\n".join(dict.fromkeys(problems[:10]))) from exc


def _problem(
    path: Path,
    error: Mapping[str, Any],
    lines: Mapping[_Path, int],
    data: dict[str, Any],
    model: type[BaseModel],
) -> str:
    """Return one line: file, line, key, what is wrong, the nearest right word."""
    trail = _trail(error["loc"], data, is_missing=error["type"] == "missing")
    line = next(lines[trail[:n]] for n in range(len(trail), -1, -1) if trail[:n] in lines)
    key = ".".join(map(str, trail))
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        name = str(error["loc"][-1])
        close = nearest(name, _known_keys(model, error["loc"]))
        message = f"no such key.{f' Did you mean {close!r}?' if close else ''}"
    elif error["type"] == "missing":
        message = "this key is missing."
    return f"{path}:{line}: {key + ': ' if key else ''}{message}"


def _trail(loc: _Path, data: Any, *, is_missing: bool) -> _Path:
    """Map pydantic's location onto the file: it names tags and fields that are not written."""
    trail: list[str | int] = []
    here: Any = data
    for index, part in enumerate(loc):
        in_mapping = isinstance(here, Mapping) and part in here
        in_list = isinstance(here, list) and isinstance(part, int) and part < len(here)
        if in_mapping or in_list:
            here = here[part]
            trail.append(part)
        elif index == len(loc) - 1 and (is_missing or not _is_short(here)):
            trail.append(part)
        # else: a tag, or a field that the short form leaves out
    return tuple(trail)


def _is_short(here: Any) -> bool:
    """Whether it may be a word with its body, so that what follows is not written."""
    return isinstance(here, Mapping) and len(here) == 1


def _known_keys(model: type[BaseModel], loc: _Path) -> list[str]:
    """Return the keys that may stand where the last part of LOC stands."""
    here: Sequence[type[BaseModel]] = [model]
    for part in loc[:-1]:
        words = [cls for cls in here if issubclass(cls, Word) and cls.name_of() == part]
        fields = [
            field.annotation
            for cls in here
            for name, field in cls.model_fields.items()
            if part in (name, field.alias)
        ]
        here = words or [cls for kind in fields for cls in _models_in(kind)] or here
    return [f.alias or n for cls in here for n, f in cls.model_fields.items() if n != "word"]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the models that an annotation names, inside unions and containers, too."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [cls for part in get_args(annotation) for cls in _models_in(part)]
