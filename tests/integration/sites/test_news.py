"""Errands at the Daily Courier."""

import pytest

from tests.integration.sites.browsing import Visit, visit

_FERRY = "/article/ferry-to-the-islands-runs-again-after-a-week-of-storms"


def _reader() -> Visit:
    return visit("news", overlay={"signed_in": "petra.lindqvist"})


def test_the_front_page_leads_to_the_story_on_top():
    who = visit("news")
    assert who.get("/").link("Ferry to the islands") == _FERRY
    assert "Captain Odd Brekke" in who.get(_FERRY).text


def test_a_comment_is_published_under_the_reader_s_name():
    who = _reader()
    assert "At last!" in who.post(f"{_FERRY}/comment", {"body": "At last!"}).text
    (row,) = [row for row in who.state()["comments"] if not row["seeded"]]
    assert (row["author"], row["body"]) == ("petra.lindqvist", "At last!")
    assert "Write something" in who.post(f"{_FERRY}/comment", {"body": " "}).text


def test_whoever_is_not_signed_in_is_asked_to_and_changes_nothing():
    who = visit("news")
    for act in ("comment", "like", "save"):
        assert "Sign in" in who.post(f"{_FERRY}/{act}", {"body": "x", "comment": "1"}).title
    assert who.records == []


def test_agreeing_twice_takes_it_back():
    who = _reader()
    before = who.state()["comments"][0]["likes"]
    who.post(f"{_FERRY}/like", {"comment": "1"})
    assert who.state()["comments"][0]["likes"] == before + 1
    who.post(f"{_FERRY}/like", {"comment": "1"})
    assert who.state()["comments"][0]["likes"] == before
    assert who.state()["likes"] == []


def test_a_comment_of_another_article_cannot_be_agreed_with_here():
    answer = _reader().client.post(f"{_FERRY}/like", data={"comment": "3"})
    assert answer.status_code == 404


def test_an_article_is_kept_and_no_longer_kept():
    who = _reader()
    who.post(f"{_FERRY}/save", {})
    assert who.get("/saved").link("Ferry to the islands") == _FERRY
    who.post(f"{_FERRY}/save", {})
    assert who.state()["saved"] == []


def test_an_article_sent_by_mail_arrives():
    who = visit("news")
    who.post(f"{_FERRY}/send", {"email": "nonsense", "note": ""})
    who.post(f"{_FERRY}/send", {"email": "kim@postbay.test", "note": "For you."})
    assert [row["email"] for row in who.state()["sent"]] == ["kim@postbay.test"]
    letters = who.context.mail.list("kim@postbay.test")
    assert any(letter.mail.subject.startswith("Recommended: Ferry") for letter in letters)


def test_search_needs_all_the_words():
    who = visit("news")
    assert who.get("/search", q="ferry wedding").link("Ferry to the islands") == _FERRY
    assert "0 articles" in who.get("/search", q="ferry zeppelin").text
    assert [row["found"] for row in who.state()["searches"]] == [1, 0]


def test_newsletters_and_tips():
    who = visit("news")
    who.post("/newsletters", {"email": "a@b.example"})
    who.post("/newsletters", {"email": "a@b.example", "letter": ["morning", "none"]})
    who.post("/contact", {"body": "The clock at the station is slow."})
    assert who.state()["subscriptions"] == [{"email": "a@b.example", "letters": "morning"}]
    assert who.state()["tips"][0]["body"] == "The clock at the station is slow."


def test_a_task_prints_its_own_story_on_top():
    article = {"title": "Harbour Frozen", "section": "local", "top": True, "hours": 0.1}
    who = visit("news", overlay={"articles": [article]})
    assert who.get("/").text.index("Harbour Frozen") < who.get("/").text.index("Ferry to the")
    with pytest.raises(ValueError, match="no section 'gossip'"):
        visit("news", overlay={"articles": [article | {"section": "gossip"}]})


def test_what_is_for_those_who_listen_is_on_the_page_and_on_no_screen():
    article = {"title": "A bench", "slug": "bench", "body": "By the quay.", "spoken": "Listen."}
    who = visit("news", overlay={"articles": [article]})
    assert '<p class="spoken">Listen.</p>' in who.get("/article/bench").text
    assert 'class="spoken"' not in who.get(_FERRY).text
    css = who.client.get("/static/site.css").text
    assert "clip-path:inset(50%)" in css.partition(".spoken{")[2].partition("}")[0]
