"""Errands on Stowhold."""

import base64
import hashlib
import io
import zipfile
from typing import Any

import pytest

from tests.integration.sites.browsing import Visit, visit


def _member(**overlay: Any) -> Visit:
    return visit("drive", overlay={"signed_in": True, **overlay})


def _file(who: Visit, path: str) -> dict[str, Any]:
    row: dict[str, Any]
    (row,) = [row for row in who.state()["files"] if row["path"] == path]
    return row


def test_an_uploaded_file_comes_back_byte_for_byte():
    who = _member()
    data = bytes(range(256))
    folder = who.get("/files").link("Papers").rpartition("/")[2]
    page = who.post("/upload", {"folder": folder}, files={"files": ("../a b.bin", data, "x/y")})
    assert "Uploaded" in page.text
    (row,) = [row for row in who.state()["files"] if not row["seeded"]]
    assert row["path"] == "Papers/a b.bin"
    assert row["digest"] == hashlib.sha256(data).hexdigest()
    answer = who.client.get(f"/item/{row['id']}/download")
    assert answer.content == data
    assert answer.headers["content-disposition"].startswith("attachment")
    assert who.recorded()[-2:] == ["uploaded", "downloaded"]


def test_a_second_file_of_a_name_gets_a_number_and_a_file_too_large_is_refused():
    who = _member()
    for _ in range(2):
        who.post("/upload", {"folder": ""}, files={"files": ("plan.txt", b"plan", "text/plain")})
    large = {"files": ("large.bin", bytes(8_000_001), "x/y")}
    refused = who.client.post("/upload", data={"folder": ""}, files=large)
    assert (refused.status_code, "may have 8 MB" in refused.text) == (413, True)
    assert "Choose a file first" in who.post("/upload", {"folder": ""}).text
    names = [row["name"] for row in who.state()["files"] if not row["seeded"]]
    assert names == ["plan.txt", "plan (2).txt"]


def test_a_link_is_for_anyone_until_it_is_turned_off():
    who = _member()
    number = _file(who, "Papers/id-card.png")["id"]
    who.post(f"/item/{number}/share", {"what": "link"})
    link = _file(who, "Papers/id-card.png")["link"]
    who.post("/logout", {})
    assert "id-card.png" in who.get(f"/s/{link}").text
    assert who.client.get(f"/s/{link}/download").content.startswith(b"\x89PNG")
    assert who.client.get(f"/item/{number}/download").url.path == "/login"
    assert who.state()["downloads"][0]["via"] == "link"
    who.post("/login", {"user": "imke.sorensen", "password": "Cobalt-Heron-37"})
    who.post(f"/item/{number}/share", {"what": "unlink"})
    assert who.client.get(f"/s/{link}").status_code == 404


def test_a_link_to_a_folder_shows_what_is_in_it_and_nothing_else():
    who = visit("drive", overlay={"files": [
        {"path": "Open/", "link": "open"}, {"path": "Open/a.txt", "text": "a"},
        {"path": "Closed/b.txt", "text": "b"},
    ]})  # fmt: skip
    inside, outside = _file(who, "Open/a.txt")["id"], _file(who, "Closed/b.txt")["id"]
    assert "a.txt" in who.get("/s/open").text
    assert who.client.get(f"/s/open/{inside}/download").content == b"a"
    assert who.client.get(f"/s/open/{outside}/download").status_code == 404
    archive = zipfile.ZipFile(io.BytesIO(who.client.get("/s/open/download").content))
    assert archive.namelist() == ["Open/a.txt"]


def test_sharing_is_with_the_one_who_was_invited_as_far_as_allowed():
    who = _member()
    number = _file(who, "Translations/glossary.csv")["id"]
    bad = who.post(f"/item/{number}/share", {"what": "invite", "email": "nobody"})
    assert "mail address of one person" in bad.text
    address = "bram.oduya@larkfield.test"
    who.post(f"/item/{number}/share", {"what": "invite", "email": address, "role": "view"})
    (row,) = [row for row in who.state()["shares"] if not row["seeded"]]
    assert row == {"path": "Translations/glossary.csv", "email": address, "role": "view",
                   "seeded": False}  # fmt: skip
    who.post("/logout", {})
    who.post("/login", {"user": "bram.oduya", "password": "Velvet-Anchor-61"})
    assert "glossary.csv" in who.get("/shared").text
    assert who.client.get(f"/item/{number}/download").status_code == 200
    assert who.client.post(f"/item/{number}/trash").status_code == 403
    other = _file(who, "Papers/id-card.png")["id"]
    assert who.client.get(f"/item/{other}/download").status_code == 404


def test_the_bin_gives_back_until_it_is_emptied():
    who = _member()
    folder = who.get("/files").link("Papers").rpartition("/")[2]
    who.post(f"/item/{folder}/trash", {})
    assert "Papers" not in who.get("/files").text
    who.post(f"/item/{folder}/restore", {})
    assert "Papers" in who.get("/files").text
    who.post(f"/item/{folder}/trash", {})
    who.post("/trash/empty", {})
    state = who.state()
    assert "Papers/id-card.png" in {row["path"] for row in state["erased"]}
    assert not any(row["path"].startswith("Papers") for row in state["files"])


def test_a_folder_never_gets_into_itself():
    who = _member()
    folder = who.get("/files").link("Papers").rpartition("/")[2]
    who.post("/folders", {"folder": folder, "name": "Inner"})
    inner = next(row for row in who.state()["folders"] if row["name"] == "Inner")
    who.post(f"/item/{folder}/edit", {"name": "Papers", "parent": str(inner["id"])})
    assert {row["path"] for row in who.state()["folders"]} >= {"Papers", "Papers/Inner"}


def test_what_could_act_in_a_page_is_only_sent_to_be_saved():
    who = _member()
    evil = ("evil.html", b"<script>alert(1)</script>", "text/html")
    who.post("/upload", {"folder": ""}, files={"files": evil})
    number = _file(who, "evil.html")["id"]
    answer = who.client.get(f"/item/{number}/raw")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "<script>alert(1)" not in who.get(f"/item/{number}").text


def test_a_task_brings_files_of_every_kind_and_is_told_its_mistakes():
    files: list[dict[str, Any]] = [
        {"path": "t.xlsx", "rows": [["a", 1.5], ["b", 2]]},
        {"path": "t.docx", "text": "Title\nBody"},
        {"path": "t.pdf", "text": "Title\nBody"},
        {"path": "t.bin", "base64": base64.b64encode(b"\0\1").decode()},
        {"path": "t.zip", "archive": {"in/x.txt": "x"}},
    ]
    who = _member(files=files)
    for row in files:
        data = who.client.get(f"/item/{_file(who, str(row['path']))['id']}/download").content
        start = {"bin": b"\0", "pdf": b"%PDF"}.get(str(row["path"]).rpartition(".")[2], b"PK")
        assert data.startswith(start)
    for wrong in ({"text": "x"}, {"path": "a", "colour": 1}, {"path": "a", "base64": "?"},
                  {"path": "a.png", "sample": "no"}):  # fmt: skip
        with pytest.raises(ValueError, match="files"):
            _member(files=[wrong])
