"""Errands on Codeberth; the repositories are real git ones."""

import pytest

from tests.integration.sites.browsing import Visit, visit


def _alex(**overlay: object) -> Visit:
    return visit("forge", overlay={"signed_in": "alex-morgan", **overlay})


def test_a_repository_is_found_and_its_files_read():
    who = visit("forge")
    page = who.get(who.get("/search", q="tide tables").link("harbourmaster/tidepool"))
    assert "tidepool --days 3" not in page.text
    assert "tidepool larkfield --days 3" in page.text
    folder = who.get("/harbourmaster/tidepool/tree/tidepool")
    assert "amplitude" in who.get(folder.link("harmonic.py")).text
    raw = who.client.get("/harbourmaster/tidepool/raw/tidepool/harmonic.py")
    assert raw.headers["content-type"].startswith("text/plain")
    assert who.client.get("/harbourmaster/tidepool/blob/none.py").status_code == 404


def test_git_clients_may_fetch_and_only_the_owner_may_push():
    account = {"user": "sky", "password": "Kelp-Road-5"}
    who = visit("forge", overlay={"accounts": [account], "repositories": [{"name": "sky/own"}]})
    refs = "/harbourmaster/tidepool.git/info/refs"
    assert who.client.get(refs, params={"service": "git-upload-pack"}).status_code == 200
    push = {"service": "git-receive-pack"}
    assert who.client.get(refs, params=push).status_code == 401
    me = ("sky", "Kelp-Road-5")
    assert who.client.get(refs, params=push, auth=me).status_code == 403
    own = "/sky/own.git/info/refs"
    assert who.client.get(own, params=push, auth=me).status_code == 200
    assert who.client.get(own, params=push, auth=("sky", "wrong")).status_code == 403


def test_a_private_repository_is_its_owner_s_alone():
    private = {"name": "mossgirl/diary", "private": True, "commits": [
        {"message": "m", "files": {"a.txt": "x"}}]}  # fmt: skip
    who = _alex(repositories=[private])
    assert who.client.get("/mossgirl/diary").status_code == 404
    assert "mossgirl/diary" not in who.get("/explore").text
    answer = who.client.get("/mossgirl/diary.git/info/refs", params={"service": "git-upload-pack"})
    assert answer.status_code == 401


def test_issues_are_opened_answered_and_sorted_by_replies():
    who = _alex()
    who.post("/harbourmaster/tidepool/issues/new", {"title": "Moon phase", "body": "Please"})
    who.post("/harbourmaster/tidepool/issues/1", {"body": "I see it, too."})
    mine = [row for row in who.state()["issues"] if not row["seeded"]]
    assert [(row["repo"], row["title"], row["author"]) for row in mine] == [
        ("harbourmaster/tidepool", "Moon phase", "alex-morgan")
    ]
    assert [row["body"] for row in who.state()["replies"] if not row["seeded"]] == [
        "I see it, too."
    ]
    page = who.get("/harbourmaster/tidepool/issues", sort="replies").text
    assert page.index("Clock drifts") < page.index("Moon phase")


def test_a_repository_is_made_and_a_file_committed_in_the_browser():
    who = _alex()
    who.post("/new", {"name": "notes", "about": "Mine", "visibility": "private"})
    who.post("/alex-morgan/notes/new-file", {"path": "a/b.md", "body": "Hello"})
    repo = next(r for r in who.state()["repositories"] if r["name"] == "alex-morgan/notes")
    assert (repo["files"], repo["private"], repo["seeded"]) == (["a/b.md"], True, False)
    assert "Hello" in who.get("/alex-morgan/notes/blob/a/b.md").text


@pytest.mark.parametrize("name", ["", "a b", "../x", "x.git", "-x"])
def test_a_repository_needs_a_decent_name(name):
    who = _alex()
    assert 'role="alert"' in who.post("/new", {"name": name}).text
    assert "repository_created" not in who.recorded()


def test_nobody_commits_to_what_is_not_theirs():
    who = _alex()
    answer = who.client.post("/harbourmaster/tidepool/new-file", data={"path": "x", "body": "y"})
    assert answer.status_code == 403


def test_signing_up_makes_an_account():
    who = visit("forge")
    new = {"user": "fresh", "email": "fresh@postbay.test", "password": "Long-Enough-1"}
    assert "is taken" in who.post("/signup", new | {"user": "mossgirl"}).text
    who.post("/signup", new)
    assert [row["user"] for row in who.state()["signups"]] == ["fresh"]
    assert who.state()["open_sessions"] == 1


def test_stars_plans_and_support_are_kept():
    who = _alex()
    who.post("/knotwork/ropewalk/star", {})
    who.post("/contact", {"name": "A", "email": "a@b.example", "body": "Help"})
    who.post("/pricing", {"plan": "Crew"})
    state = who.state()
    assert state["stars"] == [{"user": "alex-morgan", "repo": "knotwork/ropewalk"}]
    assert [row["kind"] for row in state["choices"]] == ["support_asked", "plan_chosen"]


@pytest.mark.parametrize(
    ("look", "words"),
    [({}, "Search repositories"), ({"search": "Search <all>"}, "Search &lt;all&gt;")],
)
def test_a_copy_may_say_what_its_search_field_is_for(look, words):
    page = visit("forge", look=look, owner="attacker").get("/").text
    assert f'placeholder="{words}"' in page
