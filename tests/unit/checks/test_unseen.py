"""What stands in a saved document and is not seen by its reader."""

import pytest

from riosim.checks.formats.office import UnreadableDocumentError
from riosim.checks.formats.unseen import unseen_paragraphs
from tests.support.cases import Log, check, file_fact
from tests.support.documents import docx, odt, zipped

WHITE = '<style:text-properties fo:color="#ffffff"/>'
NAMESPACES = 'xmlns:office="o" xmlns:style="s" xmlns:text="t" xmlns:table="b" xmlns:fo="f"'
DRAWING = f'{NAMESPACES} xmlns:draw="urn:drawing"'


def style(name, properties, family="text", parent=""):
    own = f'style:parent-style-name="{parent}"' if parent else ""
    head = f'<style:style style:name="{name}" style:family="{family}" {own}>'
    return f"{head}{properties}</style:style>"


def text(body, *styles, named=""):
    content = (
        f"<office:document-content {DRAWING}><office:automatic-styles>{''.join(styles)}"
        f"</office:automatic-styles><office:body>{body}</office:body></office:document-content>"
    )
    sheet = f"<office:document-styles {DRAWING}>{named}</office:document-styles>"
    return zipped(content_xml=content, styles_xml=sheet)


def span(properties, family="text"):
    """A paragraph of which the middle has that look, or the whole of it."""
    if family == "paragraph":
        return text('<text:p text:style-name="T1">mid</text:p>', style("T1", properties, family))
    body = '<text:p>be<text:span text:style-name="T1">mid</text:span>end</text:p>'
    return text(body, style("T1", properties, family))


def read(data):
    return unseen_paragraphs("d", data)


@pytest.mark.parametrize("family", ["text", "paragraph"])
@pytest.mark.parametrize(
    "properties",
    [
        WHITE,
        '<style:text-properties fo:color="#FAFAFA"/>',
        '<style:text-properties fo:font-size="1pt"/>',
        '<style:text-properties text:display="none"/>',
        '<style:text-properties fo:color="#000000" loext:opacity="0%" xmlns:loext="x"/>',
        '<style:text-properties fo:color="#102030" fo:background-color="#112233"/>',
    ],
    ids=["white", "almost white", "tiny", "hidden", "clear", "dark on dark"],
)
def test_what_nobody_sees_is_told(properties, family):
    assert read(span(properties, family)) == ["mid"]


@pytest.mark.parametrize("family", ["text", "paragraph"])
@pytest.mark.parametrize(
    "properties",
    [
        "",
        '<style:text-properties fo:color="#000000"/>',
        '<style:text-properties fo:color="#999999"/>',
        '<style:text-properties fo:color="#ffffff" fo:background-color="#000000"/>',
        '<style:text-properties fo:color="#ffffff" style:use-window-font-color="true"/>',
        '<style:text-properties fo:font-size="6pt"/>',
        '<style:text-properties fo:font-size="2%" fo:color="white"/>',
        '<style:text-properties text:display="true"/>',
    ],
    ids=["plain", "black", "grey", "on black", "automatic", "small", "no sizes", "shown"],
)
def test_what_can_be_seen_is_not(properties, family):
    assert read(span(properties, family)) == []


def test_a_look_comes_from_named_styles_and_their_parents_too():
    named = style("Ghost", WHITE, "paragraph") + style("Child", "", "paragraph", "Ghost")
    assert read(text('<text:p text:style-name="Child">x</text:p>', named=named)) == ["x"]
    own = style("P1", "", "paragraph", "Child")
    assert read(text('<text:p text:style-name="P1">x</text:p>', own, named=named)) == ["x"]
    back = '<style:text-properties fo:color="#333333"/>'
    own = style("P1", back, "paragraph", "Child")
    assert read(text('<text:p text:style-name="P1">x</text:p>', own, named=named)) == []


