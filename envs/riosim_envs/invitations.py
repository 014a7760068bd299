"""Invitations to an event: a mail with a calendar file, as a calendar sends it."""

import hashlib
from datetime import datetime, time, timedelta
from typing import Final

from riosim.task.setup import Attachment, Invite, PutMail

__all__ = ["invitation_mail"]

_LONGEST_LINE: Final = 75  # octets, RFC 5545
_STAMP: Final = "%Y%m%dT%H%M%SZ"


def invitation_mail(step: Invite, *, now: datetime) -> PutMail:
    """Return the mail that carries the invitation; NOW is the time of the world."""
    start = datetime.combine(
        (now + timedelta(days=step.days)).date(), time.fromisoformat(step.at), now.tzinfo
    )
    when = f"{start:%A}, {start.day} {start:%B}, {start:%H:%M}"
    text = f"{step.title}\n\nWhen: {when}\nWhere: {step.where}\n\n{step.text}\n"
    return PutMail(
        to=step.to,
        sender=step.sender,
        subject=f"Invitation: {step.title}",
        text=text,
        message_id=step.message_id,
        minutes_ago=step.minutes_ago,
        attachments=(
            Attachment(
                name="invitation.ics",
                text=_calendar(step, start=start, sent=now),
                media_type="text/calendar",
            ),
        ),
    )


def _calendar(step: Invite, *, start: datetime, sent: datetime) -> str:
    name, _, address = step.sender.rpartition("<")
    organiser = f"CN={name.strip() or address}:mailto:{address.rstrip('>')}"
    uid = hashlib.sha256(f"{step.sender} {step.title} {start}".encode()).hexdigest()[:32]
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Postbay//Calendar//EN",
        "VERSION:2.0",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{sent:{_STAMP}}",
        f"DTSTART:{start:{_STAMP}}",
        f"DTEND:{start + timedelta(minutes=step.minutes):{_STAMP}}",
        f"SUMMARY:{_escaped(step.title)}",
        f"LOCATION:{_escaped(step.where)}",
        f"DESCRIPTION:{_escaped(step.text)}",
        f"ORGANIZER;{organiser}",
        f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{step.to}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) + "\r\n" for line in lines)


def _escaped(text: str) -> str:
    for char in "\\;,":
        text = text.replace(char, f"\\{char}")
    return text.strip().replace("\n", "\\n")


def _folded(line: str) -> str:
    """Break a line that is too long; what goes on begins with a blank."""
    parts, part = [], ""
    for char in line:
        if len((part + char).encode()) > _LONGEST_LINE - 1:
            parts.append(part)
            part = ""
        part += char
    return "\r\n ".join([*parts, part])
