"""Errands at Openleaf."""

import pytest

from riosim_world.sites.encyclopaedia.markup import render, slug_of
from tests.integration.sites.browsing import Visit, visit


def _writer() -> Visit:
    return visit("encyclopaedia", overlay={"signed_in": "mosswood"})


def test_an_edit_is_published_kept_and_shown_in_the_history():
    who = _writer()
    data = {"text": "A '''tram''' rings.", "summary": "Shorter", "act": "save"}
    assert "<b>tram</b> rings." in who.post("/edit/Tram", data).text
    (row,) = who.state()["edits"]
    assert (row["slug"], row["number"], row["author"]) == ("Tram", 4, "mosswood")
    assert "Shorter" in who.get("/history/Tram").text
    assert 'class="plus"' in who.get("/history/Tram/4").text
    assert "drawn by horses" in who.get("/wiki/Tram", version="3").text


def test_a_preview_publishes_nothing():
    who = _writer()
    page = who.post("/edit/Tram", {"text": "Only ''looking''.", "act": "preview"})
    assert "<i>looking</i>" in page.text
    assert who.state()["edits"] == []
    assert "needs text" in who.post("/edit/Tram", {"text": " ", "act": "save"}).text


def test_a_guest_may_write_a_new_article():
    who = visit("encyclopaedia")
    who.post("/edit/Harbour", {"text": "A '''harbour''' shelters ships.", "act": "save"})
    assert who.state()["edits"][0]["author"] == "Guest"
    assert who.get("/wiki/Lighthouse").link("Harbour") == "/wiki/Harbour"


def test_search_goes_straight_to_an_article_of_that_name():
    who = visit("encyclopaedia")
    assert who.get("/search", q="honey bee").address.endswith("/wiki/Honey_bee")
    assert who.get("/search", q="lamp lens").link("Lighthouse") == "/wiki/Lighthouse"
    assert who.get("/search", q="zeppelin").link("write it") == "/edit/Zeppelin"
    assert [row["found"] for row in who.state()["searches"]] == [2, 1, 0]


def test_an_article_is_watched_and_talked_about():
    who = _writer()
    who.post("/watch/Moon", {})
    assert who.get("/watchlist").link("Moon") == "/wiki/Moon"
    who.post("/talk/Moon", {"body": "More about tides?"})
    assert who.state()["watches"] == [{"user": "mosswood", "slug": "Moon"}]
    assert who.state()["talks"][0]["body"] == "More about tides?"
    who.post("/watch/Moon", {})
    assert who.state()["watches"] == []


_NOWHERE = (
    "/wiki/Nothing",
    "/history/Tram/99",
    "/wiki/Tram?version=99",
    "/category/Nothing",
    "/edit/<b>",
    "/talk/Nothing",
)


@pytest.mark.parametrize("address", _NOWHERE)
def test_what_is_not_there_is_not_found(address):
    assert visit("encyclopaedia").client.get(address).status_code == 404


def test_markup_makes_no_other_markup():
    made = render("[[<b>|x]] <script> '''<i>''' [[Tram|<u>]]\n\n== <h> ==\n\n* a\n* b", bool)
    whole = f"{made.lead}{made.body}"
    for tag in ("<script", "<i>", "<u>", "<h>"):
        assert tag not in whole
    assert whole.count("<li>") == 2
    assert slug_of("javascript:alert(1)//") == ""


def test_a_task_replaces_an_article():
    article = {"title": "Moon", "text": "The '''Moon''' is made of cheese."}
    who = visit("encyclopaedia", overlay={"articles": [article]})
    assert "made of cheese" in who.get("/wiki/Moon").text


@pytest.mark.parametrize("seed", range(6))
def test_an_answer_on_a_talk_page_is_younger_than_the_question(seed: int) -> None:
    rows = visit("encyclopaedia", seed=seed).context.db.execute("SELECT slug, made FROM talk")
    made: dict[str, list[str]] = {}
    for slug, when in rows.fetchall():
        made.setdefault(slug, []).append(when)
    assert any(len(times) > 1 for times in made.values())
    assert all(times == sorted(times) for times in made.values())
