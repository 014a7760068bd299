"""Text of saved documents: ODF (zipped or flat), OOXML, plain text."""

import io
import lzma
import re
import zipfile
import zlib
from xml.etree import ElementTree  # expat ≥ 2.4.1 bounds entity expansion
from xml.etree.ElementTree import Element

__all__ = [
    "BLOCKS",
    "MAX_DEPTH",
    "UNSAID",
    "UnreadableDocumentError",
    "document_paragraphs",
    "document_roots",
    "local_name",
]

_MAX_BYTES = 8 * 2**20  # of XML, all parts together
MAX_DEPTH = 200
_FLAT_ODF = re.compile(rb"\s*<\?xml.{0,200}?<office:document\s", re.DOTALL)
BLOCKS = {"p", "h", "si", "row"}
UNSAID = {  # comments, deleted text, field codes, formulas: nobody reads them in the document
    "annotation", "tracked-changes", "del", "delText", "moveFrom", "instrText", "f",
}  # fmt: skip
_OOXML_PARTS = re.compile(
    r"(word/document|xl/sharedStrings|xl/worksheets/sheet\d+|ppt/slides/slide\d+)\.xml"
)


class UnreadableDocumentError(ValueError):
    """The bytes are not a document of the kind that they claim to be."""


def document_paragraphs(name: str, data: bytes) -> list[str]:
    """Return the paragraphs (cells, headings) of a document, in order, without empty ones.

    Raises:
        UnreadableDocumentError: It is a zip file that holds no document, or damaged.
    """
    if not data.startswith(b"PK") and not _FLAT_ODF.match(data):
        if b"\x00" in data[:1024]:
            raise UnreadableDocumentError(f"{name} is no document: it begins {data[:16]!r}.")
        return [line for line in data.decode(errors="replace").splitlines() if line.strip()]
    return [text for root in document_roots(name, data) for text in _paragraphs(name, root)]


def document_roots(name: str, data: bytes, *, with_styles: bool = False) -> list[Element]:
    """Return the XML trees of a document that hold its text; of what is no such document, none.

    With WITH_STYLES also the tree of an ODF document that holds its named styles.

    Raises:
        UnreadableDocumentError: It is a zip file that holds no document, or damaged.
    """
    if not data.startswith(b"PK"):
        if not _FLAT_ODF.match(data):
            return []
        if len(data) > _MAX_BYTES:
            raise UnreadableDocumentError(f"{name} holds more than {_MAX_BYTES} bytes of text.")
        return [_root(name, data)]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _parts(archive, {"styles.xml"} if with_styles else set())
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError,
            EOFError, OSError, ValueError) as exc:  # fmt: skip
        raise UnreadableDocumentError(f"{name} is a damaged document: {exc}") from exc
    if not parts:
        raise UnreadableDocumentError(f"{name} is a zip file without a document in it.")
    return [_root(name, part) for part in parts]


def _parts(archive: zipfile.ZipFile, more: set[str]) -> list[bytes]:
    """Return the XML parts that hold text, and MORE; what is over the cap is unreadable."""
    names = {
        member.filename
        for member in archive.infolist()
        if member.filename in {"content.xml"} | more or _OOXML_PARTS.fullmatch(member.filename)
    }
    parts = []
    left = _MAX_BYTES
    for name in sorted(names):
        with archive.open(name) as member:
            parts.append(member.read(left))
        left -= len(parts[-1])
        if left <= 0:
            raise UnreadableDocumentError(f"it holds more than {_MAX_BYTES} bytes of text")
    return parts


def _root(name: str, xml: bytes) -> Element:
    try:
        return ElementTree.fromstring(xml)  # noqa: S314  # see the import
    except ElementTree.ParseError as exc:
        raise UnreadableDocumentError(f"{name} holds broken XML: {exc}") from exc


def _paragraphs(name: str, root: Element) -> list[str]:
    texts: list[str] = []
    _collect(name, root, texts, 0)
    return [text for text in map(str.strip, texts) if text]


def _collect(name: str, element: Element, texts: list[str], depth: int) -> None:
    """Add the text of each block below ELEMENT, a block within a block as one of its own."""
    if depth > MAX_DEPTH:
        raise UnreadableDocumentError(f"{name} is nested more than {MAX_DEPTH} deep.")
    for child in element:
        local = local_name(child.tag)
        if local in UNSAID:
            continue
        if local in BLOCKS:
            pieces: list[str] = []
            inner: list[str] = []
            _gather(name, child, pieces, inner, depth + 1)
            texts.append("".join(pieces))
            texts.extend(inner)
        else:
            _collect(name, child, texts, depth + 1)


def _gather(name: str, element: Element, pieces: list[str], inner: list[str], depth: int) -> None:
    """Add the text of one block; ODF writes blanks, tabs and breaks as elements."""
    if depth > MAX_DEPTH:
        raise UnreadableDocumentError(f"{name} is nested more than {MAX_DEPTH} deep.")
    pieces.append(element.text or "")
    for child in element:
        local = local_name(child.tag)
        if local == "s":
            count = next((v for k, v in child.attrib.items() if local_name(k) == "c"), "1")
            pieces.append(" " * min(int(count) if count.isdecimal() else 1, 1000))
        elif local in {"tab", "line-break", "br"}:
            pieces.append(" ")
        elif local in BLOCKS:
            own: list[str] = []
            _gather(name, child, own, inner, depth + 1)
            inner.append("".join(own))
        elif local not in UNSAID and not _is_index(child):
            pieces.append(" " if local == "c" else "")  # the next cell of a row
            _gather(name, child, pieces, inner, depth + 1)
        pieces.append(child.tail or "")


def _is_index(element: Element) -> bool:
    """Whether it is a cell that holds the number of a shared string, not a text."""
    return local_name(element.tag) == "c" and element.get("t") == "s"


def local_name(tag: str) -> str:
    """Return the name of a tag or an attribute without its namespace."""
    return tag.rpartition("}")[2]
