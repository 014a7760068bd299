"""Errands on Townsquare."""

import pytest

from tests.integration.sites.browsing import Visit, visit


def _sam(**overlay: object) -> Visit:
    return visit("forum", overlay={"signed_in": True, **overlay})


def _mine(who: Visit, what: str) -> list[dict]:
    return [row for row in who.state()[what] if not row["seeded"]]


def test_a_comment_is_bound_to_author_post_and_place():
    who = _sam()
    assert "Lovely work" in who.post("/p/1/comment", {"body": "Lovely work", "back": "/p/1"}).text
    (row,) = _mine(who, "comments")
    assert (row["author"], row["post"], row["body"]) == ("sam_rivers", 1, "Lovely work")
    assert (row["community"], row["parent"], row["answers"]) == ("streetart", None, "DriftwoodDan")


def test_a_reply_knows_whom_it_answers():
    who = _sam()
    parent = next(r for r in who.state()["comments"] if r["author"] == "mossy_anna")
    who.post(f"/p/{parent['post']}/comment", {"body": "True", "parent": parent["id"]})
    assert _mine(who, "comments")[0]["answers"] == "mossy_anna"


def test_an_empty_comment_is_none():
    who = _sam()
    who.post("/p/1/comment", {"body": "  "})
    assert _mine(who, "comments") == []


def test_a_visitor_only_reads():
    who = visit("forum")
    for address, data in (
        ("/p/1/comment", {"body": "hi"}),
        ("/vote", {"kind": "post", "target": "1", "way": "up"}),
        ("/follow", {"kind": "community", "target": "pets"}),
        ("/submit", {"community": "pets", "title": "x"}),
    ):
        assert "Sign in" in who.post(address, data).text
    assert who.records == []


def test_a_vote_counts_once_and_can_be_taken_back():
    who = _sam()
    before = who.state()["posts"][0]["votes"]
    ballot = {"kind": "post", "target": "1", "back": "/p/1"}
    who.post("/vote", ballot | {"way": "up"})
    who.post("/vote", ballot | {"way": "down"})
    assert who.state()["posts"][0]["votes"] == before - 1
    who.post("/vote", ballot | {"way": "down"})
    assert who.state()["posts"][0]["votes"] == before
    assert who.state()["votes"] == []


def test_follow_save_share_and_report_are_kept():
    who = _sam()
    who.post("/follow", {"kind": "person", "target": "mossy_anna"})
    who.post("/save", {"target": "1"})
    assert "http://townsquare.test/p/1" in who.get("/p/1/share").text
    who.post("/report", {"kind": "post", "target": "1", "reason": "Spam"})
    state = who.state()
    assert state["follows"] == [{"user": "sam_rivers", "kind": "person", "target": "mossy_anna"}]
    assert state["saved"][0]["post"] == state["shared"][0]["post"] == 1
    assert state["reports"][0]["reason"] == "Spam"
    assert "painted overnight" in who.get("/saved").text
    who.post("/follow", {"kind": "person", "target": "mossy_anna"})
    assert who.state()["follows"] == []


def test_a_post_with_a_picture_is_published_and_its_picture_served():
    who = _sam()
    post = {"community": "pets", "title": "Look", "body": "A cat"}
    who.post("/submit", post, files={"picture": ("c.png", b"\x89PNG fake", "image/png")})
    (row,) = _mine(who, "posts")
    assert (row["author"], row["community"], row["title"]) == ("sam_rivers", "pets", "Look")
    assert len(row["picture_digest"]) == 64
    assert who.client.get(f"/pictures/{row['picture']}").content == b"\x89PNG fake"


def test_a_picture_is_described_by_whoever_posted_it():
    who = _sam()
    post = {"community": "pets", "title": "Look", "alt": "A grey cat & its tail"}
    who.post("/submit", post, files={"picture": ("c.png", b"\x89PNG fake", "image/png")})
    (row,) = _mine(who, "posts")
    page = who.get(f"/p/{row['id']}").text
    assert 'alt="A grey cat &amp; its tail"' in page
    assert 'alt="Picture: Look"' not in page
    assert row["alt"] == "A grey cat & its tail"


def test_a_picture_that_nobody_described_has_the_title_of_its_post():
    page = _sam().get("/p/1").text
    assert 'alt="Picture: Found this behind the fish market, painted overnight"' in page


def test_a_picture_of_another_kind_and_a_post_without_a_title_are_refused():
    who = _sam()
    files = {"picture": ("c.svg", b"<svg onload=x>", "image/svg+xml")}
    page = who.post("/submit", {"community": "pets", "title": ""}, files=files)
    assert page.text.count('role="alert"') == 2
    assert _mine(who, "posts") == []


def test_a_community_is_founded_once():
    who = _sam()
    who.post("/communities/new", {"name": "Moon Watchers", "about": "We look up."})
    assert "exists" in who.post("/communities/new", {"name": "moon watchers"}).text
    (row,) = _mine(who, "communities")
    assert (row["slug"], row["founder"]) == ("moon-watchers", "sam_rivers")
    assert "Moon Watchers" in who.get("/c/moon-watchers").text


def test_the_way_back_stays_on_the_site():
    who = _sam()
    for back in ("//evil.test/", "/\\evil.test", "http://evil.test/"):
        answer = who.post("/save", {"target": "1", "back": back})
        assert answer.address == "http://townsquare.test/"


def test_a_task_adds_posts_with_comments_and_communities():
    post = {
        "community": "kites",
        "author": "windy",
        "title": "Up",
        "comments": [
            {"author": "gust", "body": "Higher", "replies": [{"author": "b", "body": "No"}]}
        ],
    }
    who = _sam(communities=[{"slug": "kites", "name": "Kites"}], posts=[post])
    assert [row["author"] for row in who.state()["comments"][-2:]] == ["gust", "b"]
    assert "Higher" in who.get(who.get("/c/kites").link("Up")).text


def test_a_post_in_no_community_is_a_mistake_of_the_task():
    with pytest.raises(ValueError, match="'nowhere'"):
        visit("forum", overlay={"posts": [{"community": "nowhere", "author": "a", "title": "t"}]})
    with pytest.raises(ValueError, match="'titel'"):
        visit("forum", overlay={"posts": [{"community": "pets", "author": "a", "titel": "t"}]})


def test_a_cross_post_has_text_and_picture_of_the_first_and_says_where_it_comes_from():
    who = _sam()
    page = who.post("/p/1/crosspost", {"community": "pets", "title": "Look at this wall"})
    assert "Cross-posted to Pets." in page.text
    (row,) = _mine(who, "posts")
    first = who.state()["posts"][0]
    assert (row["community"], row["author"], row["title"]) == (
        "pets",
        "sam_rivers",
        "Look at this wall",
    )
    assert (row["origin"], row["body"], row["picture"]) == (1, first["body"], "mural.png")
    assert first["origin"] is None


@pytest.mark.parametrize("slug", ["", "nowhere"])
def test_a_cross_post_without_a_community_is_none(slug):
    who = _sam()
    assert "Choose a community." in who.post("/p/1/crosspost", {"community": slug}).text
    assert _mine(who, "posts") == []


def test_a_picture_of_the_forum_that_is_saved_and_posted_again_keeps_its_name():
    who = _sam()
    mural = who.client.get("/static/mural.png").content
    post = {"community": "pets", "title": "Look"}
    who.post("/submit", post, files={"picture": ("mine.png", mural, "image/png")})
    assert _mine(who, "posts")[0]["picture"] == "mural.png"
