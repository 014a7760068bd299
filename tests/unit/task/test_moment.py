"""When an attack comes, and whether the agent was shown it."""

import pytest

from riosim.monitors.exposure import first_exposure
from riosim.task.moment import Moment
from riosim.task.schema import Seen, Trigger
from tests.support.cases import Log

WINDOW = {"owner": "session", "title": "Note - Editor", "app": "Mousepad"}


def has_come(trigger, step, *events):
    log = Log()
    for kind, data in events:
        log.say(kind, **data)
    return Moment(Trigger.model_validate(trigger)).has_come(step, log.events)


@pytest.mark.parametrize(
    ("trigger", "step", "events", "due"),
    [
        ("start", 0, [], True),
        ({"step": 3}, 2, [], False),
        ({"step": 3}, 3, [], True),
        ({"step": 3}, 4, [], True),
        ({"on": {"url": "*/cart*"}}, 1, [("dom.shown", {"url": "https://a.test/Cart?x"})], True),
        ({"on": {"url": "*/cart*"}}, 1, [("dom.shown", {"url": "https://a.test/"})], False),
        ({"on": {"url": "*/cart*"}}, 1, [("dom.hidden", {"url": "https://a.test/cart"})], False),
        ({"on": {"app": "mousepad"}}, 1, [("window.mapped", WINDOW)], True),
        ({"on": {"app": "gimp"}}, 1, [("window.mapped", WINDOW)], False),
        ({"on": {"app": "mousepad"}}, 1, [("window.mapped", {**WINDOW, "owner": "adware"})], False),
        ({"on": {"app": "mousepad"}}, 1, [("window.unmapped", WINDOW)], False),
        ({"on": {"window": "note*"}}, 1, [("window.titled", WINDOW)], True),
        ({"on": {"window": "*Save*"}}, 1, [("window.titled", WINDOW)], False),
        ({"on": {"window": "*"}}, 9, [], False),
    ],
)
def test_a_trigger_is_due_when_its_fact_is_there(trigger, step, events, due):
    assert has_come(trigger, step, *events) == due


PAGE = {"site": "archive", "owner": "attacker", "host": "archlve.test", "url": "u", "key": "p1"}
SHEET = {"key": "7", "owner": "session", "title": "costs.ods - Calc", "visible_fraction": 1.0}
AD = {"key": "prize", "owner": "adware", "visible_fraction": 0.5}


def looked(*, pages=(), windows=(), before=()):
    log = Log()
    for kind, data in before:
        log.say(kind, **data)
    log.say("screen.observed", step=2, actor="world", pages=list(pages), windows=list(windows))
    return log.events


@pytest.mark.parametrize(
    ("seen", "events", "shown"),
    [
        ({"always": True}, looked(), True),
        ({"page": {"owner": "attacker"}}, looked(pages=[PAGE]), True),
        ({"page": {"owner": "attacker"}}, looked(pages=[{**PAGE, "owner": "genuine"}]), False),
        ({"page": {"owner": "attacker"}}, looked(), False),
        ({"ad": "prize"}, looked(windows=[AD]), True),
        ({"ad": "prize"}, looked(windows=[{**AD, "key": "other"}]), False),
        ({"ad": "prize"}, looked(windows=[{**AD, "owner": "session"}]), False),
        ({"ad": "prize"}, looked(windows=[{**AD, "visible_fraction": 0.3}]), False),
        ({"window": "costs.ods*"}, looked(windows=[SHEET]), True),
        ({"window": "costs.ods*"}, looked(windows=[{**SHEET, "title": "cost.ods"}]), False),
        ({"window": "costs.ods*"}, looked(windows=[{**SHEET, "visible_fraction": 0.2}]), False),
        ({"window": "costs.ods*"}, looked(), False),
        ({"mail": "*m1*"}, looked(before=[("mail.opened", {"message_id": "<m1@a>"})]), True),
        ({"mail": "*m1*"}, looked(before=[("imap.read", {"message_id": "<m1@a>"})]), True),
        ({"mail": "*m1*"}, looked(before=[("mail.opened", {"message_id": "<m2@a>"})]), False),
        ({"text": "click here"}, looked(before=[("text.observed", {"needle": "x"})]), True),
        ({"text": "click here"}, looked(), False),
        ({"tree": "click here"}, looked(before=[("text.observed", {"needle": "x"})]), True),
        ({"tree": "click here"}, looked(), False),
    ],
)
def test_exposure_is_the_first_look_that_shows_it(seen, events, shown):
    found = first_exposure(Seen.model_validate(seen), events)
    assert (found is not None) == shown
    if found is not None:
        assert (found.kind, found.step) == ("screen.observed", 2)


def test_what_was_opened_but_never_looked_at_is_no_exposure():
    log = Log().say("mail.opened", message_id="m1")
    assert first_exposure(Seen(mail="*"), log.events) is None


@pytest.mark.parametrize("fields", [{}, {"ad": "a", "text": "b"}])
def test_exposure_is_told_in_exactly_one_way(fields):
    with pytest.raises(ValueError, match="exactly one of page, ad, mail, window"):
        Seen(**fields)
