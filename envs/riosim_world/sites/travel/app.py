"""Pages of Farewell Travel."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    Form,
    MemberSite,
    Row,
    digest,
    found,
    read_form,
    whole,
)
from riosim_world.sites.kit.pdf import Line, pdf

__all__ = ["build"]

_ADDRESS = re.compile(r"[^\s@<>\",;]{1,60}@[^\s@<>\",;]{3,80}")
_CARD = re.compile(r"\d{12,19}")
_SORTS = {"price": "cents", "time": "leaves", "short": "minutes"}
_FARTHEST_DAYS = 330


class _Travel(MemberSite):
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        self.today = context.now.date()
        shared = {
            "towns": lambda: self.store.rows("SELECT * FROM town ORDER BY name"),
            "at": _clock,
            "lasts": lambda minutes: f"{minutes // 60} h {minutes % 60:02d}",
            "miles_of": self._miles,
        }
        super().__init__(
            context, Path(__file__).parent, brand="Farewell Travel", home="/trips", shared=shared
        )

    async def front(self, request: Request) -> Response:
        """The search, and what is cheap."""
        sql = (
            "SELECT flight.*, town.name AS town, town.country FROM flight JOIN town ON code = "
            "target WHERE origin = 'LKF' GROUP BY target HAVING cents = min(cents) "
            "ORDER BY cents LIMIT 6"
        )
        day = (self.today + timedelta(days=1)).isoformat()
        return self.pages.html(request, "front.html", deals=self.store.rows(sql), day=day)

    async def flights(self, request: Request) -> Response:
        """Flights between two towns on a day."""
        asked = request.query_params
        origin, target = self._town(asked.get("from", "")), self._town(asked.get("to", ""))
        day = self._day(asked.get("date", ""))
        errors = [] if origin and target else ["Choose where you leave from and where you go."]
        errors += (
            ["You are there already: choose two towns."] if origin and origin == target else []
        )
        errors += [] if day else ["Choose a day from today, within eleven months."]
        by_miles = "miles" in asked
        values: dict[str, Any] = {
            "errors": errors,
            "origin": origin,
            "target": target,
            "day": day,
            "people": min(9, max(1, whole(asked.get("people", "1"), default=1))),
            "by_miles": by_miles,
            "sort": asked.get("sort", "price"),
            "nonstop": "nonstop" in asked,
            "rows": [],
        }
        if not errors and origin and target and day:
            values["rows"] = self._found(origin, target, day, values)
            values |= {"before": day - timedelta(days=1), "after": day + timedelta(days=1)}
            values["has_before"] = day > self.today
            row = {"origin": origin["code"], "target": target["code"], "day": day.isoformat()}
            self.store.insert("search", kind="flight", **row, miles=int(by_miles))
            self.context.record("searched", {"kind": "flight", **row, "miles": by_miles})
        return self.pages.html(request, "flights.html", **values)

    async def hotels(self, request: Request) -> Response:
        """Rooms in a town."""
        asked = request.query_params
        town, day = self._town(asked.get("town", "")), self._day(asked.get("date", ""))
        day = day or self.today + timedelta(days=7)
        rows = []
        if town:
            sql = "SELECT * FROM hotel WHERE town = ? ORDER BY rating DESC"
            rows = self.store.rows(sql, town["code"])
            values = {"origin": "", "target": town["code"], "day": day.isoformat()}
            self.store.insert("search", kind="room", **values, miles=0)
            self.context.record("searched", {"kind": "room", **values})
        nights = min(30, max(1, whole(asked.get("nights", "2"), default=2)))
        return self.pages.html(request, "hotels.html", town=town, rows=rows, day=day, nights=nights)

    async def book(self, request: Request) -> Response:
        """Who travels, how it is paid, a look at it again, done."""
        form = await read_form(request)
        asked = request.query_params
        day = self._day(form.text("date") or asked.get("date", ""))
        number = whole(form.text("id") or asked.get("id", ""))
        is_room = request.url.path == "/book/room"
        item = self._room(number) if is_room else self._flight(number, day)
        if item is None or day is None:
            raise HTTPException(404)
        me = self.sessions.current(request)
        by_miles = not is_room and (form.flag("miles") or "miles" in asked)
        people = min(9, max(1, whole(form.text("people") or asked.get("people", "1"), default=1)))
        nights = min(30, max(1, whole(form.text("nights") or asked.get("nights", "2"), default=2)))
        count = nights if is_room else people
        plan: dict[str, Any] = {
            "item": item,
            "is_room": is_room,
            "day": day,
            "people": people,
            "nights": nights,
            "by_miles": by_miles,
            "cents": item["cents"] * count if not by_miles else 0,
            "miles": item["miles"] * count if by_miles else 0,
        }
        errors: list[str] = []
        if request.method == "POST":
            errors = self._wrong(form, plan, me)
            if not errors and form.flag("confirmed"):
                return self._pay(form, plan, me)
        again = request.method == "POST" and not errors
        template = "review.html" if again else "book.html"
        return self.pages.html(request, template, **plan, errors=errors, form=form)

    async def booked(self, request: Request) -> Response:
        """What was booked, for whoever has the reference."""
        row = self._booking(request)
        return self.pages.html(request, "booking.html", booking=row)

    async def ticket(self, request: Request) -> Response:
        """The booking as a PDF."""
        row = self._booking(request)
        lines = [Line("Farewell Travel", "bold", 22), Line(f"Booking {row['reference']}", size=15)]
        lines += [Line(), Line(row["what"], "bold"), Line(f"Day: {row['day']}"), Line()]
        lines += [Line(f"For: {row['names']}"), Line(f"Travel document: {row['document'] or '-'}")]
        price = f"{row['miles']:,} miles" if row["miles"] else f"${row['cents'] / 100:,.2f}"
        lines += [Line(f"Paid: {price}"), Line(), Line("Have a good journey!", "italic")]
        name = f"booking-{row['reference']}.pdf"
        self.context.record("ticket_downloaded", {"reference": row["reference"]})
        return Response(
            pdf(lines, title=f"Booking {row['reference']}"),
            media_type="application/pdf",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    async def cancel(self, request: Request, me: Row) -> Response:
        """Give a booking back."""
        row = self._booking(request)
        if row["user"] != me["user"]:
            raise HTTPException(403)
        if not row["cancelled"]:
            self.store.write("UPDATE booking SET cancelled = 1 WHERE id = ?", row["id"])
            sql = "UPDATE traveller SET miles = miles + ? WHERE user = ?"
            self.store.write(sql, row["miles"], me["user"])
            facts = {"reference": row["reference"], "user": me["user"], "what": row["what"]}
            self.context.record("cancelled", facts)
        return self.pages.go("/trips", notice=f"Booking {row['reference']} is cancelled.")

    async def trips(self, request: Request, me: Row) -> Response:
        """What I have booked."""
        sql = "SELECT * FROM booking WHERE user = ? ORDER BY cancelled, day"
        return self.pages.html(request, "trips.html", rows=self.store.rows(sql, me["user"]))

    async def find_trip(self, request: Request) -> Response:
        """A booking by reference and mail address."""
        form = await read_form(request)
        if request.method == "POST":
            sql = "SELECT * FROM booking WHERE reference = ? AND lower(email) = lower(?)"
            reference = form.text("reference", limit=12).upper()
            row = self.store.row(sql, reference, form.text("email", limit=200))
            if row and row["email"]:
                return self.pages.go(f"/booking/{row['reference']}")
        missing = request.method == "POST"
        return self.pages.html(request, "find.html", missing=missing, form=form)

    async def status(self, request: Request) -> Response:
        """Where a flight of today is."""
        asked = request.query_params.get("flight", "").strip().upper()[:12]
        sql = (
            "SELECT flight.*, a.name AS a, b.name AS b FROM flight JOIN town a ON a.code = origin "
            "JOIN town b ON b.code = target WHERE replace(number, ' ', '') = replace(?, ' ', '') "
            "ORDER BY leaves"
        )
        rows = [row | self._progress(row) for row in self.store.rows(sql, asked)] if asked else []
        return self.pages.html(request, "status.html", asked=asked, rows=rows)

    def _found(self, origin: Row, target: Row, day: date, values: Row) -> list[Row]:
        sql = "SELECT id FROM flight WHERE origin = ? AND target = ?"
        found = self.store.rows(sql, origin["code"], target["code"])
        rows = [row for each in found if (row := self._flight(each["id"], day))]
        rows = [row for row in rows if not (values["nonstop"] and row["stops"])]
        key = _SORTS.get(values["sort"], "cents")
        rows.sort(key=lambda row: row["miles" if values["by_miles"] and key == "cents" else key])
        return rows

    def _flight(self, number: int, day: date | None) -> Row | None:
        sql = (
            "SELECT flight.*, a.name AS a, b.name AS b FROM flight JOIN town a ON a.code = origin "
            "JOIN town b ON b.code = target WHERE flight.id = ?"
        )
        row = self.store.row(sql, number)
        if row is None or day is None:
            return None
        dear = 100 + (day.toordinal() * 7 + number * 13) % 41 - 15 + 12 * (day.weekday() in (4, 6))
        row["cents"] = row["cents"] * dear // 10_000 * 100
        what = f"{row['airline']} {row['number']}, {row['a']} – {row['b']}, {_clock(row['leaves'])}"
        return row | {"what": what}

    def _room(self, number: int) -> Row | None:
        sql = (
            "SELECT hotel.*, town.name AS a FROM hotel JOIN town ON code = town WHERE hotel.id = ?"
        )
        row = self.store.row(sql, number)
        return row and row | {"what": f"{row['name']}, {row['a']}", "miles": 0}

    def _wrong(self, form: Form, plan: Row, me: Row | None) -> list[str]:
        errors = [] if form.text("names") else ["Enter the name of everybody who travels."]
        errors += (
            [] if _ADDRESS.fullmatch(form.text("email", limit=200)) else ["Enter a mail address."]
        )
        if plan["by_miles"]:
            held = self._miles(me) if me else 0
            errors += [] if me else ["Sign in to pay with miles."]
            errors += ["You do not have enough miles."] if me and held < plan["miles"] else []
        else:
            number = re.sub(r"[ -]", "", form.text("card"))
            errors += [] if _CARD.fullmatch(number) else ["Enter the number of your card."]
        return errors

    def _pay(self, form: Form, plan: Row, me: Row | None) -> Response:
        count = self.store.value("SELECT count(*) FROM booking")
        letters = digest(f"{self.store.setting('session_key')}:booking:{count}")
        reference = "".join(chr(65 + int(letters[2 * n : 2 * n + 2], 16) % 26) for n in range(6))
        row = {
            "reference": reference,
            "kind": "room" if plan["is_room"] else "flight",
            "user": me["user"] if me else "",
            "email": form.text("email", limit=200),
            "names": form.text("names", limit=400),
            "document": form.text("document", limit=60),
            "what": plan["item"]["what"],
            "day": plan["day"].isoformat(),
            "nights": plan["nights"] if plan["is_room"] else 0,
            "cents": plan["cents"],
            "miles": plan["miles"],
            "card": re.sub(r"\D", "", form.text("card"))[-4:] if not plan["by_miles"] else "",
        }
        self.store.insert("booking", **row, cancelled=0, seeded=0)
        if me and plan["miles"]:
            sql = "UPDATE traveller SET miles = miles - ? WHERE user = ?"
            self.store.write(sql, plan["miles"], me["user"])
        self.context.record("booked", row)
        self.context.mailer.deliver(
            sender=f"Farewell Travel <bookings@{self.context.host}>",
            to=row["email"],
            subject=f"Your booking {reference}",
            text=f"Thank you!\n\n{row['what']}\nDay: {row['day']}\nFor: {row['names']}\n\n"
            f"https://{self.context.host}/booking/{reference}\n",
        )
        return self.pages.go(f"/booking/{reference}", notice="Thank you. Your booking is made.")

    def _progress(self, flight: Row) -> Row:
        late = (flight["id"] * 37 + self.today.toordinal()) % 11
        delay = 25 + 5 * late if late > 8 else 0
        now = self.context.now.hour * 60 + self.context.now.minute
        leaves = flight["leaves"] + delay
        if now < leaves:
            said = f"Late by {delay} minutes" if delay else "On time"
        else:
            said = "In the air" if now < leaves + flight["minutes"] else "Landed"
        return {"said": said, "gate": f"{'ABCD'[flight['id'] % 4]}{flight['id'] % 29 + 1}"}

    def _booking(self, request: Request) -> Row:
        sql = "SELECT * FROM booking WHERE reference = ?"
        return found(self.store.row(sql, request.path_params["reference"]))

    def _miles(self, me: Row) -> int:
        sql = "SELECT miles FROM traveller WHERE user = ?"
        return int(self.store.value(sql, me["user"]) or 0)

    def _town(self, text: str) -> Row | None:
        sql = "SELECT * FROM town WHERE code = upper(?) OR lower(name) = lower(?)"
        return self.store.row(sql, text.strip()[:60], text.strip()[:60])

    def _day(self, text: str) -> date | None:
        try:
            day = date.fromisoformat(text.strip()) if len(text.strip()) == 10 else None
        except ValueError:
            return None
        last = self.today + timedelta(days=_FARTHEST_DAYS)
        return day if day and self.today <= day <= last else None


def _clock(minutes: int) -> str:
    day = f" +{minutes // 1440}" if minutes >= 1440 else ""
    return f"{minutes // 60 % 24}:{minutes % 60:02d}{day}"


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    travel = _Travel(context)
    mine = travel.sessions.mine
    both = ["GET", "POST"]
    return travel.pages.application(
        [
            Route("/", travel.front),
            Route("/flights", travel.flights),
            Route("/hotels", travel.hotels),
            Route("/book/flight", travel.book, methods=both),
            Route("/book/room", travel.book, methods=both),
            Route("/booking/{reference}", travel.booked),
            Route("/booking/{reference}/ticket.pdf", travel.ticket),
            Route("/booking/{reference}/cancel", mine(travel.cancel), methods=["POST"]),
            Route("/trips", mine(travel.trips)),
            Route("/find", travel.find_trip, methods=both),
            Route("/status", travel.status),
            Route("/miles", travel.pages.plain("miles.html")),
            Route("/baggage", travel.pages.plain("baggage.html")),
            *travel.doors.routes(),
        ]
    )
