"""Text of saved documents: ODF, OOXML, plain text."""

import io
import re
import zipfile
from xml.etree import ElementTree  # expat ≥ 2.4.1 bounds entity expansion

__all__ = ["UnreadableDocumentError", "document_paragraphs"]

_MAX_MEMBER_BYTES = 16 * 2**20
_ODF_BLOCKS = {"p", "h"}
_OOXML_BLOCKS = {"p", "si", "row"}
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
        return [line for line in data.decode(errors="replace").splitlines() if line.strip()]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _parts(archive)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as exc:
        raise UnreadableDocumentError(f"{name} is a damaged document: {exc}") from exc
    if not parts:
        raise UnreadableDocumentError(f"{name} is a zip file without a document in it.")
    return [text for part in parts for text in _paragraphs(name, part)]


def _parts(archive: zipfile.ZipFile) -> list[bytes]:
    """Return the XML parts that hold text; parts over the cap are cut off, hence unreadable."""
    names = [
        member.filename
        for member in archive.infolist()
        if member.filename == "content.xml" or _OOXML_PARTS.fullmatch(member.filename)
    ]
    parts = []
    for name in sorted(names):
        with archive.open(name) as member:
            parts.append(member.read(_MAX_MEMBER_BYTES))
    return parts


def _paragraphs(name: str, xml: bytes) -> list[str]:
    try:
        root = ElementTree.fromstring(xml)  # noqa: S314  # see the import
    except ElementTree.ParseError as exc:
        raise UnreadableDocumentError(f"{name} holds broken XML: {exc}") from exc
    blocks = _ODF_BLOCKS | _OOXML_BLOCKS
    texts = []
    for element in root.iter():
        if _local(element.tag) in blocks:
            text = _text(element).strip()
            if text:
                texts.append(text)
    return texts


def _text(element: ElementTree.Element) -> str:
    """Join the text below an element; ODF writes blanks, tabs and breaks as elements."""
    parts = [element.text or ""]
    for child in element:
        local = _local(child.tag)
        if local == "s":
            count = next((v for k, v in child.attrib.items() if _local(k) == "c"), "1")
            parts.append(" " * min(int(count) if count.isdigit() else 1, 1000))
        elif local in {"tab", "line-break", "br"}:
            parts.append(" ")
        elif local != "annotation":
            parts.append(_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
