"""Readers of documents and pictures, on files made by hand."""

import io
import zipfile

import pytest

from riosim.checks.formats.office import UnreadableDocumentError, document_paragraphs
from riosim.checks.formats.xcf import UnreadablePictureError, xcf_layers
from tests.support.documents import (
    DOCX,
    ODF,
    SHEET,
    docx,
    layer,
    odt,
    text_layer,
    written,
    xcf,
    zipped,
)


def read(data: bytes) -> list[str]:
    return document_paragraphs("d", data)


def test_paragraphs_and_headings_of_a_text_document():
    data = odt(
        "<text:h>A  title</text:h><text:p/>",
        '<text:p>one<text:s text:c="2"/>two<text:tab/>three<text:line-break/>four</text:p>',
        "<text:p>un<text:span>bro<text:span>ken</text:span></text:span> word</text:p>",
    )
    assert read(data) == ["A  title", "one  two three four", "unbroken word"]


def test_cells_of_a_table_are_paragraphs_of_their_own():
    cells = "".join(f"<table:cell><text:p>{n}</text:p></table:cell>" for n in (12, 34))
    assert read(odt(f"<table:row>{cells}</table:row>")) == ["12", "34"]


def test_comments_and_deleted_text_are_not_in_a_text_document():
    data = odt(
        "<text:tracked-changes><text:deletion><text:p>gone</text:p></text:deletion>"
        "</text:tracked-changes>",
        "<text:p>kept<office:annotation><text:p>remark</text:p></office:annotation></text:p>",
    )
    assert read(data) == ["kept"]


def test_a_flat_text_document_is_read_like_a_zipped_one():
    flat = ODF.replace("office:document-content", "office:document").format(
        "<text:p>kept<office:annotation><text:p>remark</text:p></office:annotation></text:p>"
    )
    assert read(b'<?xml version="1.0"?>\n' + flat.encode()) == ["kept"]
    with pytest.raises(UnreadableDocumentError, match="more than"):
        read(b'<?xml version="1.0"?>\n' + flat.encode() + b" " * 2**23)
    with pytest.raises(UnreadableDocumentError, match="broken"):
        read(b'<?xml version="1.0"?><office:document ')


def test_runs_of_a_word_document_are_joined_and_deletions_left_out():
    data = docx(
        "<w:p><w:r><w:t>Pay </w:t></w:r><w:r><w:t>now</w:t><w:br/><w:t>or</w:t></w:r></w:p>",
        "<w:p><w:del><w:r><w:delText>never</w:delText></w:r></w:del><w:r>"
        "<w:instrText>PAGE</w:instrText><w:t>later</w:t></w:r></w:p>",
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
    )
    assert read(data) == ["Pay now or", "later", "cell"]


def test_a_block_within_a_block_is_read_once():
    inner = "<w:p><w:r><w:t>inner</w:t></w:r></w:p>"
    box = f"<w:p><w:r><w:t>outer</w:t></w:r><w:box>{inner}</w:box></w:p>"
    assert read(docx(box)) == ["outer", "inner"]


def test_comments_of_a_word_document_are_another_part():
    data = zipped(
        word__document_xml=DOCX.format("<w:p><w:r><w:t>kept</w:t></w:r></w:p>"),
        word__comments_xml=DOCX.format("<w:p><w:r><w:t>remark</w:t></w:r></w:p>"),
    )
    assert read(data) == ["kept"]


def test_cells_of_a_sheet_are_kept_apart_and_indices_are_no_text():
    rows = (
        '<row><c t="s"><v>0</v></c><c><v>12</v></c><c><v>34</v></c></row>'
        '<row><c t="str"><f>A1&amp;"x"</f><v>shown</v></c>'
        '<c t="inlineStr"><is><t>inline</t></is></c></row>'
    )
    data = zipped(
        xl__sharedStrings_xml='<sst xmlns="urn:s"><si><t>Grade</t></si></sst>',
        xl__worksheets__sheet1_xml=SHEET.format(rows),
    )
    assert [" ".join(p.split()) for p in read(data)] == ["Grade", "12 34", "shown inline"]


def test_slides_are_read_and_plain_text_by_lines():
    slide = '<p:sld xmlns:p="urn:p" xmlns:a="urn:a"><a:p><a:r><a:t>Slide</a:t></a:r></a:p></p:sld>'
    assert read(zipped(ppt__slides__slide1_xml=slide)) == ["Slide"]
    assert read(b"one\n\n two \n") == ["one", " two "]


