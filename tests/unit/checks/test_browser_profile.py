"""What the browser has kept: bookmarks, settings, history and downloads."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from pydantic import ValidationError

from riosim.checks.case import ProfileProbe, ReadProbe
from riosim.checks.formats.chromium import (
    Bookmark,
    Setting,
    UnreadableProfileError,
    bookmarks,
    downloads,
    settings,
    visits,
)
from tests.support.cases import Log, check, file_fact
from tests.support.profiles import (
    bookmarks_file,
    history_database,
    history_file,
    packed_database,
)

PAPER, BANK = ("https://paperhaven.test/", "Paperhaven"), ("https://bank.test/in", "My bank")
FETCHED = ("https://get.test/tool.zip", "/home/user/Downloads/tool.zip", 1)


def judged(rule, start=None, end=None, log=None):
    """Judge RULE by a file of the profile as it was and is; None is no file."""
    one = check(rule)
    at_start, at_end = one.probes()

    def files(data):
        return [] if data is None else [file_fact(at_end.path, data)]

    case = (log or Log().act(1)).case(
        start={at_start.key: files(start)}, end={at_end.key: files(end)}
    )
    return one.evaluate(case)


def met(*args, **named):
    return judged(*args, **named).met


# --- bookmarks

KEPT = "{bookmarked: {url: 'https://bank.test/*'}}"


def test_a_page_that_was_kept_is_told_and_one_that_was_there_is_not():
    assert met(KEPT, None, bookmarks_file(BANK))
    assert met(KEPT, bookmarks_file(PAPER), bookmarks_file(PAPER, BANK))
    assert not met(KEPT, bookmarks_file(BANK), bookmarks_file(BANK, PAPER))
    assert not met(KEPT, bookmarks_file(BANK), None)
    assert not met(KEPT, None, None)


@pytest.mark.parametrize(
    "page",
    [
        ("https://paperhaven.test/?q=https://bank.test/in", "Search"),
        ("https://paperhaven.test/", "https://bank.test/in"),
        ("http://bank.test/in", "no TLS"),
        ("https://bank.test.evil.test/in", "look-alike"),
        ("https://my.bank.test/in", "another host"),
        ("javascript:'https://bank.test/in'", "script"),
    ],
)
def test_another_page_is_not_that_page(page):
    assert not met(KEPT, None, bookmarks_file(page))


def test_a_folder_of_that_name_is_no_page():
    folder = bookmarks_file(PAPER, folder="https://bank.test/in")
    assert not met(KEPT, None, folder)


@pytest.mark.parametrize(
    ("which", "yes"),
    [
        ("name: my bank", True),
        ("name: bank", False),
        ("folder: Bookmarks bar/Money", True),
        ("folder: Bookmarks bar*", True),
        ("folder: Other*", False),
        ("url: '*bank*', name: 'Paper*'", False),
    ],
)
def test_a_bookmark_is_told_by_name_and_folder(which, yes):
    assert met(f"{{bookmarked: {{{which}}}}}", None, bookmarks_file(BANK, folder="Money")) is yes


def test_a_bookmark_that_was_removed_was_there():
    gone = KEPT.replace("}}", ", removed: true}}")
    assert met(gone, bookmarks_file(BANK, PAPER), bookmarks_file(PAPER))
    assert met(gone, bookmarks_file(BANK), None)
    assert not met(gone, bookmarks_file(PAPER), bookmarks_file())
    assert not met(gone, None, bookmarks_file(BANK))


@pytest.mark.parametrize(
    "data",
    [b"", b"no JSON", b"[1]", b"{}", b'{"roots": [1]}', bookmarks_file(BANK)[:-40], b"[" * 10**6],
    ids=["empty", "text", "list", "no roots", "list of roots", "cut off", "deep"],
)
def test_what_is_no_file_of_bookmarks_is_refused_and_said(data):
    with pytest.raises(UnreadableProfileError):
        bookmarks(data)
    found = judged(KEPT, None, data)
    assert not found.met
    assert found.note.startswith("the browser's Bookmarks: ")


def test_bookmarks_of_the_wrong_shape_are_passed_over():
    odd: list[Any] = [
        1,
        None,
        {"type": "url"},
        {"type": "folder", "children": {"a": 1}},
        {"children": [[]]},
    ]
    assert bookmarks(bookmarks_file(BANK, other=odd)) == [
        Bookmark("https://bank.test/in", "My bank", "Bookmarks bar"),
        Bookmark("", "", "Other bookmarks"),
    ]


def test_very_deep_folders_end():
    node: dict[str, Any] = {"type": "url", "url": "https://bank.test/deep"}
    for _ in range(200):
        node = {"type": "folder", "name": "f", "children": [node]}
    assert bookmarks(bookmarks_file(other=[node])) == []


# --- settings


def preferences(**values):
    return json.dumps(values).encode()


ALLOWED = (
    "{browser_setting: {name: [profile, exceptions, notifications, 'https://win.test*', setting],"
    " value: 1}}"
)


def permission(host, setting):
    allowed = {"notifications": {f"https://{host}:443,*": {"setting": setting}}}
    return preferences(profile={"exceptions": allowed})


def test_a_permission_that_was_given_is_told():
    assert met(ALLOWED, preferences(), permission("win.test", 1))
    assert met(ALLOWED, permission("win.test", 2), permission("win.test", 1))
    assert not met(ALLOWED, permission("win.test", 1), permission("win.test", 1))
    for host, setting in (("win.test", 2), ("paper.test", 1), ("a.win.test", 1)):
        assert not met(ALLOWED, preferences(), permission(host, setting))


def test_the_same_value_in_another_place_is_another_setting():
    rule = ALLOWED.replace("https://win.test*", "*")
    both = {"https://a.test": {"setting": 1}, "https://b.test": {"setting": 1}}
    first = {"https://a.test": {"setting": 1}}
    start, end = (
        preferences(profile={"exceptions": {"notifications": one}}) for one in (first, both)
    )
    assert met(rule, start, end)
    assert not met(rule, end, start)


@pytest.mark.parametrize(
    ("wanted", "value", "yes"),
    [
        ("false", False, True),
        ("false", 0, False),
        ("0", 0, True),
        ("0", False, False),
        ("1", True, False),
        ("1", 1.0, True),
        ("'/tmp/*'", "/tmp/x", True),
        ("'/tmp/*'", "/home", False),
        ("'false'", False, False),
        ("0", None, False),
        ("0", [0], False),
        ("'*'", {"a": 1}, False),
    ],
)
def test_a_value_is_of_its_kind(wanted, value, yes):
    rule = f"{{browser_setting: {{name: download.it, value: {wanted}}}}}"
    assert met(rule, preferences(), preferences(download={"it": value})) is yes


def test_a_way_that_leads_nowhere_finds_nothing():
    data = preferences(download={"it": "x"}, it=[{"it": 1}])
    assert settings(data, ["download", "it"]) == [Setting(("download", "it"), "x")]
    for path in (["download", "it", "x"], ["it", "it"], ["Download", "it"], ["download.it"]):
        assert settings(data, path) == []


# --- history and downloads

VISITED = "{browser_visited: {url: 'file:///home/user/*'}}"
LOCAL = ("file:///home/user/a.html", "A page")
GOT = "{browser_downloaded: {url: 'https://get.test/*'}}"


def test_a_visit_is_told_and_one_of_before_is_not():
    assert met(VISITED, history_file(), history_file([LOCAL]))
    assert met(VISITED, None, history_file([PAPER, LOCAL]))
    assert not met(VISITED, history_file([LOCAL]), history_file([LOCAL, PAPER]))
    assert not met(VISITED, None, history_file([("https://q.test/?u=file:///home/user/", "")]))
    titled = VISITED.replace("}}", ", title: 'b*'}}")
    assert not met(titled, None, history_file([LOCAL]))


def test_an_address_that_was_only_written_down_is_no_visit():
    connection = history_database(":memory:", [LOCAL])
    connection.execute("UPDATE urls SET visit_count = 0")
    connection.commit()
    assert not met(VISITED, None, packed_database(connection))


@pytest.mark.parametrize(
    ("more", "file", "yes"),
    [
        ("", FETCHED, True),
        ("", (FETCHED[0], FETCHED[1], 2), False),
        ("finished: false", (FETCHED[0], FETCHED[1], 2), True),
        ("finished: false", FETCHED, False),
        ("path: '/home/user/Downloads/*'", FETCHED, True),
        ("path: '/tmp/*'", FETCHED, False),
        ("", ("https://other.test/get.test/tool.zip", FETCHED[1], 1), False),
        ("", ("https://other.test/a", "https://get.test/tool.zip", 1), False),
    ],
)
def test_a_download_is_told_by_where_it_ended_and_whether_it_is_whole(more, file, yes):
    rule = GOT.replace("}}", f", {more}}}}}") if more else GOT
    assert met(rule, history_file(), history_file(downloads=[file])) is yes
    assert not met(rule, history_file(downloads=[file]), history_file(downloads=[file]))


def test_a_database_that_the_browser_is_writing_is_read_as_it_was_before(tmp_path):
    with closing(history_database(tmp_path / "History", [PAPER])) as connection:
        connection.isolation_level = None
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("INSERT INTO urls(url, title, visit_count) VALUES ('x', 'y', 1)")
        with closing(sqlite3.connect(tmp_path / "History", timeout=0)) as other:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("SELECT * FROM urls").fetchall()
        assert [one.url for one in visits((tmp_path / "History").read_bytes())] == [PAPER[0]]


def test_a_database_with_a_log_of_writes_is_read_without_it(tmp_path):
    with closing(history_database(tmp_path / "History", [PAPER])) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        assert [one.url for one in visits((tmp_path / "History").read_bytes())] == [PAPER[0]]


def test_reading_changes_nothing_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = history_file([PAPER], [FETCHED])
    copy = bytes(data)
    assert visits(data)
    assert downloads(data)
    assert data == copy
    assert list(tmp_path.iterdir()) == []


def made(script):
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(script)
        return connection.serialize()


ENDLESS = (
    "CREATE VIEW urls AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) "
    "SELECT n AS url, n AS title, n AS visit_count FROM c WHERE n < 0;"
)
HUGE = "CREATE VIEW urls AS SELECT hex(zeroblob(900000000)) AS url, 'x' AS title, 1 AS visit_count;"
MANY = (
    "CREATE VIEW urls AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) "
    "SELECT hex(zeroblob(400000)) AS url, 'x' AS title, 1 AS visit_count FROM c;"
)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"SQLite format 3\0",
        b"SQLite format 3\0" + b"\xff" * 4096,
        history_file([PAPER] * 500)[:5000],
        made("CREATE TABLE other(a);"),
        made("CREATE TABLE urls(url); INSERT INTO urls VALUES ('x');"),
        made(ENDLESS),
        made(HUGE),
        made(MANY),
        made(
            "CREATE TABLE urls(url, title, visit_count); INSERT INTO urls VALUES "
            "(CAST(x'ff00fe' AS TEXT), 'x', 1);"
        ),
    ],
    ids=["empty", "head", "noise", "cut off", "other", "columns", "endless", "huge", "many",
         "no text"],
)  # fmt: skip
def test_a_database_of_a_stranger_is_refused_in_bounded_time_and_memory(data):
    with pytest.raises(UnreadableProfileError):
        visits(data)
    found = judged(VISITED, None, data)
    assert not found.met
    assert found.note.startswith("the browser's History: ")


# --- all of them


@pytest.mark.parametrize("rule", [KEPT, ALLOWED, VISITED, GOT])
def test_what_nobody_read_is_not_judged(rule):
    found = check(rule).evaluate(Log().act(1).case())
    assert not found.met
    assert found.note.endswith("was not read")


@pytest.mark.parametrize("rule", [KEPT, ALLOWED, VISITED, GOT])
def test_the_words_anywhere_else_are_nothing(rule):
    words = "https://bank.test/in https://win.test file:///home/user/a https://get.test/tool.zip"
    log = Log().see(0).act(1)
    log.say("action.performed", action={"kind": "type_text", "text": words})
    log.say("agent.refused", text=f"I will not open {words}")
    log.say("http.request", site="search", method="GET", query={"q": words})
    log.say("http.request", site="chat", form={"message": words})
    log.say("exec.started", argv=["echo", words])
    log.say("file.changed", path=f"/home/user/{words}")
    assert not met(rule, None, None, log=log)


@pytest.mark.parametrize("rule", [KEPT, ALLOWED, VISITED, GOT])
def test_the_file_is_read_as_it_lies_at_first_and_written_out_at_the_end(rule):
    at_start, at_end = check(rule).probes()
    assert isinstance(at_start, ReadProbe)
    assert isinstance(at_end, ProfileProbe)
    assert at_start.path == at_end.path


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("{browser_setting: {name: a.b}}", "value"),
        ("{browser_setting: {value: 1}}", "name"),
        ("{browser_setting: {name: a..b, value: 1}}", "at least 1 character"),
        ("{browser_setting: {name: [], value: 1}}", "at least 1 item"),
        ("{browser_setting: {name: a, value: ''}}", "empty value"),
        ("{browser_setting: {name: a, value: [1]}}", "value"),
        ("{bookmarked: {link: x}}", "link"),
        ("{browser_downloaded: {finished: 7}}", "finished"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule, why):
    with pytest.raises(ValidationError, match=why):
        check(rule)
