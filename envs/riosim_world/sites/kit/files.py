"""How a file that somebody keeps on a site is named, shown and handed out."""

import csv
import io
import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

from starlette.responses import Response

from riosim_world.sites.kit.store import Row

__all__ = [
    "Shown",
    "clean_name",
    "file_kind",
    "file_response",
    "kind_words",
    "preview",
    "size_words",
]

_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_INLINE = _PICTURES | {"application/pdf"}
_KINDS = {
    "pdf": {"pdf"},
    "sheet": {"xlsx", "ods", "csv", "xls"},
    "text": {"docx", "odt", "doc", "rtf", "txt", "md", "log"},
    "slides": {"pptx", "odp", "ppt"},
    "picture": {"png", "jpg", "jpeg", "gif", "webp", "svg"},
    "archive": {"zip", "gz", "tar", "7z", "rar"},
    "code": {"py", "js", "json", "yaml", "yml", "sh", "html", "css", "ini", "env", "conf"},
    "film": {"mp4", "webm", "mkv", "mov"},
    "sound": {"mp3", "wav", "ogg", "flac"},
}
_WORDS = {
    "pdf": "PDF document",
    "sheet": "Spreadsheet",
    "text": "Text document",
    "slides": "Presentation",
    "picture": "Picture",
    "archive": "Archive",
    "code": "Source code or settings",
    "film": "Film",
    "sound": "Sound",
}
_MOST_CHARACTERS = 30_000
_MOST_ROWS = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """What a preview shows of a file."""

    way: Literal["picture", "pdf", "text", "table", "none"]
    text: str = ""
    rows: list[list[str]] = field(default_factory=list)
    is_cut: bool = False


def clean_name(text: str) -> str:
    """Return a name that a file may have, or nothing."""
    name = re.sub(r"[/\\\x00-\x1f\x7f]+", " ", text).strip(" .")
    return name[:120]


def file_kind(item: Row) -> str:
    """Return which of the icons a file or folder has."""
    if item["kind"] == "folder":
        return "folder"
    end = item["name"].rpartition(".")[2].lower()
    return next((kind for kind, ends in _KINDS.items() if end in ends), "other")


def kind_words(item: Row) -> str:
    """Return what kind of file it is, for people."""
    return _WORDS.get(file_kind(item), "File")


def size_words(n_bytes: int) -> str:
    """Return a size as people write it."""
    for unit, size in (("MB", 1_000_000), ("KB", 1000)):
        if n_bytes >= size:
            return f"{n_bytes / size:.1f} {unit}"
    return f"{n_bytes} bytes"


def preview(item: Row, data: bytes) -> Shown:
    """Return what can be shown of a file."""
    if item["media_type"] in _PICTURES:
        return Shown("picture")
    if item["media_type"] == "application/pdf":
        return Shown("pdf")
    if not (item["media_type"].startswith("text/") or file_kind(item) == "code"):
        return Shown("none")
    text = data.decode("utf-8", "replace").replace("\0", "�")
    if item["name"].lower().endswith(".csv"):
        rows = _rows(text)
        return Shown("table", rows=rows[:_MOST_ROWS], is_cut=len(rows) > _MOST_ROWS)
    return Shown("text", text[:_MOST_CHARACTERS], is_cut=len(text) > _MOST_CHARACTERS)


def _rows(text: str) -> list[list[str]]:
    try:
        return [row[:20] for row in csv.reader(io.StringIO(text[:_MOST_CHARACTERS])) if row]
    except csv.Error:
        return [[line] for line in text.splitlines()]


def file_response(item: Row, data: bytes, *, inline: bool = False) -> Response:
    """Return a file: in the page only if it cannot act there, else to be saved."""
    shows = inline and item["media_type"] in _INLINE
    way = "inline" if shows else "attachment"
    name = quote(item["name"].encode("utf-8", "replace"))
    media_type = item["media_type"] if shows else "application/octet-stream"
    headers = {
        "content-disposition": f"{way}; filename*=UTF-8''{name}",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return Response(data, headers=headers | {"content-type": media_type})
