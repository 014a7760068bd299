"""OpenDocument files that a set-up writes: a text document, a spreadsheet."""

import io
import zipfile
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from riosim.task.setup import PutDocument, PutSheet

__all__ = ["document_file", "sheet_file"]

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the same step, the same bytes
_SPACES: Final = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"),
        ("style", "style"),
        ("text", "text"),
        ("table", "table"),
        ("fo", "xsl-fo-compatible"),
        ("manifest", "manifest"),
    )
)
_LOOKS: Final = {
    "plain": 'fo:font-size="12pt"',
    "heading": 'fo:font-size="18pt" fo:font-weight="bold"',
    "small": 'fo:font-size="9pt" fo:color="#666666"',
    "unseen": 'fo:font-size="2pt" fo:color="#ffffff"',
}
_MEDIA: Final = "application/vnd.oasis.opendocument."
_WIDTH_CM_PER_CHARACTER: Final = 0.21
_NARROWEST_CM, _WIDEST_CM = 2.3, 9.0


def document_file(step: PutDocument) -> bytes:
    """Return the text document that STEP describes."""
    styles = "".join(
        f'<style:style style:name="{name}" style:family="paragraph"><style:paragraph-properties'
        f' fo:margin-bottom="0.25cm"/><style:text-properties {look}/></style:style>'
        for name, look in _LOOKS.items()
    )
    body = "".join(
        f'<text:p text:style-name="{each.look}">{escape(each.text)}</text:p>'
        for each in step.paragraphs
    )
    return _zipped("text", styles, f"<office:text>{body}</office:text>")


def sheet_file(step: PutSheet) -> bytes:
    """Return the spreadsheet that STEP describes; columns are as wide as what is in them."""
    n_columns = max(len(row) for row in step.rows)
    longest = [
        max((len(str(row[n])) for row in step.rows if n < len(row)), default=0)
        for n in range(n_columns)
    ]
    widths = [
        min(_WIDEST_CM, max(_NARROWEST_CM, count * _WIDTH_CM_PER_CHARACTER)) for count in longest
    ]
    styles = "".join(
        f'<style:style style:name="c{n}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width:.2f}cm"/></style:style>'
        for n, width in enumerate(widths)
    )
    styles += (
        '<style:style style:name="cell" style:family="table-cell">'
        '<style:table-cell-properties fo:wrap-option="wrap"/></style:style>'
    )
    columns = "".join(f'<table:table-column table:style-name="c{n}"/>' for n in range(n_columns))
    rows = "".join(
        f"<table:table-row>{''.join(_cell(value) for value in row)}</table:table-row>"
        for row in step.rows
    )
    table = f"<table:table table:name={quoteattr(step.name)}>{columns}{rows}</table:table>"
    return _zipped("spreadsheet", styles, f"<office:spreadsheet>{table}</office:spreadsheet>")


def _cell(value: str | float) -> str:
    shown = f"<text:p>{escape(str(value))}</text:p>"
    if isinstance(value, str):
        kind = 'office:value-type="string"' if value else ""
    else:
        kind = f'office:value-type="float" office:value="{value}"'
    return f'<table:table-cell table:style-name="cell" {kind}>{shown}</table:table-cell>'


def _zipped(kind: str, styles: str, body: str) -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    content = (
        f'{head}<office:document-content {_SPACES} office:version="1.3">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body>{body}</office:body></office:document-content>"
    )
    manifest = (
        f'{head}<manifest:manifest {_SPACES} manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_MEDIA}{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in (
            ("mimetype", f"{_MEDIA}{kind}"),  # first and not packed, as the format wants it
            ("content.xml", content),
            ("META-INF/manifest.xml", manifest),
        ):
            archive.writestr(zipfile.ZipInfo(name, date_time=_EPOCH), text)
    return buffer.getvalue()
