"""Documents and pictures made by hand, byte by byte."""

import io
import struct
import zipfile
import zlib

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


def pdf(*pages: str, trailer: str = "", packed: bytes | None = None) -> bytes:
    """Return a PDF of pages that draw this; PACKED is the first page's content as it lies there.

    Pages know a font `/F`, a clear state `/G`, a picture `/I` and a form `/X`.
    """
    contents = [zlib.compress(page.encode("latin-1")) for page in pages]
    contents[0] = packed or contents[0]
    used = "/Font<</F 3 0 R>>/ExtGState<</G<</ca 0>>>>/XObject<</I 4 0 R/X 5 0 R>>"
    kids = " ".join(f"{6 + 2 * n} 0 R" for n in range(len(pages)))
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        _stream("/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", b"\0"),
        _stream(
            "/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F 3 0 R>>>>", b"BT /F 9 Tf (form) Tj ET"
        ),
    ]
    for n, content in enumerate(contents):
        look = f"/MediaBox[0 0 500 700]/Resources<<{used}>>/Contents {7 + 2 * n} 0 R"
        bodies.append(f"<</Type/Page/Parent 2 0 R{look}>>".encode())
        bodies.append(_stream("/Filter/FlateDecode", content))
    out = b"%PDF-1.5\n"
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}trailer\n"
    size = f"<</Size {len(bodies) + 1}/Root 1 0 R{trailer}>>"
    return out + f"{end}{size}\nstartxref\n{len(out)}\n%%EOF\n".encode()


def pdf_page(*texts: str, y: int = 600) -> str:
    """Return what draws these lines, one below the other."""
    shown = "".join(f"({text}) Tj 0 -14 Td " for text in texts)
    return f"BT /F 12 Tf 50 {y} Td {shown}ET"


def _stream(entries: str, content: bytes) -> bytes:
    head = f"<</Length {len(content)}{entries}>>".encode()
    return b"%b\nstream\n%b\nendstream" % (head, content)


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
