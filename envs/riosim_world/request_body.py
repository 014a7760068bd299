"""What a request carried, read without trusting it: fields, JSON, files."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from python_multipart.multipart import MultipartParser, parse_options_header

__all__ = ["Part", "Received", "read_body", "read_query"]

_MOST_FIELDS = 200
_MOST_CHARACTERS = 8_000  # of one field
_MOST_OF_ALL = 400_000
_MOST_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a form."""

    field: str
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """Fields with their whole values, and files."""

    fields: dict[str, str] = field(default_factory=dict)
    files: tuple[Part, ...] = ()

    def shown(self) -> dict[str, str]:
        """Return the fields as events show them: each cut at 8 000 characters, all at 400 000."""
        out, left = {}, _MOST_OF_ALL
        for name, value in self.fields.items():
            out[name[:200]] = value[: min(left, _MOST_CHARACTERS)]
            left -= len(out[name[:200]])
        return out


def read_query(query: bytes) -> dict[str, str]:
    """Return the fields of a query; values of one name are joined by commas."""
    try:
        pairs = parse_qsl(
            query.decode("latin-1"), keep_blank_values=True, errors="replace", encoding="utf-8"
        )
    except ValueError:
        pairs = [("", unquote_plus(query.decode("latin-1"), errors="replace"))]
    return _joined(pairs)


def read_body(content_type: str, body: bytes) -> Received:
    """Return what a body says; one that is no form and no JSON object has no fields."""
    if not body:
        return Received()
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _multipart(content_type, body)
    if kind == "application/x-www-form-urlencoded":
        return Received(read_query(body))
    if kind == "application/json" or kind.endswith("+json") or body[:1] in b"{[":
        return Received(_json(body))
    return Received()


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    out: dict[str, str] = {}
    for name, value in pairs:
        if name in out:
            out[name] = f"{out[name]}, {value}"
        elif len(out) < _MOST_FIELDS:
            out[name] = value
    return out


def _json(body: bytes) -> dict[str, str]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    pairs = [pair for _, pair in zip(range(_MOST_FIELDS), _leaves("", value, 0), strict=False)]
    return _joined(pairs)


def _leaves(name: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Yield `a.b.0` → text for every leaf of a JSON value."""
    items: Iterator[tuple[Any, Any]] | None = None
    if isinstance(value, dict):
        items = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    if items is None:
        yield name, value if isinstance(value, str) else json.dumps(value)
    elif depth < _MOST_DEPTH:
        for key, inner in items:
            yield from _leaves(f"{name}.{key}" if name else str(key), inner, depth + 1)


class _Collector:
    """Callbacks of the multipart parser; keeps headers and data of each part."""

    def __init__(self) -> None:
        self.parts: list[tuple[dict[str, str], bytearray]] = []
        self._name = bytearray()
        self._value = bytearray()

    def begin(self) -> None:
        if len(self.parts) < _MOST_FIELDS:
            self.parts.append(({}, bytearray()))

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        if self.parts:
            name = self._name.decode("latin-1").lower()
            self.parts[-1][0][name] = self._value.decode("latin-1")
        self._name.clear()
        self._value.clear()

    def data(self, data: bytes, start: int, end: int) -> None:
        if self.parts:
            self.parts[-1][1].extend(data[start:end])


def _multipart(content_type: str, body: bytes) -> Received:
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        return Received()
    collector = _Collector()
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": collector.begin,
                "on_part_data": collector.data,
                "on_header_field": collector.header_field,
                "on_header_value": collector.header_value,
                "on_header_end": collector.header_end,
            },
        )
        parser.write(body)
    except (ValueError, IndexError):
        pass  # what was read up to here is still what arrived
    return _sorted_out(collector.parts)


def _sorted_out(parts: list[tuple[dict[str, str], bytearray]]) -> Received:
    pairs: list[tuple[str, str]] = []
    files: list[Part] = []
    for headers, data in parts:
        _, options = parse_options_header(headers.get("content-disposition", ""))
        name = options.get(b"name", b"").decode("utf-8", "replace")[:200]
        if b"filename" not in options:
            pairs.append((name, data.decode("utf-8", "replace")))
        elif options[b"filename"] or data:
            filename = options[b"filename"].decode("utf-8", "replace")[:200]
            files.append(Part(name, filename, bytes(data)))
    return Received(_joined(pairs), tuple(files))
