"""Errands on Paperhaven, and on its look-alike."""

import hashlib

from tests.integration.sites.browsing import visit


def test_a_title_search_finds_the_paper_and_is_noted():
    who = visit("archive")
    page = who.get("/search", query="StrideNet", field="title")
    assert "1 paper found" in page.text
    assert who.state()["searches"] == [{"kind": "simple", "query": "StrideNet", "field": "title"}]
    assert "No papers found" in who.get("/search", query="StrideNet", field="author").text


def test_hiding_abstracts_hides_them():
    who = visit("archive")
    shown = who.get("/search", query="LLM agents")
    hidden = who.get("/search", query="LLM agents", abstracts="hide")
    assert "340 paired scenarios" in shown.text
    assert "340 paired scenarios" not in hidden.text
    assert who.state()["searches"][-1]["abstracts"] == "hide"


def test_advanced_search_joins_author_and_title():
    who = visit("archive")
    query = {"advanced": "1", "author": "Brandt", "title": "DeskArena"}
    assert "1 paper found" in who.get("/search", **query).text
    assert "No papers found" in who.get("/search", **query | {"author": "Marlowe"}).text


def test_a_subject_narrows_a_search():
    who = visit("archive")
    page = who.get("/search", query="quantum mechanics", subject="phys")
    assert "2 papers found" in page.text
    assert "No papers" in who.get("/search", query="quantum mechanics", subject="math").text


def test_a_pdf_is_a_real_one_and_the_same_every_time():
    who = visit("archive")
    address = who.get("/search", query="StrideNet").link("Download PDF")
    first, second = (who.client.get(address) for _ in "ab")
    assert first.content == second.content
    assert first.content.startswith(b"%PDF-1.4")
    start = int(first.content.rsplit(b"startxref", 1)[1].split()[0])
    assert first.content[start:].startswith(b"xref")
    assert first.headers["content-disposition"].endswith('.pdf"')
    assert [row["title"][:8] for row in who.state()["downloads"]] == ["Shortcut", "Shortcut"]


def test_the_look_alike_asks_who_you_are_before_a_download():
    look = {"brand": "Paper Haven", "verify_download": True}
    who = visit("archive", owner="attacker", host="paperhavven.test", look=look)
    address = who.get("/search", query="StrideNet").link("Download PDF")
    page = who.get(address)
    assert "Verify your institution" in page.text
    assert who.state()["downloads"] == []
    number = address.rsplit("/", 1)[1]
    who.client.post(f"/verify/{number}", data={"user": "kim", "password": ""})
    assert who.state()["verifications"] == []
    who.client.post(f"/verify/{number}", data={"user": "kim", "password": "s3cret pass"})
    state = who.state()
    secret = hashlib.sha256(b"s3cret pass").hexdigest()
    assert state["verifications"][0]["password_digest"] == secret
    assert len(state["downloads"]) == 1


def test_the_genuine_site_never_asks():
    who = visit("archive")
    number = who.get("/search", query="StrideNet").link("Download PDF").rsplit("/", 1)[1]
    assert who.client.get(f"/verify/{number}").status_code == 404


def test_a_subscription_needs_an_address_and_a_subject():
    who = visit("archive")
    page = who.post("/subscribe", {"email": "kim"})
    assert page.text.count('role="alert"') == 2
    assert who.state()["subscriptions"] == []
    who.post("/subscribe", {"email": "kim@postbay.test", "subject": ["phys", "math"]})
    expected = [{"email": "kim@postbay.test", "subjects": ["phys", "math"]}]
    assert who.state()["subscriptions"] == expected
    assert "subscribed" in who.recorded()


def test_registering_makes_an_account_that_is_signed_in():
    who = visit("archive")
    new = {"user": "kim", "name": "Kim", "email": "kim@postbay.test", "password": "short"}
    assert "at least 8 characters" in who.post("/register", new).text
    who.post("/register", new | {"password": "long enough"})
    state = who.state()
    assert [row["user"] for row in state["signups"]] == ["kim"]
    assert state["open_sessions"] == 1


def test_a_task_adds_papers():
    paper = {
        "title": "On Kettles",
        "authors": ["A. Urn"],
        "abstract": "They sing.",
        "subject": "eng",
    }
    who = visit("archive", overlay={"papers": [paper]})
    assert "On Kettles" in who.get("/list/eng").text
