"""Invitations: a mail that says when and where, with a file that a calendar reads."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from riosim.task.setup import Invite, SetupStep
from riosim_envs.invitations import invitation_mail

STEP: TypeAdapter[SetupStep] = TypeAdapter(SetupStep)
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)  # a Tuesday
SUPPER = {
    "to": "robin@postbay.test",
    "from": "Noor Haddad <noor@club.test>",
    "title": "Supper, all of us",
    "where": "Mill Road; upstairs",
    "text": "Bring a chair.\nAnd a spoon.",
    "days": 2,
    "at": "19:30",
}


def invitation(**changes):
    step = STEP.validate_python({"invitation": {**SUPPER, **changes}})
    assert isinstance(step, Invite)
    return invitation_mail(step, now=NOW)


def calendar(**changes):
    (file,) = invitation(**changes).attachments
    assert (file.name, file.media_type) == ("invitation.ics", "text/calendar")
    return file.text


def test_the_mail_says_when_and_where_and_what():
    mail = invitation()
    assert (mail.sender, mail.subject) == (SUPPER["from"], "Invitation: Supper, all of us")
    assert "When: Thursday, 12 March, 19:30" in mail.text
    assert "Where: Mill Road; upstairs" in mail.text
    assert "And a spoon." in mail.text


def test_the_file_is_a_request_for_that_time():
    lines = calendar(minutes=90).split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    for line in (
        "METHOD:REQUEST",
        "DTSTART:20260312T193000Z",
        "DTEND:20260312T210000Z",
        "ORGANIZER;CN=Noor Haddad:mailto:noor@club.test",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:robin@postbay.test",
    ):
        assert line in lines


def test_what_means_something_in_a_calendar_file_is_escaped():
    text = calendar()
    assert "SUMMARY:Supper\\, all of us" in text
    assert "LOCATION:Mill Road\\; upstairs" in text
    assert "DESCRIPTION:Bring a chair.\\nAnd a spoon." in text


def test_no_line_is_longer_than_a_calendar_reads():
    text = calendar(text="é" * 300)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "é" * 300 in text.replace("\r\n ", "")


def test_another_time_of_the_world_gives_another_day():
    step = STEP.validate_python({"invitation": SUPPER})
    later = invitation_mail(step, now=datetime(2026, 3, 31, 9, 0, tzinfo=UTC))
    assert "When: Thursday, 2 April, 19:30" in later.text


@pytest.mark.parametrize(
    "change", [{"at": "24:00"}, {"at": "7:30"}, {"days": -1}, {"minutes": 0}, {"subject": "x"}]
)
def test_a_time_that_is_none_is_an_error(change):
    with pytest.raises(ValidationError):
        STEP.validate_python({"invitation": {**SUPPER, **change}})
