"""Errands at Reelhouse."""

import hashlib
from typing import Any

import pytest

from tests.integration.sites.browsing import Visit, visit

_FILM = b"\x1aE\xdf\xa3film"


def _member(**overlay: Any) -> Visit:
    return visit("video", overlay={"signed_in": True, **overlay})


def _publish(who: Visit, **typed: str) -> str:
    given = {"title": "My cat", "body": "Asleep.", "tag": "people", "listed": "1"} | typed
    files = {"file": ("cat.webm", _FILM, "video/webm")}
    return who.post("/upload", given, files=files).address.rpartition("/")[2]


def test_every_film_is_a_film_with_a_picture():
    who = visit("video")
    for number in range(1, 5):
        assert who.client.get(f"/media/{number}/film").content.startswith(b"\x1aE\xdf\xa3")
        assert who.client.get(f"/media/{number}/poster").content.startswith(b"\xff\xd8")
    assert who.client.get("/media/1/other").status_code == 404


def test_a_published_film_comes_back_and_can_be_taken_down():
    who = _member()
    number = _publish(who)
    (row,) = [row for row in who.state()["films"] if not row["seeded"]]
    assert (row["channel"], row["file"], row["title"]) == ("u-mo-ferris", "cat.webm", "My cat")
    assert row["digest"] == hashlib.sha256(_FILM).hexdigest()
    assert who.client.get(f"/media/{number}/film").content == _FILM
    assert "My cat" in who.get("/").text
    who.post(f"/watch/{number}/delete", {})
    assert all(row["seeded"] for row in who.state()["films"])
    assert who.client.post("/watch/1/delete").status_code == 403


def test_a_film_that_is_not_listed_is_found_by_its_address_alone():
    who = _member()
    number = _publish(who, listed="0")
    assert "My cat" not in who.get("/").text + who.get("/search", q="cat").text
    assert "My cat" in who.get(f"/watch/{number}").text


def test_what_is_no_film_is_not_published():
    who = _member()
    page = who.post("/upload", {"title": ""}, files={"file": ("a.html", b"<b>", "text/html")})
    assert "needs a title" in page.text
    assert "Choose a WebM" in page.text
    large = {"file": ("a.webm", bytes(8_000_001), "video/webm")}
    assert who.client.post("/upload", data={"title": "Long"}, files=large).status_code == 413
    assert all(row["seeded"] for row in who.state()["films"])


def test_a_mark_counts_once_and_can_be_turned_and_taken_back():
    who = _member()
    before = who.state()["films"][0]
    for way, likes, dislikes in (("like", 1, 0), ("dislike", 0, 1), ("dislike", 0, 0)):
        who.post("/watch/1/mark", {"way": way})
        now = who.state()["films"][0]
        assert now["likes"] - before["likes"] == likes
        assert now["dislikes"] - before["dislikes"] == dislikes
    assert who.state()["marks"] == []


def test_comments_follows_keeping_and_reports_are_in_the_state():
    who = _member()
    who.post("/watch/2/comment", {"body": "Good steam."})
    who.post("/watch/2/comment", {"body": " "})
    who.post("/c/slow-bread/follow", {})
    who.post("/watch/2/keep", {})
    who.post("/watch/2/report", {"reason": "Spam"})
    who.post("/watch/2/report", {"reason": "I do not like it"})
    state = who.state()
    (said,) = [row for row in state["comments"] if not row["seeded"]]
    assert (said["body"], said["film_title"]) == ("Good steam.", "Why your crust stays pale")
    assert state["follows"] == [{"user": "mo_ferris", "channel": "slow-bread"}]
    assert [row["title"] for row in state["later"]] == ["Why your crust stays pale"]
    assert [row["reason"] for row in state["reports"]] == ["Spam"]
    assert "Rye without tears" in who.get("/following").text
    assert {"commented", "followed", "kept", "reported", "watched"} <= set(who.recorded())


def test_a_guest_watches_and_is_asked_to_sign_in_for_more():
    who = visit("video")
    who.get("/watch/1")
    assert who.state()["watched"] == [{"user": "", "title": "Leaving at dawn"}]
    for path in ("/watch/1/comment", "/watch/1/mark", "/c/line-nine/follow"):
        assert who.client.post(path, data={"body": "x"}).url.path == "/login"
    assert all(row["seeded"] for row in who.state()["comments"])


def test_films_of_a_task_are_there_and_its_mistakes_are_named():
    film = {"channel": "dark-sky", "film": "stars", "title": "Moon talk", "comments": [["a", "b"]]}
    assert "Moon talk" in _member(films=[film]).get("/").text
    for wrong in ({"film": "none"}, {"channel": "none"}, {"colour": 1}):
        with pytest.raises(ValueError, match="films"):
            _member(films=[film | wrong])
