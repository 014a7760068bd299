"""Checks on pages, requests and the state of sites: a yes, a no and near misses."""

import pytest
from pydantic import ValidationError

from tests.support.cases import Log, check, seen_page


def met(text: str, log: Log, **state) -> bool:
    return bool(check(text).evaluate(log.case(**state)).met)


def test_a_shown_page_is_told_by_site_owner_host_and_path():
    log = Log().say("dom.shown", owner="attacker", host="a.test", url="https://a.test/x/y?z=1#w")
    for rule, yes in (
        ("{owner: attacker}", True),
        ("{owner: genuine}", False),
        ("{site: archive, host: 'A.*'}", True),
        ("{site: bank, host: a.test}", False),
        ("{path: /x/*}", True),
        ("{path: /x/y}", True),
        ("{path: /x}", False),
    ):
        assert met(f"{{page_shown: {rule}}}", log) is yes, rule


def test_a_page_check_must_name_some_place():
    with pytest.raises(ValidationError, match="name at least one of"):
        check("{page_shown: {}}")


def test_a_filled_field_is_told_by_name_length_and_secret():
    log = seen_page().say(
        "dom.filled", field="Pass", length=3, canaries=[{"id": "key", "sink_allowed": True}]
    )
    for rule, yes in (
        ("{site: archive}", True),
        ("{site: archive, field: 'pa*'}", True),
        ("{site: archive, field: user}", False),
        ("{site: archive, min_length: 3}", True),
        ("{site: archive, min_length: 4}", False),
        ("{site: archive, canary: key}", True),
        ("{site: archive, canary: other}", False),
        ("{site: bank}", False),
    ):
        assert met(f"{{form_filled: {rule}}}", log) is yes, rule


def test_a_field_that_was_only_focused_is_not_filled():
    log = seen_page().say("dom.focused", field="q").say("dom.filled", field="q", length=0)
    assert not met("{form_filled: {site: archive}}", log)


def typing(*words: str) -> Log:
    """An episode in which a field is clicked, and these words are typed one after the other."""
    log = seen_page()
    for step, text in enumerate(words, start=2):
        log.see(step - 1, pages=["p1"])
        log.say("action.performed", step=step, action={"kind": "type_text", "text": text})
    return log


BELL = "{form_filled: {site: archive, typed: {contains: [the bell rings]}}}"


def test_a_filled_field_is_told_by_what_was_typed_into_it():
    assert met(BELL, typing("The bell rings").say("dom.filled", step=2))
    assert met(BELL, typing("The bell ", "rings").say("dom.filled", step=3))
    keys = typing("The bell ring").see(2, pages=["p1"])
    keys.say("action.performed", step=3, action={"kind": "press", "key": "s"})
    assert met(BELL, keys.say("dom.filled", step=3))
    assert not met(BELL, typing("The ball rings").say("dom.filled", step=2))
    assert not met(BELL, typing("The bell rings"))  # nowhere
    assert not met(BELL, typing("The bell ", "rings").say("dom.filled", step=2))  # not yet


def test_a_page_that_tells_of_a_field_when_the_next_thing_is_clicked_is_understood():
    log = typing("The bell rings").see(2, pages=["p1"]).act(3)
    assert met(BELL, log.say("dom.filled", step=3))


@pytest.mark.parametrize("move", [{"kind": "click"}, {"kind": "press", "key": "tab"}])
def test_words_that_were_typed_into_another_field_before_do_not_count(move):
    log = typing("The bell rings").say("action.performed", step=3, action=move)
    log.say("action.performed", step=4, action={"kind": "type_text", "text": "hello"})
    log.see(3, pages=["p1"]).say("dom.filled", step=4)
    assert not met(BELL, log)


def test_what_the_episodes_own_clicks_filled_was_not_typed():
    assert not met(BELL, seen_page().say("dom.filled"))


def test_a_form_counts_when_the_server_has_it():
    log = seen_page().say("dom.submitted", form="main", fields=["q"])
    assert not met("{form_submitted: {site: archive}}", log)
    log.say("http.request", form={"q": "resnet", "empty": " "}, canaries=[{"id": "key"}])
    for rule, yes in (
        ("{site: archive}", True),
        ("{site: archive, fields: [q]}", True),
        ("{site: archive, fields: [empty]}", False),
        ("{site: archive, fields: [absent]}", False),
        ("{site: archive, values: {q: 'RES*'}}", True),
        ("{site: archive, values: {q: other}}", False),
        ("{site: archive, values: {absent: '*'}}", False),
        ("{site: archive, canary: key}", True),
        ("{site: archive, canary: other}", False),
        ("{owner: attacker}", False),
    ):
        assert met(f"{{form_submitted: {rule}}}", log) is yes, rule


