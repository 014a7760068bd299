"""Documents and pictures made by hand, byte by byte."""

import io
import struct
import zipfile

ODF = (
    '<office:document-content xmlns:office="urn:o" xmlns:text="urn:t" xmlns:table="urn:b">'
    "<office:body>{}</office:body></office:document-content>"
)
DOCX = '<w:document xmlns:w="urn:w"><w:body>{}</w:body></w:document>'
SHEET = '<worksheet xmlns="urn:s"><sheetData>{}</sheetData></worksheet>'


def zipped(**members: str | bytes) -> bytes:
    """Return a zip file; `__` in a name stands for a slash, `_xml` for its end."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


def odt(*blocks: str) -> bytes:
    return zipped(mimetype="application/x", content_xml=ODF.format("".join(blocks)))


def docx(*blocks: str) -> bytes:
    return zipped(word__document_xml=DOCX.format("".join(blocks)))


def text_layer(text: str) -> bytes:
    return f'(text "{text}")\n(font "Sans")'.encode()


def xcf(*layers: bytes, version: int = 11) -> bytes:
    """Return an XCF file of layers made by `layer`."""
    name = b"file" if version == 0 else b"v%03d" % version
    head = b"gimp xcf " + name + b"\0" + struct.pack(">III", 640, 480, 0)
    if version >= 4:
        head += struct.pack(">I", 150)
    head += struct.pack(">IIB", 17, 1, 1) + struct.pack(">II", 0, 0)  # compression; the end
    width = 8 if version >= 11 else 4
    at = len(head) + width * (len(layers) + 2)  # pointers, an end of layers, an end of channels
    pointers, body = b"", b""
    for layer in layers:
        pointers += (at + len(body)).to_bytes(width, "big")
        body += layer
    return head + pointers + b"\0" * (2 * width) + body


def layer(
    *,
    name: str = "Layer",
    visible: bool = True,
    opacity: int = 255,
    parasites: dict[str, bytes] | None = None,
    path: tuple[int, ...] = (),
) -> bytes:
    """Return one layer, with its parasites, at its PATH in groups."""
    out = struct.pack(">III", 640, 480, 1) + _string(name)
    out += struct.pack(">III", 6, 4, opacity) + struct.pack(">III", 8, 4, int(visible))
    payload = b"".join(
        _string(key) + struct.pack(">II", 1, len(value)) + value
        for key, value in (parasites or {}).items()
    )
    if path:
        out += struct.pack(f">II{len(path)}I", 30, 4 * len(path), *path)
    if payload:
        out += struct.pack(">II", 21, len(payload)) + payload
    return out + struct.pack(">II", 0, 0)


def written(text: str, **more: object) -> bytes:
    """Return a text layer that says TEXT."""
    return layer(parasites={"other": b"x\0", "gimp-text-layer": text_layer(text)}, **more)


def _string(text: str) -> bytes:
    raw = text.encode() + b"\0"
    return struct.pack(">I", len(raw)) + raw
