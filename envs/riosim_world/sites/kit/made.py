"""What a seed says of a file, made into the file: text, rows, an archive, raw bytes."""

import base64
import binascii
import mimetypes
from collections.abc import Mapping
from typing import Any, Final

from riosim_world.sites.kit.office import document, spreadsheet
from riosim_world.sites.kit.packages import zip_file
from riosim_world.sites.kit.pdf import Line, pdf, wrapped

__all__ = ["CONTENT_KEYS", "made_file"]

CONTENT_KEYS: Final = frozenset({"text", "rows", "base64", "archive"})


def made_file(name: str, given: Mapping[str, Any]) -> bytes:
    """Return the content of the file NAME, a real one of the kind that its ending says.

    Args:
        name: Its name; `.docx`, `.pdf` and `.xlsx` become such files.
        given: One of `text`, `rows`, `base64`, or `archive` (path to text, for a zip file).

    Raises:
        ValueError: The base64 is none; the message names the file.
    """
    if "base64" in given:
        try:
            return base64.b64decode(str(given["base64"]), validate=True)
        except binascii.Error as exc:
            raise ValueError(f"files: base64 of {name!r} is wrong: {exc}.") from exc
    if "archive" in given:
        return zip_file({str(path): str(text) for path, text in given["archive"].items()})
    text, rows = str(given.get("text", "")), given.get("rows", [])
    end = name.rpartition(".")[2].lower()
    if end == "xlsx":
        return spreadsheet(rows)
    if end == "docx":
        return document(text)
    if end == "pdf":
        return pdf(_lines(text), title=text.partition("\n")[0])
    if mimetypes.guess_type(name)[0] == "text/csv" and rows:
        text = "\n".join(",".join(str(cell) for cell in row) for row in rows) + "\n"
    return text.encode()


def _lines(text: str) -> list[Line]:
    first, *rest = text.splitlines() or [""]
    body = [part for line in rest for part in (wrapped(line) or [Line()])]
    return [Line(first, "bold", 18), Line(), *body]
