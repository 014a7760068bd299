"""Small real office files: a document, a spreadsheet; the same content gives the same bytes."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from riosim_world.sites.kit.packages import zip_file

__all__ = ["document", "spreadsheet"]

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument"
_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_BOLD = '<w:rPr><w:b/><w:sz w:val="32"/></w:rPr>'
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def document(text: str) -> bytes:
    """Return TEXT as a Word document: a line a paragraph, the first one as its heading."""
    paragraphs = "".join(
        f"<w:p><w:r>{_BOLD if index == 0 else ''}"
        f'<w:t xml:space="preserve">{_clean(line)}</w:t></w:r></w:p>'
        for index, line in enumerate(text.splitlines())
    )
    body = f'{_HEAD}<w:document xmlns:w="{_WORDS}"><w:body>{paragraphs}</w:body></w:document>'
    return zip_file(
        {
            "[Content_Types].xml": _types(("/word/document.xml", "wordprocessingml.document")),
            "_rels/.rels": _relations(("officeDocument", "word/document.xml")),
            "word/document.xml": body,
        }
    )


def spreadsheet(rows: Sequence[Sequence[str | float]], *, name: str = "Sheet1") -> bytes:
    """Return ROWS as a one-sheet Excel workbook; numbers stay numbers."""
    lines = "".join(_row(number, row) for number, row in enumerate(rows, 1))
    sheet = f'{_HEAD}<worksheet xmlns="{_SHEETS}"><sheetData>{lines}</sheetData></worksheet>'
    book = (
        f'{_HEAD}<workbook xmlns="{_SHEETS}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{_clean(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    return zip_file(
        {
            "[Content_Types].xml": _types(
                ("/xl/workbook.xml", "spreadsheetml.sheet"),
                ("/xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"),
            ),
            "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": book,
            "xl/_rels/workbook.xml.rels": _relations(("worksheet", "worksheets/sheet1.xml")),
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def _row(number: int, row: Sequence[str | float]) -> str:
    cells = "".join(_cell(number, at, value) for at, value in enumerate(row))
    return f'<row r="{number}">{cells}</row>'


def _cell(row: int, at: int, value: str | float) -> str:
    place = f"{chr(65 + at % 26)}{row}"
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{_clean(str(value))}</t></is></c>'


def _types(*parts: tuple[str, str]) -> str:
    kinds = {
        "wordprocessingml.document": f"{_TYPE}.wordprocessingml.document.main+xml",
        "spreadsheetml.sheet": f"{_TYPE}.spreadsheetml.sheet.main+xml",
        "spreadsheetml.worksheet": f"{_TYPE}.spreadsheetml.worksheet+xml",
    }
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{kinds[kind]}"/>' for part, kind in parts
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{relations}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(*targets: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _clean(text: str) -> str:
    return escape("".join(letter for letter in text if letter.isprintable()), {'"': "&quot;"})
