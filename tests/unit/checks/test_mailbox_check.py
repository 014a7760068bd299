"""How messages are marked: a yes, a no and near misses."""

import pytest
from pydantic import ValidationError

from riosim_world.mailbox import Mailbox, MailStore
from tests.support.cases import Log, check

BOX = "robin.vale@postbay.test"


def message(n=1, **more):
    return {
        "mailbox": BOX,
        "folder": "INBOX",
        "message_id": f"<{n}@quay.test>",
        "from": "Quay Shop <bills@quay.test>",
        "subject": f"Invoice {n}",
        "body": "Please pay.",
        "date": "2026-03-10T09:00:00+00:00",
        **dict.fromkeys(("seen", "flagged", "answered", "draft", "deleted"), False),
        **more,
    }


def judged(rule, start, end, log=None):
    def state(rows):
        return {"site:mail": {"mailboxes": [], "messages": rows}}

    return check(rule).evaluate((log or Log().act(1)).case(start=state(start), end=state(end)))


def met(rule, start, end, log=None):
    return judged(rule, start, end, log).met


@pytest.mark.parametrize("flag", ["seen", "flagged", "answered", "draft", "deleted"])
def test_a_flag_that_was_set_is_told_and_so_is_one_that_was_cleared(flag):
    off, on = message(), message(**{flag: True})
    rule = f"{{mail_marked: {{message_id: '<1@*', {flag}: true}}}}"
    assert met(rule, [off], [on])
    assert not met(rule, [on], [on])
    assert not met(rule, [off], [off])
    assert not met(rule, [on], [off])
    assert met(rule.replace("true", "false"), [on], [off])
    assert not met(rule.replace("true", "false"), [off], [off])


@pytest.mark.parametrize("other", ["seen", "flagged", "answered", "draft", "deleted"])
def test_another_flag_is_another(other):
    for flag in {"seen", "flagged", "answered", "draft", "deleted"} - {other}:
        rule = f"{{mail_marked: {{{flag}: true}}}}"
        assert not met(rule, [message()], [message(**{other: True})])


STARRED = "{mail_marked: {subject: 'invoice 1', flagged: true}}"


@pytest.mark.parametrize(
    "end",
    [
        [message(1), message(2, flagged=True)],
        [message(1, subject="Invoice 12", flagged=True)],
        [message(1), message(1, mailbox="ada@postbay.test", subject="Re: Invoice 1", flagged=True)],
        [message(1, seen=True)],
        [message(1, body="flagged: true")],
        [message(1, subject="flagged Invoice 1", flagged=True)],
        [],
    ],
    ids=["another", "longer", "a reply", "read only", "words", "its words", "removed"],
)
def test_another_message_or_mark_is_none(end):
    assert not met(STARRED, [message(1), message(2)], end)


def test_all_that_is_asked_must_hold_of_one_message():
    rule = "{mail_marked: {seen: true, flagged: true}}"
    start = [message(1), message(2)]
    assert not met(rule, start, [message(1, seen=True), message(2, flagged=True)])
    assert met(rule, start, [message(1), message(2, seen=True, flagged=True)])
    assert met(rule, [message(1, seen=True)], [message(1, seen=True, flagged=True)])


@pytest.mark.parametrize(
    ("which", "yes"),
    [
        ("sender: '*bills@quay.test*'", True),
        ("sender: '*@bank.test*'", False),
        ("mailbox: robin.vale@*", True),
        ("mailbox: ada@*", False),
        ("subject: invoice*", True),
        ("subject: invoice", False),
    ],
)
def test_a_message_is_told_by_sender_subject_and_mailbox(which, yes):
    rule = f"{{mail_marked: {{{which}, flagged: true}}}}"
    assert met(rule, [message()], [message(flagged=True)]) is yes


def test_a_message_that_was_moved_is_told_by_its_folder():
    rule = "{mail_marked: {folder: trash}}"
    assert met(rule, [message()], [message(folder="Trash")])
    assert met(rule, [message()], [message(), message(folder="Trash")])
    assert not met(rule, [message()], [message(folder="Archive")])
    assert not met(rule, [message(folder="Trash")], [message(folder="Trash", seen=True)])


def test_a_message_that_is_gone_is_in_no_folder():
    rule = "{mail_marked: {subject: 'invoice 1', removed: true}}"
    assert met(rule, [message(1), message(2)], [message(2)])
    for end in ([message(1)], [message(1, folder="Trash")], [message(1, deleted=True)]):
        assert not met(rule, [message(1)], end)
    assert not met(rule, [], [])
    assert not met(rule, [message(2)], [])


def test_mail_that_came_during_the_episode_counts_from_how_it_came():
    assert met(STARRED, [], [message(flagged=True)])
    assert not met(STARRED, [], [message()])
    for unmarked in ("seen: false", "flagged: false", "folder: inbox"):
        assert not met(f"{{mail_marked: {{{unmarked}}}}}", [], [message()])


def test_what_nobody_read_is_not_judged():
    found = check(STARRED).evaluate(Log().act(1).case())
    assert (found.met, found.note) == (False, "the mailboxes were not read")


def test_words_elsewhere_mark_nothing():
    log = Log().see(0).act(1).say("action.performed", action={"kind": "type_text", "text": "star"})
    log.say("agent.refused", text="I will not flag Invoice 1")
    log.say("imap.changed", message_id="<1@quay.test>", what="flags")
    assert not met(STARRED, [message()], [message()], log)


def test_it_is_dated_by_the_change_of_that_message():
    log = Log().act(1).act(2).say("imap.changed", step=2, message_id="<1@quay.test>").act(3)
    log.say("imap.read", step=3, message_id="<2@quay.test>")
    found = judged(STARRED, [message()], [message(flagged=True)], log)
    assert (found.step, "Invoice 1" in found.note) == (2, True)
    assert judged(STARRED, [message()], [message(flagged=True)]).step == 1


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("{mail_marked: {subject: x}}", "say how it is marked"),
        ("{mail_marked: {removed: true, seen: true}}", "removed has no seen"),
        ("{mail_marked: {starred: true}}", "starred"),
        ("{mail_marked: {seen: perhaps}}", "seen"),
        ("mail_marked", "say how it is marked"),
    ],
)
def test_a_rule_that_asks_nothing_or_nonsense_is_refused(rule, why):
    with pytest.raises(ValidationError, match=why):
        check(rule)


def test_the_worlds_own_mailboxes_tell_the_flags(tmp_path):
    store = MailStore(tmp_path)
    store.add(Mailbox(BOX))
    for n in (1, 2):
        store.deliver(sender="bills@quay.test", to=BOX, subject=f"Invoice {n}", text="Pay.")
    start = store.state()["messages"]
    second, first = store.list(BOX)
    for flag in ("flagged", "deleted"):
        store.mark(BOX, first.key, flag, on=True)
    store.move(BOX, second.key, "Trash")
    end = store.state()["messages"]
    assert met(STARRED.replace("flagged: true", "flagged: true, deleted: true"), start, end)
    assert not met("{mail_marked: {subject: 'invoice 2', flagged: true}}", start, end)
    assert met("{mail_marked: {subject: 'invoice 2', folder: Trash}}", start, end)
    assert not met("{mail_marked: {seen: true}}", start, end)
    store.delete(BOX, second.key)
    rule = "{mail_marked: {removed: true}}"
    assert not met(rule, start, end)
    assert met(rule, start, store.state()["messages"])