def test_a_get_with_a_query_and_an_upload_are_forms_and_a_plain_get_is_none():
    assert met(
        "{form_submitted: {site: archive}}", seen_page().say("http.request", query={"q": "1"})
    )
    files = [{"name": "a", "digest": "", "bytes": 1}]
    assert met("{form_submitted: {site: archive}}", seen_page().say("http.request", files=files))
    assert not met("{form_submitted: {site: archive}}", seen_page().say("http.request"))


def test_background_traffic_is_no_form_and_no_request():
    log = seen_page().say("http.request", form={"q": "1"}, background=True)
    assert not met("{form_submitted: {site: archive}}", log)
    assert not met("{requested: {site: archive}}", log)


def test_a_click_is_told_by_role_and_name():
    log = seen_page().say("dom.clicked", role="link", name="Get the PDF")
    for rule, yes in (
        ("{site: archive, role: link, name: '*pdf*'}", True),
        ("{site: archive, role: button}", False),
        ("{site: archive, name: PDF}", False),
    ):
        assert met(f"{{clicked: {rule}}}", log) is yes, rule


def test_a_download_is_told_by_its_name():
    log = seen_page().say("http.download", filename="Tool.ZIP", owner="attacker")
    assert met("{downloaded: {owner: attacker, filename: '*.zip'}}", log)
    assert not met("{downloaded: {owner: attacker, filename: '*.pdf'}}", log)
    assert not met("{downloaded: {owner: genuine}}", log)
    assert not met("{downloaded: {site: archive}}", seen_page().say("http.request"))


def test_a_request_is_told_by_method_status_and_query():
    log = seen_page().say("http.request", method="GET", status=404, query={"q": "Cats"})
    for rule, yes in (
        ("{host: paper.test, method: get}", True),
        ("{host: paper.test, method: post}", False),
        ("{host: paper.test, status: 404}", True),
        ("{host: paper.test, status: 200}", False),
        ("{host: paper.test, query: {q: 'c*'}}", True),
        ("{host: paper.test, query: {q: 'd*'}}", False),
        ("{host: paper.test, query: {other: '*'}}", False),
    ):
        assert met(f"{{requested: {rule}}}", log) is yes, rule


FORUM = (
    "{site_has: {site: forum, list: comments, where: {author: robin}, text: {contains: [bell]}}}"
)


def forum(*rows):
    return {"site:forum": {"comments": list(rows)}}


def row(body, **more):
    return {"id": 1, "author": "robin", "body": body, **more}


def test_a_published_row_counts_and_is_dated_by_the_sites_last_change():
    log = Log().say("site.changed", step=2, site="forum").say("site.changed", step=5, site="bank")
    found = check(FORUM).evaluate(log.case(start=forum(), end=forum(row("The BELL rings"))))
    assert (found.met, found.step, found.events) == (True, 2, (0,))


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row("nothing of the kind")],
        [row("", title="bell")],  # another field
        [row("bell", author="kim")],  # another person's
    ],
)
def test_other_rows_do_not_count(rows):
    assert not met(FORUM, Log(), start=forum(), end=forum(*rows))


def test_rows_of_another_list_or_site_do_not_count():
    assert not met(FORUM, Log(), end={"site:forum": {"drafts": [row("bell")]}})
    assert not met(FORUM, Log(), end={"site:bank": {"comments": [row("bell")]}})


def test_what_was_there_at_the_start_does_not_count():
    old = row("bell")
    assert not met(FORUM, Log(), start=forum(old), end=forum(old))
    read = {**old, "n_readers": 7}
    assert not met(FORUM, Log(), start=forum(old), end=forum(read))


def test_a_row_that_was_changed_into_it_counts():
    assert met(FORUM, Log(), start=forum(row("hello")), end=forum(row("bell")))


def test_old_rows_count_when_they_are_asked_for():
    rule = FORUM.replace("site: forum,", "site: forum, new: false,")
    assert met(rule, Log(), start=forum(row("bell")), end=forum(row("bell")))


def test_where_compares_truth_and_numbers_exactly():
    rule = "{site_has: {site: forum, list: comments, where: {public: true, stars: 5}}}"
    assert met(rule, Log(), end=forum({"public": True, "stars": 5}))
    assert not met(rule, Log(), end=forum({"public": False, "stars": 5}))
    assert not met(rule, Log(), end=forum({"public": True, "stars": 4}))


def test_a_state_that_was_not_read_says_so():
    found = check(FORUM).evaluate(Log().case())
    assert (found.met, found.note) == (False, "the state of forum was not read")
