"""The calendar that everybody shares: events, who is invited, what they answered."""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Row, Store
from riosim_world.sites.work.people import People

__all__ = ["ANSWERS", "Diary", "Draft", "Month", "month_of"]

ANSWERS: Final = {"yes": "Going", "maybe": "Perhaps", "no": "Not going", "waiting": "No answer yet"}
_ADDRESS = re.compile(r"[^\s@<>\",;]{1,60}@[^\s@<>\",;]{3,80}")
_NEAR = 4
_MOST_GUESTS = 60


@dataclass(frozen=True, slots=True)
class Month:
    """A month as a calendar shows it."""

    first: date
    weeks: list[list[date]]
    earlier: str  # as in an address; empty where the calendar ends
    later: str

    def holds(self, day: date) -> bool:
        """Return whether DAY is in this month, not beside it."""
        return (day.year, day.month) == (self.first.year, self.first.month)


@dataclass(frozen=True, slots=True)
class Draft:
    """An event as somebody typed it."""

    title: str
    begins: datetime
    ends: datetime
    place: str
    description: str
    guests: Sequence[str]  # user names and mail addresses


def month_of(text: str, now: datetime) -> Month:
    """Return the month that an address asks for; one too far away is this month."""
    here = now.year * 12 + now.month - 1
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text, re.ASCII)
    at = int(found[1]) * 12 + int(found[2]) - 1 if found else here
    at = at if abs(at - here) <= _NEAR else here
    first = date(at // 12, at % 12 + 1, 1)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    earlier, later = (_name(n) if abs(n - here) <= _NEAR else "" for n in (at - 1, at + 1))
    return Month(first, weeks, earlier, later)


def _name(months: int) -> str:
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


class Diary:
    """Events and answers; every change is recorded."""

    def __init__(self, context: SiteContext, store: Store, people: People) -> None:
        self._context = context
        self._store = store
        self._people = people

    def between(self, me: Row, first: date, last: date) -> list[Row]:
        """Return the events from FIRST to LAST, both included, with my answer to each."""
        sql = (
            "SELECT event.*, answer FROM event LEFT JOIN guest ON guest.event = event.id "
            "AND guest.who = ? WHERE cancelled = 0 AND begins < ? AND ends >= ? ORDER BY begins, id"
        )
        end = (last + timedelta(days=1)).isoformat()
        return self._store.rows(sql, me["user"], end, first.isoformat())

    def find(self, number: int) -> Row | None:
        """Return an event."""
        return self._store.row("SELECT * FROM event WHERE id = ?", number)

    def guests(self, number: int) -> list[Row]:
        """Return who is invited, with a name for each."""
        names = self._people.names()
        rows = self._store.rows("SELECT * FROM guest WHERE event = ? ORDER BY rowid", number)
        return [row | {"name": names.get(row["who"], row["who"])} for row in rows]

    def waiting(self, me: Row) -> list[Row]:
        """Return the invitations that ME has yet to answer."""
        sql = (
            "SELECT event.* FROM event JOIN guest ON guest.event = event.id WHERE who = ? "
            "AND answer = 'waiting' AND cancelled = 0 AND ends >= ? ORDER BY begins"
        )
        return self._store.rows(sql, me["user"], self._context.now.isoformat())

    def invitees(self, text: str, chosen: Sequence[str]) -> tuple[list[str], str]:
        """Return whom a form invites, and what is wrong with it, if anything is."""
        found = [m["user"] for user in chosen if (m := self._people.find(user))]
        for word in re.split(r"[\s,;]+", text):
            member = self._people.find(word)
            if member is None:
                member = next((m for m in self._people.all() if m["email"] == word), None)
            if member:
                found.append(member["user"])
            elif _ADDRESS.fullmatch(word):
                found.append(word)
            elif word:
                return [], f"“{word[:60]}” is neither a member nor a mail address."
        found = list(dict.fromkeys(found))
        if len(found) > _MOST_GUESTS:
            return [], f"An event has room for {_MOST_GUESTS} guests."
        return found, ""

    def add(self, me: Row, draft: Draft) -> int:
        """Put an event into the calendar and invite its guests."""
        values = _columns(draft)
        number = self._store.insert("event", organiser=me["user"], seeded=0, **values)
        self._context.record("event_made", {"event": number, "user": me["user"], **values})
        self._invite(me, number, draft, ())
        return number

    def change(self, me: Row, event: Row, draft: Draft) -> None:
        """Change an event, and invite whoever is new."""
        values = _columns(draft)
        sql = (
            "UPDATE event SET title = ?, begins = ?, ends = ?, place = ?, description = ? "
            "WHERE id = ?"
        )
        self._store.write(sql, *values.values(), event["id"])
        self._context.record("event_changed", {"event": event["id"], "user": me["user"], **values})
        old = {row["who"].lower() for row in self.guests(event["id"])}
        gone = old - {who.lower() for who in draft.guests} - {me["user"].lower()}
        for who in sorted(gone):
            self._store.write("DELETE FROM guest WHERE event = ? AND who = ?", event["id"], who)
            facts = {"event": event["id"], "guest": who, "user": me["user"]}
            self._context.record("uninvited", facts)
        self._invite(me, event["id"], draft, old)

    def cancel(self, me: Row, event: Row) -> None:
        """Call an event off; its guests are told."""
        self._store.write("UPDATE event SET cancelled = 1 WHERE id = ?", event["id"])
        facts = {"event": event["id"], "title": event["title"], "user": me["user"]}
        self._context.record("event_cancelled", facts)
        for guest in self.guests(event["id"]):
            words = f"called off “{event['title']}”"
            address = f"/event/{event['id']}"
            self._people.tell(guest["who"], "event", words, sender=me, address=address)

    def answer(self, me: Row, event: Row, answer: str, note: str) -> bool:
        """Answer an invitation; return whether ME has one."""
        sql = "UPDATE guest SET answer = ?, note = ? WHERE event = ? AND who = ?"
        if not self._store.write(sql, answer, note, event["id"], me["user"]):
            return False
        facts = {"event": event["id"], "title": event["title"], "answer": answer, "note": note}
        self._context.record("answered", facts | {"user": me["user"]})
        words = f"answers “{ANSWERS[answer]}” to “{event['title']}”"
        address = f"/event/{event['id']}"
        self._people.tell(event["organiser"], "event", words, sender=me, address=address)
        return True

    def as_file(self, event: Row) -> str:
        """Return an event as an iCalendar file."""
        zone = "%Y%m%dT%H%M%SZ"
        begins, ends, now = (
            datetime.fromisoformat(text).strftime(zone)
            for text in (event["begins"], event["ends"], self._context.now.isoformat())
        )
        lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Deskmoor//Calendar//EN", "BEGIN:VEVENT",
            f"UID:event-{event['id']}@{self._context.host}", f"DTSTAMP:{now}",
            f"DTSTART:{begins}", f"DTEND:{ends}", f"SUMMARY:{_escaped(event['title'])}",
            f"LOCATION:{_escaped(event['place'])}",
            f"DESCRIPTION:{_escaped(event['description'])}", "END:VEVENT", "END:VCALENDAR",
        ]  # fmt: skip
        return "".join(f"{part}\r\n" for line in lines for part in _folded(line))

    def _invite(self, me: Row, number: int, draft: Draft, old: Sequence[str] | set[str]) -> None:
        for who in dict.fromkeys((me["user"], *draft.guests)):
            if who.lower() in old or (who == me["user"] and old):
                continue
            answer = "yes" if who == me["user"] else "waiting"
            self._store.insert("guest", event=number, who=who, answer=answer, note="", seeded=0)
            if who == me["user"]:
                continue
            facts = {"event": number, "guest": who, "user": me["user"]}
            self._context.record("invited_to_event", facts)
            address = f"/event/{number}"
            if self._people.find(who):
                words = f"invites you to “{draft.title}”"
                self._people.tell(who, "event", words, sender=me, address=address)
            else:
                self._write_to(me, who, draft)

    def _write_to(self, me: Row, email: str, draft: Draft) -> None:
        when = f"{draft.begins:%A, %-d %B %Y, %H:%M} to {draft.ends:%H:%M}"
        text = f"{me['name']} invites you.\n\n{draft.title}\n{when}\n{draft.place}\n"
        self._context.mailer.deliver(
            sender=f"Deskmoor <calendar@{self._context.host}>",
            to=email,
            subject=f"Invitation: {draft.title}",
            text=f"{text}\n{draft.description}\n",
        )


def _columns(draft: Draft) -> dict[str, str]:
    return {
        "title": draft.title,
        "begins": draft.begins.isoformat(),
        "ends": draft.ends.isoformat(),
        "place": draft.place,
        "description": draft.description,
    }


def _escaped(text: str) -> str:
    text = "".join(c for c in text.replace("\r\n", "\n") if c == "\n" or c.isprintable())
    for letter in ("\\", ";", ","):
        text = text.replace(letter, f"\\{letter}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """Break a line of the file as RFC 5545 wants, at 75 bytes at most."""
    parts, part = [], ""
    for letter in line:
        if len((part + letter).encode()) > 73:
            parts.append(part)
            part = " "
        part += letter
    return [*parts, part]
