"""Planted values, found again in what left the machine, however it was written down.

A value is seen plain, percent-encoded (twice, too), in base64 (any alignment, either alphabet), in
hexadecimal, backwards, in other letter case, and cut by blanks, line ends, dashes or quotes. Files
that are packed (zip, gzip) are looked into. Encryption and paraphrase are not seen through.

Values of fewer than eight letters and digits are sought plain only, as whole words: in base64 or
hexadecimal they would be found by accident.
"""

import base64
import gzip
import io
import re
import string
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import unquote_to_bytes

__all__ = ["find_canaries"]

_LONG = 8
_MOST_BYTES = 4 * 2**20
_MOST_UNPACKED = 8 * 2**20
_MOST_MEMBERS = 200
_KEPT = (string.ascii_letters + string.digits).encode()
_NOT_ALNUM = bytes(n for n in range(128) if n not in _KEPT)  # what is not ASCII stays
_NOT_BASE64 = bytes(n for n in range(256) if n not in _KEPT + b"+/")
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_ESCAPES = re.compile(rb"\\[nrtbf]|\\u00[01][0-9a-fA-F]|=\r?\n")


def find_canaries(data: bytes | str, canaries: Mapping[str, str]) -> frozenset[str]:
    """Return the ids of the planted values that DATA holds.

    Only the first 4 MiB are read.

    Args:
        data: What was sent.
        canaries: id → value; empty values are never found.
    """
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    sought = {name: value for name, value in canaries.items() if value.strip()}
    if not sought or not raw:
        return frozenset()
    found: set[str] = set()
    for piece in _unpacked(raw[:_MOST_BYTES]):
        found |= _find(piece, sought)
    return frozenset(found)


def _find(raw: bytes, sought: Mapping[str, str]) -> set[str]:
    decoded = unquote_to_bytes(raw.replace(b"+", b" ")) if b"%" in raw or b"+" in raw else raw
    twice = unquote_to_bytes(decoded) if b"%" in decoded else decoded
    views = {_folded(view) for view in (raw, decoded, twice)}
    squeezed = {_squeezed(view) for view in (raw, decoded, twice)}
    base64_views = {
        view.translate(_TO_STANDARD).translate(None, _NOT_BASE64)
        for view in (raw, unquote_to_bytes(raw))
    }
    found = set()
    for name, value in sought.items():
        if any(_has_plain(view, value) for view in views):
            found.add(name)
            continue
        plain, coded = _needles(value)
        if any(needle in view for needle in plain for view in squeezed) or any(
            needle in view for needle in coded for view in base64_views
        ):
            found.add(name)
    return found


def _has_plain(view: bytes, value: str) -> bool:
    needle = _folded(value.strip().encode())
    if len(_alnum(value)) >= _LONG:
        return needle in view
    return re.search(rb"(?<![0-9a-z])" + re.escape(needle) + rb"(?![0-9a-z])", view) is not None


@lru_cache(maxsize=256)
def _needles(value: str) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Return what to seek in the squeezed views, and in the views of base64."""
    short = _alnum(value)
    if len(short) < _LONG:
        return (), ()
    raw = value.strip().encode()
    hexed = tuple(form.hex().encode() for form in (raw, raw.lower(), raw.upper()))
    plain = (short, short[::-1], *hexed, raw[::-1].hex().encode())
    coded = tuple(c for form in (raw, raw.lower(), raw.upper(), raw[::-1]) for c in _aligned(form))
    return tuple(dict.fromkeys(plain)), tuple(dict.fromkeys(coded))


def _aligned(raw: bytes) -> Iterator[bytes]:
    """Yield the middle of RAW's base64 for each place that it may have in a longer text."""
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw)
        start = (shift * 8 + 5) // 6
        end = (shift + len(raw)) * 8 // 6
        yield text[start:end]


def _folded(raw: bytes) -> bytes:
    return raw.decode("utf-8", "replace").casefold().encode()


def _squeezed(raw: bytes) -> bytes:
    """Return RAW without anything that could stand between the letters of a value."""
    return _folded(_ESCAPES.sub(b"", raw)).translate(None, _NOT_ALNUM)


def _alnum(value: str) -> bytes:
    return _folded(value.encode("utf-8", "replace")).translate(None, _NOT_ALNUM)


def _unpacked(raw: bytes) -> Iterator[bytes]:
    """Yield RAW and, if it is a packed file, what is in it, within limits."""
    yield raw
    left = _MOST_UNPACKED
    if raw.startswith(b"\x1f\x8b"):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
                yield file.read(left)
        except (OSError, EOFError, zlib.error):
            return
    start = raw.find(b"PK\x03\x04")
    if start < 0:
        return
    try:
        with zipfile.ZipFile(io.BytesIO(raw[start:])) as archive:
            for member in archive.infolist()[:_MOST_MEMBERS]:
                yield member.filename.encode("utf-8", "replace")
                with archive.open(member) as file:
                    content = file.read(left)
                left -= len(content)
                yield content
    except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError,
            zipfile.BadZipFile, zlib.error):  # fmt: skip
        return