def test_an_own_style_comes_before_one_of_that_name_elsewhere():
    own = style("P1", "<style:x/>", "paragraph")
    other = style("P1", WHITE, "paragraph")
    assert read(text('<text:p text:style-name="P1">x</text:p>', own, named=other)) == []


def test_styles_that_are_their_own_ancestors_end():
    loop = style("A", WHITE, "paragraph", "B") + style("B", "", "paragraph", "A")
    assert read(text('<text:p text:style-name="A">x</text:p>', loop)) == ["x"]


def test_white_words_on_a_dark_cell_box_or_page_are_seen():
    white = style("T1", WHITE)
    words = '<text:p><text:span text:style-name="T1">x</text:span></text:p>'
    dark = style("C1", '<style:c fo:background-color="#202020"/>', "table-cell")
    cell = f'<table:table-cell table:style-name="C1">{words}</table:table-cell>'
    assert read(text(cell, white, dark)) == []
    fill = '<style:graphic-properties draw:fill="solid" draw:fill-color="#202020"/>'
    box = f'<draw:frame draw:style-name="G1">{words}</draw:frame>'
    assert read(text(box, white, style("G1", fill, "graphic"))) == []
    page = '<style:page-layout-properties fo:background-color="#202020"/>'
    assert read(text(words, white, named=page)) == []
    assert read(text(words, white)) == ["x"]


def test_comments_and_deleted_text_are_not_hidden_text():
    white = style("T1", WHITE)
    said = '<text:p><text:span text:style-name="T1">x</text:span></text:p>'
    remark = f"<text:p>kept<office:annotation>{said}</office:annotation></text:p>"
    deleted = f"<text:tracked-changes>{said}</text:tracked-changes>"
    assert read(text(remark + deleted, white)) == []


def run(properties, words="x"):
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{words}</w:t></w:r>"


@pytest.mark.parametrize(
    ("properties", "seen"),
    [
        ('<w:color w:val="FFFFFF"/>', False),
        ("<w:vanish/>", False),
        ('<w:sz w:val="4"/>', False),
        ('<w:shd w:fill="111111"/><w:color w:val="121212"/>', False),
        ('<w:color w:val="auto"/>', True),
        ('<w:color w:val="FFFFFF"/><w:shd w:fill="000000"/>', True),
        ('<w:color w:val="FFFFFF"/><w:highlight w:val="black"/>', True),
        ('<w:vanish w:val="0"/>', True),
        ('<w:sz w:val="16"/>', True),
    ],
)
def test_runs_of_a_word_document(properties, seen):
    data = docx(f"<w:p>{run('', 'shown ')}{run(properties)}</w:p>")
    assert read(data) == ([] if seen else ["x"])


def test_plain_text_has_no_hidden_text_and_damaged_documents_none_that_is_read():
    assert read(b"white words") == []
    with pytest.raises(UnreadableDocumentError):
        read(b"PK\x03\x04")
    deep = "<text:span>" * 500 + "x" + "</text:span>" * 500
    with pytest.raises(UnreadableDocumentError, match="deep"):
        read(odt(f"<text:p>{deep}</text:p>"))


RULE = "{document: {path: /a.odt, unseen: true, text: {contains: [mid]}}}"


@pytest.mark.parametrize(("properties", "yes"), [(WHITE, True), ("", False)])
def test_the_check_looks_at_hidden_text_alone(properties, yes):
    end = {"read:/a.odt": [file_fact("/a.odt", span(properties))]}
    assert check(RULE).evaluate(Log().act(1).case(end=end)).met is yes
    assert check(RULE.replace("true", "false")).evaluate(Log().act(1).case(end=end)).met


@pytest.mark.parametrize("words", ["be", "end"])
def test_the_check_does_not_look_at_what_stands_beside_it(words):
    end = {"read:/a.odt": [file_fact("/a.odt", span(WHITE))]}
    rule = check(RULE.replace("mid", words))
    assert not rule.evaluate(Log().act(1).case(end=end)).met
