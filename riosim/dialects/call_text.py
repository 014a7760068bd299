"""Calls such as `click(start_box='(1,2)')` in what a model wrote: read without running anything."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

__all__ = ["MOST_CALLS", "Call", "begins_call", "call_start", "escaped", "read_calls"]

MOST_CALLS: Final = 50
"""Calls that are read of one answer."""

_NAME: Final = re.compile(r"([A-Za-z_]\w{0,60})\s{0,20}\(")
_ARGUMENT: Final = re.compile(r"\s*(?:([A-Za-z_]\w{0,60})\s{0,20}=\s*)?")
_BARE: Final = re.compile(
    r"<\|\w{1,20}\|>[^<>]{0,100}<\|\w{1,20}\|>|<(\w{1,20})>[^<>]{0,100}</\1>"
    r"|\([^()]{0,100}\)|\[[^\[\]]{0,100}\]|[^\s,()'\"<>]{1,200}"
)
_GAP: Final = re.compile(r"(?:[\s;,`]|\bAction\s{0,9}\d{0,3}\s{0,9}:|#[^\n]*(?:\n|\Z))*")
_PIECE: Final = re.compile(r"\\.|[^\\'\"]+|['\"]|\\", re.DOTALL)
_LINE_ENDS: Final = re.compile(r"\s*(?:,\s*[A-Za-z_]\w{0,60}\s{0,20}=|\)[ \t]*(?:\Z|[\n;#`<]))")
_ESCAPE: Final = re.compile(
    r"\\(?:([nrt'\"\\])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(0010[0-9a-fA-F]{4}|000[0-9a-fA-F]{5}))"
)
_MEANS: Final = {"n": "\n", "r": "\r", "t": "\t"}
_SAYS: Final = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as it was written.

    Attributes:
        text: The call itself, or from its beginning on if it has no end.
        name: What is called.
        arguments: By name; those without one are named `0`, `1`, …
        problem: Why it cannot be read; empty if it can.
        start: Where it stands in the whole text.
    """

    text: str
    name: str
    arguments: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    start: int = 0

    @property
    def end(self) -> int:
        """Where it ends; a broken one at the end of the whole text."""
        return self.start + len(self.text)


def escaped(text: str) -> str:
    """Return a text as it stands between single quotes in a call."""
    return text.translate(_SAYS)


def call_start(text: str, at: int) -> int:
    """Return where the next thing stands after space, fences, comments and labels `Action:`."""
    match = _GAP.match(text, at)
    return match.end() if match else at


def begins_call(text: str, at: int, names: Collection[str] = ()) -> bool:
    """Whether a call stands here; without NAMES one to anything."""
    match = _NAME.match(text, at)
    return match is not None and (not names or match[1] in names)


def read_calls(text: str, start: int, names: Collection[str]) -> list[Call]:
    r"""Return the calls that follow one another from START; what comes after them is left alone.

    A value stands in single or double quotes, with the escapes of Python, or bare. A quote in it
    that was not escaped ends it only if the call ends there as well: at the end of the text, before
    a call to one of NAMES, or, failing that, at the end of a line. After a call that cannot be read
    no more are.

    Example:
        >>> [call.arguments for call in read_calls(r"type(content='It\'s\n')", 0, ["type"])]
        [{'content': "It's\n"}]
    """
    followers = "|".join(re.escape(name) for name in sorted(names)) or r"\w+"
    ends = re.compile(
        r"\s*(?:,\s*[A-Za-z_]\w{0,60}\s{0,20}=|\)[\s;`]*"
        rf"(?:\Z|Action\s{{0,9}}\d{{0,3}}\s{{0,9}}:|Thought\s{{0,9}}:|(?:{followers})\s{{0,20}}\())"
    )
    calls: list[Call] = []
    at = call_start(text, start)
    while begins_call(text, at):
        if len(calls) == MOST_CALLS:
            too_many = f"There are more than {MOST_CALLS} calls."
            calls.append(Call(text[at:], "", problem=too_many, start=at))
            break
        calls.append(_read_call(text, at, ends))
        at = call_start(text, calls[-1].end)  # after a broken one, the end of the text
    return calls


def _read_call(text: str, start: int, ends: re.Pattern[str]) -> Call:
    """Read the call that begins at START."""
    match = _NAME.match(text, start)
    if match is None:  # begins_call found one
        return Call(text[start:], "", problem="No call begins here.", start=start)
    name, at = match[1], match.end()
    arguments: dict[str, str] = {}

    def broken(problem: str) -> Call:
        return Call(text[start:], name, arguments, f"{name}: {problem}", start)

    while True:
        named = _ARGUMENT.match(text, at)
        if named is not None:
            at = named.end()
        if text[at : at + 1] == ")":
            return Call(text[start : at + 1], name, arguments, start=start)
        key = (named[1] if named else None) or str(len(arguments))
        read = _value(text, at, ends)
        if isinstance(read, str):
            return broken(read)
        if key in arguments:
            return broken(f"{key} is given twice.")
        arguments[key], at = read
        if len(arguments) > 12:
            return broken("it has more than 12 arguments.")
        at = _skip_space(text, at)
        if text[at : at + 1] == ",":
            at += 1
        elif text[at : at + 1] != ")":
            return broken(f"after {key} stands {text[at : at + 20]!r} instead of a comma or ')'.")


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _value(text: str, at: int, ends: re.Pattern[str]) -> tuple[str, int] | str:
    """Return the value at AT and where it ends, or why there is none."""
    if text[at : at + 1] in ("'", '"'):
        end = _closing_quote(text, at, ends)
        if end < 0:
            end = _closing_quote(text, at, _LINE_ENDS)
        if end < 0:
            return "a text in quotes has no end: the answer was cut off, or a quote is missing."
        return _unescaped(text[at + 1 : end]), end + 1
    bare = _BARE.match(text, at)
    if bare is None:
        seen = text[at : at + 20]
        return f"a value is missing before {seen!r}." if seen else "it has no end: it was cut off."
    return bare[0], bare.end()


def _closing_quote(text: str, start: int, ends: re.Pattern[str]) -> int:
    """Return where the value that begins with the quote at START ends, -1 if it does not."""
    quote = text[start]
    for piece in _PIECE.finditer(text, start + 1):
        if piece[0] == quote and ends.match(text, piece.end()):
            return piece.start()
    return -1


def _unescaped(text: str) -> str:
    def meaning(match: re.Match[str]) -> str:
        if match[1]:
            return _MEANS.get(match[1], match[1])
        return chr(int(match[2] or match[3] or match[4], 16))

    return _ESCAPE.sub(meaning, text)