@pytest.mark.parametrize(
    "data",
    [
        zipped(readme="no document"),
        zipped(content_xml="<broken"),
        zipped(content_xml=""),
        odt("<text:p>x</text:p>")[:-30],
        b"PK\x03\x04 and nothing more",
        b"\x7fELF\x00\x00",
    ],
    ids=["no document", "broken XML", "empty XML", "cut off", "no zip", "binary"],
)
def test_what_is_no_document_is_refused(data):
    with pytest.raises(UnreadableDocumentError, match="d "):
        read(data)


def test_an_encrypted_member_is_refused():
    data = bytearray(odt("<text:p>x</text:p>"))
    for at in [i for i in range(len(data)) if data[i : i + 4] == b"PK\x01\x02"]:
        data[at + 8] |= 1
    with pytest.raises(UnreadableDocumentError):
        read(bytes(data))


def test_a_damaged_stream_is_refused():
    data = bytearray(odt("<text:p>" + "abcdefgh" * 500 + "</text:p>"))
    at = data.index(b"content.xml") + len("content.xml") + 10
    data[at : at + 8] = b"\xff" * 8
    with pytest.raises(UnreadableDocumentError):
        read(bytes(data))


def test_a_bomb_is_refused_before_it_is_unpacked():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("content.xml", "w", force_zip64=True) as member:
            for _ in range(64):
                member.write(b" " * 2**20)
    with pytest.raises(UnreadableDocumentError, match="more than"):
        read(file.getvalue())


def test_many_parts_have_one_limit_together():
    sheet = SHEET.format(" " * (3 * 2**20))
    parts = {f"xl__worksheets__sheet{n}_xml": sheet for n in range(1, 4)}
    with pytest.raises(UnreadableDocumentError, match="more than"):
        read(zipped(**parts))


@pytest.mark.parametrize("tag", ["p", "span"])
def test_deep_nesting_is_refused_and_shallow_is_not(tag):
    for depth, deep in ((50, False), (5000, True)):
        data = odt(f"<text:p>{f'<text:{tag}>' * depth}x{f'</text:{tag}>' * depth}</text:p>")
        if deep:
            with pytest.raises(UnreadableDocumentError, match="deep"):
                read(data)
        else:
            assert read(data) == ["x"]


def test_entities_do_not_grow_without_bound():
    lines = ['<!ENTITY a "aaaaaaaaaa">'] + [
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    ]
    bomb = f"<!DOCTYPE x [{''.join(lines)}]>" + ODF.format("<text:p>&j;</text:p>")
    with pytest.raises(UnreadableDocumentError):
        read(zipped(content_xml=bomb))


@pytest.mark.parametrize("version", [0, 3, 4, 10, 11, 14])
def test_layers_of_every_version(version):
    data = xcf(written("Top"), layer(name="Fläche", opacity=9, visible=False), version=version)
    top, below = xcf_layers(data)
    assert (top.text, top.visible, top.opacity) == ("Top", True, 255)
    assert (below.text, below.visible, below.opacity, below.name) == (None, False, 9, "Fläche")


def test_a_layer_is_seen_only_if_all_groups_around_it_are():
    data = xcf(
        written("shown"),
        layer(name="group", visible=False),
        written("in it", path=(1, 0)),
        layer(name="inner group", path=(1, 1)),
        written("deep in it", path=(1, 1, 0)),
        layer(name="open group"),
        written("hidden in it", visible=False, path=(2, 0)),
        written("shown in it", path=(2, 1)),
    )
    seen = [one.text for one in xcf_layers(data) if one.visible and one.text]
    assert seen == ["shown", "shown in it"]


def test_escapes_and_markup_of_a_text_layer():
    quoted = layer(parasites={"gimp-text-layer": text_layer(r"a \"b\" \\ c\nd")})
    marked = layer(
        parasites={"gimp-text-layer": rb'(markup "<markup><b>Tom</b> &amp; Co</markup>")'}
    )
    assert [one.text for one in xcf_layers(xcf(quoted, marked))] == ['a "b" \\ c\nd', "Tom & Co"]


def test_a_text_layer_without_text_says_nothing():
    assert xcf_layers(xcf(layer(parasites={"gimp-text-layer": b"(font)"})))[0].text == ""


def test_a_picture_without_layers_has_none():
    assert xcf_layers(xcf()) == []


@pytest.mark.parametrize("data", [b"", b"gimp xcf", b"\x89PNG\r\n", b"gimp xcf v0x1\0"])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(UnreadablePictureError):
        xcf_layers(data)


def test_a_picture_cut_anywhere_is_refused():
    data = xcf(written("Top"))
    for end in range(len(data) - 8):
        with pytest.raises(UnreadablePictureError):
            xcf_layers(data[:end])
