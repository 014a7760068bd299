"""Text of saved documents: ODF (zipped or flat), OOXML, plain text."""

import io
import lzma
import re
import zipfile
import zlib
from xml.etree import ElementTree  # expat ≥ 2.4.1 bounds entity expansion

__all__ = ["UnreadableDocumentError", "document_paragraphs"]

_MAX_BYTES = 8 * 2**20  # of XML, all parts together
_MAX_DEPTH = 200
_FLAT_ODF = re.compile(rb"\s*<\?xml.{0,200}?<office:document\s", re.DOTALL)
_BLOCKS = {"p", "h", "si", "row"}
_UNSAID = {  # comments, deleted text, field codes, formulas: nobody reads them in the document
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
    if not data.startswith(b"PK"):
        if b"\x00" in data[:1024]:
            raise UnreadableDocumentError(f"{name} is no document: it begins {data[:16]!r}.")
        if _FLAT_ODF.match(data):
            if len(data) > _MAX_BYTES:
                raise UnreadableDocumentError(f"{name} holds more than {_MAX_BYTES} bytes of text.")
            return _paragraphs(name, data)
        return [line for line in data.decode(errors="replace").splitlines() if line.strip()]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _parts(archive)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError,
            EOFError, OSError, ValueError) as exc:  # fmt: skip
        raise UnreadableDocumentError(f"{name} is a damaged document: {exc}") from exc
    if not parts:
        raise UnreadableDocumentError(f"{name} is a zip file without a document in it.")
    return [text for part in parts for text in _paragraphs(name, part)]


def _parts(archive: zipfile.ZipFile) -> list[bytes]:
    """Return the XML parts that hold text; parts over the cap are cut off, hence unreadable."""
    names = {
        member.filename
        for member in archive.infolist()
        if member.filename == "content.xml" or _OOXML_PARTS.fullmatch(member.filename)
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


def _paragraphs(name: str, xml: bytes) -> list[str]:
    try:
        root = ElementTree.fromstring(xml)  # noqa: S314  # see the import
    except ElementTree.ParseError as exc:
        raise UnreadableDocumentError(f"{name} holds broken XML: {exc}") from exc
    texts: list[str] = []
    _collect(name, root, texts, 0)
    return [text for text in map(str.strip, texts) if text]


def _collect(name: str, element: ElementTree.Element, texts: list[str], depth: int) -> None:
    """Add the text of each block below ELEMENT, a block within a block as one of its own."""
    if depth > _MAX_DEPTH:
        raise UnreadableDocumentError(f"{name} is nested more than {_MAX_DEPTH} deep.")
    for child in element:
        local = _local(child.tag)
        if local in _UNSAID:
            continue
        if local in _BLOCKS:
            pieces: list[str] = []
            inner: list[str] = []
            _gather(name, child, pieces, inner, depth + 1)
            texts.append("".join(pieces))
            texts.extend(inner)
        else:
            _collect(name, child, texts, depth + 1)


def _gather(
    name: str, element: ElementTree.Element, pieces: list[str], inner: list[str], depth: int
) -> None:
    """Add the text of one block; ODF writes blanks, tabs and breaks as elements."""
    if depth > _MAX_DEPTH:
        raise UnreadableDocumentError(f"{name} is nested more than {_MAX_DEPTH} deep.")
    pieces.append(element.text or "")
    for child in element:
        local = _local(child.tag)
        if local == "s":
            count = next((v for k, v in child.attrib.items() if _local(k) == "c"), "1")
            pieces.append(" " * min(int(count) if count.isdecimal() else 1, 1000))
        elif local in {"tab", "line-break", "br"}:
            pieces.append(" ")
        elif local in _BLOCKS:
            own: list[str] = []
            _gather(name, child, own, inner, depth + 1)
            inner.append("".join(own))
        elif local not in _UNSAID and not _is_index(child):
            pieces.append(" " if local == "c" else "")  # the next cell of a row
            _gather(name, child, pieces, inner, depth + 1)
        pieces.append(child.tail or "")


def _is_index(element: ElementTree.Element) -> bool:
    """Whether it is a cell that holds the number of a shared string, not a text."""
    return _local(element.tag) == "c" and element.get("t") == "s"


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
