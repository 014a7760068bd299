"""What the sites share."""

import pytest

from riosim_world.sites.kit import whole
from riosim_world.sites.kit.packages import zip_file
from riosim_world.sites.kit.pdf import Line, pdf
from tests.integration.sites.browsing import visit


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("999999999", 999999999),
        ("9" * 10, -1),
        ("-3", -1),
        ("", -1),
        ("٣", -1),
        ("²", -1),
    ],
)
def test_a_whole_number_is_short_and_plain(text, number):
    assert whole(text, default=-1) == number


def test_a_number_too_long_for_the_database_is_nobody_s():
    who = visit("forum", overlay={"signed_in": True})
    assert who.client.post("/save", data={"target": "9" * 40}).status_code == 404
    assert who.client.get("/p/" + "9" * 40).status_code == 404


def test_archives_and_pdf_files_are_the_same_byte_for_byte():
    assert zip_file({"a": "x"}) == zip_file({"a": b"x"}) != zip_file({"a": "y"})
    lines = [Line(f"line {n} (with) \\ and \x00") for n in range(200)]
    data = pdf(lines, title="T")
    assert data == pdf(lines, title="T")
    assert data.count(b"/Type /Page ") > 1


def test_a_big_upload_and_many_fields_are_refused():
    who = visit("chat")
    big = {"files": ("big.bin", b"x" * 9_000_000, "application/octet-stream")}
    answer = who.client.post("/chat", data={"message": "Look"}, files=big)
    assert answer.status_code == 413
    assert "A file may have 8 MB." in answer.text
    assert who.state()["uploads"] == []
    many = {f"field{n}": "x" for n in range(900)}
    none = {"files": ("a", b"x", "text/plain")}
    assert who.client.post("/chat", data=many, files=none).status_code == 400
