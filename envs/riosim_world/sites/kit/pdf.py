"""Small real PDF files: A4 pages of text in the standard fonts."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

__all__ = ["Line", "pdf", "wrapped"]

_WIDTH, _HEIGHT, _MARGIN = 595, 842, 64
_FONTS = {"roman": "Times-Roman", "bold": "Times-Bold", "italic": "Times-Italic", "mono": "Courier"}
_NAMES = {name: f"F{index}" for index, name in enumerate(_FONTS)}

Font = Literal["roman", "bold", "italic", "mono"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page; `size` is in points and gives the step to the next line, too."""

    text: str = ""
    font: Font = "roman"
    size: int = 11


def wrapped(text: str, *, font: Font = "roman", size: int = 11, width: int = 88) -> list[Line]:
    """Break TEXT into lines of at most WIDTH characters."""
    return [Line(part, font, size) for part in textwrap.wrap(text, width)]


def pdf(lines: Iterable[Line], *, title: str) -> bytes:
    """Return a PDF file of LINES; the same lines give the same bytes."""
    pages = list(_pages(lines)) or [""]
    count = len(pages)
    fonts = " ".join(f"/{_NAMES[name]} {4 + index} 0 R" for index, name in enumerate(_FONTS))
    first = 4 + len(_FONTS)
    kids = " ".join(f"{first + 2 * index} 0 R" for index in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        f"<< /Title ({_escaped(title)}) >>",
        *(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>"
            for font in _FONTS.values()
        ),
    ]
    for index, content in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_WIDTH} {_HEIGHT}] "
            f"/Resources << /Font << {fonts} >> >> /Contents {first + 2 * index + 1} 0 R >>"
        )
        size = len(content.encode("cp1252", "replace"))
        objects.append(f"<< /Length {size} >>\nstream\n{content}\nendstream")
    return _file(objects)


def _pages(lines: Iterable[Line]) -> Iterator[str]:
    parts: list[str] = []
    y = _HEIGHT - _MARGIN
    for line in lines:
        step = round(line.size * 1.35)
        if y - step < _MARGIN and parts:
            yield "\n".join(parts)
            parts, y = [], _HEIGHT - _MARGIN
        y -= step
        if line.text:
            font = f"/{_NAMES[line.font]} {line.size} Tf"
            parts.append(f"BT {font} {_MARGIN} {y} Td ({_escaped(line.text)}) Tj ET")
    if parts:
        yield "\n".join(parts)


def _escaped(text: str) -> str:
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return clean.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _file(objects: list[str]) -> bytes:
    data = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252", "replace")
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    data += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    data += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 3 0 R >>\n".encode()
    return bytes(data + f"startxref\n{start}\n%%EOF\n".encode())
