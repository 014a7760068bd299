"""JSON objects in what a model wrote: found in one pass, decoded strictly."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final, NoReturn

__all__ = ["Found", "decode", "find_objects", "one_line"]

_DEEPEST: Final = 50
_START: Final = re.compile(r"""\{\s*(?=["'}])""")
_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|["{}\[\]]', re.DOTALL)
_FENCE: Final = re.compile(r"`{3,}\w*")


@dataclass(frozen=True, slots=True)
class Found:
    """One piece of an answer that begins like a JSON object.

    Attributes:
        text: As it was written.
        value: What it holds, None if it is no JSON.
        problem: Why it is none.
    """

    text: str
    value: dict[str, Any] | None = None
    problem: str = ""


def find_objects(said: str) -> tuple[list[Found], str]:
    """Return the JSON objects in a text, in order, and the prose around them.

    An object that is said again, with words between, is left out. Linear in the length of the text.
    """
    found: list[Found] = []
    seen: set[str] = set()
    prose: list[str] = []
    at = 0
    while (start := _START.search(said, at)) is not None:
        end, problem = _end_of(said, start.start())
        between = said[at : start.start()]
        prose.append(between)
        text = said[start.start() : end]
        part = Found(text, problem=problem) if problem else _decoded(text)
        same = part.text if part.value is None else json.dumps(part.value, sort_keys=True)
        if same not in seen or not between.strip(" \t\r\n,"):
            found.append(part)
        seen.add(same)
        at = end
    prose.append(said[at:])
    return found, _plain(prose)


def decode(text: str) -> Any:
    """Return what JSON text holds.

    Raises:
        ValueError: It is no JSON, holds a number that JSON does not have, says a key twice, or is
            nested too deeply.
    """
    try:
        return json.loads(text, strict=False, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def one_line(value: object) -> str:
    """Return a value as JSON on one line, letters as they are; total."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=lambda other: type(other).__name__)
    except (TypeError, ValueError, RecursionError):  # odd keys, or a circle
        text = f'"{type(value).__name__}"'
    return text.encode("utf-8", "backslashreplace").decode()


def _end_of(said: str, start: int) -> tuple[int, str]:
    """Return where the object that begins at START ends, and why it does not."""
    depth = 0
    for token in _TOKEN.finditer(said, start):
        match token[0]:
            case "{" | "[":
                depth += 1
                if depth > _DEEPEST:
                    return len(said), f"The JSON is nested more than {_DEEPEST} levels deep."
            case "}" | "]":
                depth -= 1
                if depth == 0:
                    return token.end(), ""
            case '"':
                return len(said), "The JSON ends in the middle of a text: it was cut off."
            case _:
                pass
    return len(said), "The JSON ends before its last bracket: it was cut off."


def _decoded(text: str) -> Found:
    try:
        value = decode(text)
    except ValueError as exc:
        return Found(text, problem=f"The JSON cannot be read: {str(exc)[:200]}.")
    return Found(text, value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {twice[:50]!r} stands twice")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _plain(prose: list[str]) -> str:
    """Return prose without the fences, brackets and commas that stood around JSON."""
    pieces = (_FENCE.sub("", piece).strip() for piece in prose)
    return "\n".join(piece for piece in pieces if piece.strip(" \t\r\n,[]"))
