"""Reads the text of one PDF from standard input, page by page; a program of its own.

A PDF of a stranger may take for ever or fill the memory, whatever reads it. So `formats.pdf` runs
this file as a process that the kernel limits; only its tests import it, and it imports nothing of
ours. It prints a line of JSON for each page: the lines of its text.
"""

import io
import itertools
import json
import logging
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ContentStream,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
)

__all__ = ["pages"]

_CPU_S: Final = 10
_MEMORY_BYTES: Final = 768 * 2**20
_MAX_PAGES: Final = 300
_MAX_CHARS: Final = 1_000_000
_SPOILT: Final = (
    PyPdfError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
    RecursionError, NotImplementedError, OSError,
)  # fmt: skip

_SMALLEST_PT: Final = 3.0
_LEAST_CONTRAST: Final = 24 / 255  # in the colour channel that differs most
_LEAST_OPACITY: Final = 0.15
_INVISIBLE: Final = frozenset({3, 7})  # ways to draw letters that draw nothing
_PLAIN_SPACES: Final = frozenset(
    {"/DeviceGray", "/DeviceRGB", "/DeviceCMYK", "/CalGray", "/CalRGB", "/ICCBased"}
)
_SHOWS: Final = frozenset({b"Tj", b"TJ", b"'", b'"'})
_FILLS: Final = frozenset({b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"})
_ENDS_PATH: Final = _FILLS | {b"S", b"s", b"n"}

Colour = tuple[float, float, float] | None
"""Red, green and blue from 0 to 1; None for what cannot be told, which is seen on any ground."""
Matrix = tuple[float, float, float, float, float, float]

_UNIT: Final[Matrix] = (1, 0, 0, 1, 0, 0)
_PAPER: Final[Colour] = (1.0, 1.0, 1.0)


def main() -> None:
    """Read standard input, print the pages; the first argument is `all` or `unseen`."""
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    logging.disable()
    for lines in pages(sys.stdin.buffer.read(), unseen=sys.argv[1] == "unseen"):
        print(json.dumps(lines), flush=True)  # noqa: T201  # it is how this program answers


def pages(data: bytes, *, unseen: bool = False) -> Iterator[list[str]]:
    """Yield the lines of text on each page; with UNSEEN those that nobody sees.

    Raises:
        ValueError: It is encrypted.
        PyPdfError: It is no PDF. What else goes wrong is whatever it is.
    """
    read = _unseen_text if unseen else _text
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise ValueError("it is encrypted")
    left = _MAX_CHARS
    for number in itertools.count():
        if number >= min(len(reader.pages), _MAX_PAGES) or left <= 0:
            return
        try:
            text = read(reader, reader.pages[number])[:left]
        except _SPOILT:
            continue  # one spoilt page does not hide the others
        left -= len(text)
        yield [line.strip() for line in text.splitlines() if line.strip()]


def _text(_: PdfReader, page: PageObject) -> str:
    return page.extract_text()


def _unseen_text(reader: PdfReader, page: PageObject) -> str:
    """Return the text of a page without what shows text that a reader sees."""
    content = page.get("/Contents")
    if content is None:
        return ""
    stream = ContentStream(content.get_object(), reader, "bytes")
    resources = page.get("/Resources", DictionaryObject()).get_object()
    stream.operations = list(_Looking(resources).unseen(stream.operations))
    page[NameObject("/Contents")] = stream
    return page.extract_text()


@dataclass(frozen=True, slots=True)
class _Ink:
    """The part of the graphics state that says how text looks."""

    to_page: Matrix = _UNIT
    colour: Colour = (0.0, 0.0, 0.0)
    is_plain_space: bool = True
    opacity: float = 1.0
    size: float = 0.0
    rendering: int = 0


@dataclass(slots=True)
class _Looking:
    """Follows what a page draws, in order, and tells which of its text nobody sees.

    Ground is what was filled last where a piece of text begins; the paper is white. What lies in
    forms (pages within a page) is not followed, nor what is drawn over a text.
    """

    resources: DictionaryObject
    ink: _Ink = field(default_factory=_Ink)
    kept: list[_Ink] = field(default_factory=list)
    line: Matrix = _UNIT
    leading: float = 0.0
    path: list[tuple[float, float]] = field(default_factory=list)
    grounds: list[tuple[float, float, float, float, Colour]] = field(default_factory=list)

    def unseen(self, operations: list[tuple[Any, bytes]]) -> Iterator[tuple[Any, bytes]]:
        """Yield the operations without those that show text which is seen."""
        for operands, operator in operations:
            values = operands if isinstance(operands, list) else []
            self._follow(operator, values)
            if operator == b"Do" or (operator in _SHOWS and not self._is_unseen()):
                continue
            yield operands, operator

    def _follow(self, operator: bytes, values: list[Any]) -> None:
        numbers = [float(v) for v in values if isinstance(v, NumberObject | FloatObject)]
        match operator, numbers:
            case b"q", _:
                self.kept.append(self.ink)
            case b"Q", _:
                self.ink = self.kept.pop() if self.kept else self.ink
            case b"cm", [a, b, c, d, e, f]:
                self.ink = replace(self.ink, to_page=_product((a, b, c, d, e, f), self.ink.to_page))
            case b"gs", _:
                self._set_state(values)
            case b"cs", _:
                plain = bool(values) and self._family(values[0]) in _PLAIN_SPACES
                colour = (0.0, 0.0, 0.0) if plain else None
                self.ink = replace(self.ink, is_plain_space=plain, colour=colour)
            case b"g" | b"rg" | b"k", _:
                self.ink = replace(self.ink, colour=_colour(numbers), is_plain_space=True)
            case b"sc" | b"scn", _ if self.ink.is_plain_space:
                self.ink = replace(self.ink, colour=_colour(numbers))
            case b"Tr", [mode]:
                self.ink = replace(self.ink, rendering=int(mode))
            case b"Tf", [*_, size]:
                self.ink = replace(self.ink, size=size)
            case b"BT", _:
                self.line = _UNIT
            case b"Tm", [a, b, c, d, e, f]:
                self.line = (a, b, c, d, e, f)
            case b"TL", [leading]:
                self.leading = leading
            case b"Td" | b"TD", [x, y]:
                self.line = _product((1, 0, 0, 1, x, y), self.line)
                self.leading = -y if operator == b"TD" else self.leading
            case b"T*" | b"'" | b'"', _:
                self.line = _product((1, 0, 0, 1, 0, -self.leading), self.line)
            case b"sh", _:
                self.grounds.append((-1e9, -1e9, 1e9, 1e9, None))
            case b"Do", _:
                self._draw(values)
            case _:
                self._follow_path(operator, numbers)

    def _follow_path(self, operator: bytes, numbers: list[float]) -> None:
        if operator == b"re" and len(numbers) == 4:
            x, y, width, height = numbers
            self._reach((x, y), (x + width, y), (x, y + height), (x + width, y + height))
        elif operator in {b"m", b"l", b"c", b"v", b"y"}:
            self._reach(*zip(numbers[::2], numbers[1::2], strict=False))
        elif operator in _ENDS_PATH:
            if operator in _FILLS and self.path and self.ink.opacity >= _LEAST_OPACITY:
                self._cover(self.ink.colour)
            self.path.clear()

    def _reach(self, *points: tuple[float, float]) -> None:
        self.path.extend(_moved(point, self.ink.to_page) for point in points)

    def _cover(self, colour: Colour) -> None:
        xs, ys = [x for x, _ in self.path], [y for _, y in self.path]
        self.grounds.append((min(xs), min(ys), max(xs), max(ys), colour))

    def _draw(self, values: list[Any]) -> None:
        """A picture is a ground of no colour; a form is not followed."""
        drawn = self._resource("/XObject", values)
        if isinstance(drawn, StreamObject) and drawn.get("/Subtype") == "/Image":
            self._reach((0, 0), (1, 0), (0, 1), (1, 1))
            self._cover(None)
            self.path.clear()

    def _set_state(self, values: list[Any]) -> None:
        state = self._resource("/ExtGState", values)
        opacity = state.get("/ca") if isinstance(state, DictionaryObject) else None
        if isinstance(opacity, NumberObject | FloatObject):
            self.ink = replace(self.ink, opacity=float(opacity))

    def _family(self, name: Any) -> str:
        if name in _PLAIN_SPACES:
            return str(name)
        space = self._resource("/ColorSpace", [name])
        return str(space[0] if isinstance(space, list) and space else space)

    def _resource(self, kind: str, values: list[Any]) -> Any:
        named = self.resources.get(kind)
        found = named.get_object().get(values[0]) if named is not None and values else None
        return None if found is None else found.get_object()

    def _is_unseen(self) -> bool:
        ink = self.ink
        _, _, c, d, e, f = _product(self.line, ink.to_page)
        size = abs(ink.size) * (c * c + d * d) ** 0.5
        x, y = e + 0.2 * ink.size * c + 0.1, f + 0.2 * ink.size * d  # within the first letter
        ground: Colour = next(
            (
                colour
                for left, bottom, right, top, colour in reversed(self.grounds)
                if left <= x <= right and bottom <= y <= top
            ),
            _PAPER,
        )
        if ink.rendering in _INVISIBLE:
            return ground is not None  # a scan has its text so, below the picture of it
        if size < _SMALLEST_PT or ink.opacity < _LEAST_OPACITY:
            return True
        if ground is None or ink.colour is None:
            return False
        pairs = zip(ink.colour, ground, strict=True)
        return max(abs(one - other) for one, other in pairs) < _LEAST_CONTRAST


def _colour(numbers: list[float]) -> Colour:
    values = [min(1.0, max(0.0, value)) for value in numbers]
    match values:
        case [grey]:
            return grey, grey, grey
        case [red, green, blue]:
            return red, green, blue
        case [cyan, magenta, yellow, black]:
            return (1 - cyan) * (1 - black), (1 - magenta) * (1 - black), (1 - yellow) * (1 - black)
        case _:
            return None


def _product(one: Matrix, other: Matrix) -> Matrix:
    """Return the matrix that applies ONE, then OTHER."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (
        a * g + b * i, a * h + b * j,
        c * g + d * i, c * h + d * j,
        e * g + f * i + k, e * h + f * j + m,
    )  # fmt: skip


def _moved(point: tuple[float, float], matrix: Matrix) -> tuple[float, float]:
    x, y = point
    a, b, c, d, e, f = matrix
    return x * a + y * c + e, x * b + y * d + f


if __name__ == "__main__":
    main()
