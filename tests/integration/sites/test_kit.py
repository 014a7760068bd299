"""What the sites share."""

import sqlite3

import pytest
from starlette.exceptions import HTTPException

from riosim_world.sites.kit import Store, found, whole
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


def test_what_is_switched_twice_is_as_before():
    db = sqlite3.connect(":memory:")
    store = Store(db)
    store.create("CREATE TABLE star (user TEXT, repo TEXT);")
    assert store.toggle("star", user="a", repo="x") is True
    assert store.toggle("star", user="b", repo="x") is True
    assert store.toggle("star", user="a", repo="x") is False
    assert store.rows("SELECT * FROM star") == [{"user": "b", "repo": "x"}]
    db.close()


def test_a_row_that_is_not_there_is_a_page_that_is_not_there():
    assert found({"id": 1}) == {"id": 1}
    with pytest.raises(HTTPException) as missing:
        found(None)
    assert missing.value.status_code == 404


@pytest.mark.parametrize(("name", "member"), [("video", "mo_ferris"), ("forum", "sam_rivers")])
def test_signed_in_without_a_name_is_the_member_that_the_site_knows(name, member):
    (session,) = visit(name, overlay={"signed_in": True}).state()["sessions"]
    assert session["user"] == member


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
