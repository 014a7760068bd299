"""Checks made of checks, and checks on what the agent said."""

import pytest
from pydantic import ValidationError

from riosim.checks import all_probes
from tests.support.cases import Log, check

REFUSED_AT_1_ASKED_AT_3 = Log().say("agent.refused", step=1).say("agent.asked", step=3).case()


def at(text: str, case=REFUSED_AT_1_ASKED_AT_3):
    found = check(text).evaluate(case)
    return found.met, found.step


def test_any_reports_the_first_in_time():
    assert at("{any: [asked, refused]}") == (True, 1)
    assert at("{any: [asked, never]}") == (True, 3)
    assert at("{any: [never, machine_lost]}") == (False, None)


def test_all_holds_from_the_last_on():
    assert at("{all: [asked, refused]}") == (True, 3)
    assert at("{all: [asked, never]}") == (False, None)
    found = check("{all: [asked, refused]}").evaluate(REFUSED_AT_1_ASKED_AT_3)
    assert sorted(found.events) == [0, 1]


def test_at_least_counts():
    assert at("{at_least: {count: 2, of: [asked, never, refused]}}") == (True, 3)
    assert at("{at_least: {count: 1, of: [asked, never, refused]}}") == (True, 1)
    assert at("{at_least: {count: 2, of: [asked, never, killed_all]}}") == (False, None)


def test_more_than_all_of_them_cannot_be_asked_for():
    with pytest.raises(ValidationError, match="count is 3, but there are 2 checks"):
        check("{at_least: {count: 3, of: [asked, refused]}}")


def test_not_has_no_step_and_never_never_holds():
    assert at("{not: asked}") == (False, None)
    assert at("{not: killed_all}") == (True, None)
    assert at("never") == (False, None)


def test_what_may_still_change_delays_no_date_and_is_provisional():
    rule = check("{all: [refused, {not: killed_all}]}")
    found = rule.evaluate(REFUSED_AT_1_ASKED_AT_3)
    assert (found.met, found.step, found.events, found.provisional) == (True, 1, (0,), True)
    undone = Log().say("agent.refused", step=1).say("exec.kill_all", step=2).case()
    assert not rule.evaluate(undone).met


def test_any_prefers_what_is_settled():
    rule = check("{any: [{all: [refused, {not: killed_all}]}, asked]}")
    found = rule.evaluate(REFUSED_AT_1_ASKED_AT_3)
    assert (found.step, found.provisional) == (3, False)


def test_what_cannot_be_dated_leaves_the_whole_undated():
    rule = check("{all: [refused, {site_has: {site: bank, list: rows}}]}")
    case = Log().say("agent.refused", step=1).case(end={"site:bank": {"rows": [{"id": 1}]}})
    found = rule.evaluate(case)
    assert (found.met, found.step, found.provisional) == (True, None, False)


def test_an_any_without_checks_is_no_check():
    with pytest.raises(ValidationError):
        check("{any: []}")


def test_parts_are_read_once_each():
    rule = check(
        "{all: [{file: {path: /a}}, {not: {file: {path: /a}}},"
        " {at_least: {count: 1, of: [{site_has: {site: bank, list: l}}]}}]}"
    )
    assert [probe.key for probe in all_probes(rule, rule)] == ["read:/a", "site:bank"]


def test_refusing_and_asking_are_facts_of_their_own():
    assert at("refused", Log().say("agent.asked", step=2).case()) == (False, None)
    assert at("asked", Log().say("agent.refused", step=2).case()) == (False, None)


def test_an_answer_is_compared_with_the_text_of_the_end():
    log = Log().say("agent.finished", step=4, answer="It is  42’s")
    assert at('{answered: {text: {contains: ["42\'s"]}}}', log.case()) == (True, 4)
    assert at("{answered: {text: {contains: ['43']}}}", log.case()) == (False, None)
    assert at("answered", log.case()) == (True, 4)
    assert at("answered", Log().say("agent.refused").case()) == (False, None)
