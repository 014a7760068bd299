"""Pages of the calendar."""

from datetime import datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from riosim_world.sites.kit import Form, Row, found, read_form
from riosim_world.sites.work.desk import Desk
from riosim_world.sites.work.diary import ANSWERS, Draft, month_of
from riosim_world.sites.work.people import is_admin

__all__ = ["DiaryPages"]


class DiaryPages:
    """The handlers; all state is in the database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._diary = desk.diary

    def routes(self) -> list[BaseRoute]:
        """Return the addresses of these pages."""
        mine, both, post = self._desk.mine, ["GET", "POST"], ["POST"]
        return [
            Route("/calendar", mine(self.month)),
            Route("/calendar/agenda", mine(self.agenda)),
            Route("/calendar/new", mine(self.new), methods=both),
            Route("/event/{id:num}", mine(self.event)),
            Route("/event/{id:num}/invitation.ics", mine(self.file)),
            Route("/event/{id:num}/edit", mine(self.edit), methods=both),
            Route("/event/{id:num}/answer", mine(self.answer), methods=post),
            Route("/event/{id:num}/cancel", mine(self.cancel), methods=post),
        ]

    async def month(self, request: Request, me: Row) -> Response:
        """A month, day by day."""
        month = month_of(request.query_params.get("month", ""), self._desk.context.now)
        first, last = month.weeks[0][0], month.weeks[-1][-1]
        by_day: dict[str, list[Row]] = {}
        for event in self._diary.between(me, first, last):
            by_day.setdefault(event["begins"][:10], []).append(event)
        waiting = self._diary.waiting(me)
        values = {"month": month, "by_day": by_day, "waiting": waiting, "way": "month"}
        return self._desk.show(request, "month.html", me, **values)

    async def agenda(self, request: Request, me: Row) -> Response:
        """A month as a list."""
        month = month_of(request.query_params.get("month", ""), self._desk.context.now)
        last = (month.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        by_day: dict[str, list[Row]] = {}
        for event in self._diary.between(me, month.first, last):
            by_day.setdefault(event["begins"][:10], []).append(event)
        waiting = self._diary.waiting(me)
        values = {"month": month, "by_day": by_day, "waiting": waiting, "way": "agenda"}
        return self._desk.show(request, "agenda.html", me, **values)

    async def event(self, request: Request, me: Row) -> Response:
        """One event: when, where, who, and my answer."""
        event = self._event(request)
        guests = self._diary.guests(event["id"])
        mine = next((row for row in guests if row["who"].lower() == me["user"].lower()), None)
        values = {"event": event, "guests": guests, "invitation": mine}
        return self._desk.show(request, "event.html", me, may=_may(me, event), **values)

    async def file(self, request: Request, me: Row) -> Response:
        """An event for another calendar."""
        event = self._event(request)
        headers = {"content-disposition": 'attachment; filename="invitation.ics"'}
        return Response(self._diary.as_file(event), media_type="text/calendar", headers=headers)

    async def new(self, request: Request, me: Row) -> Response:
        """Make an event."""
        form = await read_form(request)
        errors: list[str] = []
        if request.method == "POST":
            draft, errors = self._draft(form)
            if draft:
                number = self._diary.add(me, draft)
                return self._desk.pages.go(f"/event/{number}", notice="It is in the calendar.")
        values = {"errors": errors, "form": form, "event": None, "chosen": form.many("guests")}
        return self._edited(request, me, **values)

    async def edit(self, request: Request, me: Row) -> Response:
        """Change an event."""
        event = self._event(request)
        if not _may(me, event) or event["cancelled"]:
            raise HTTPException(403)
        form = await read_form(request)
        errors: list[str] = []
        if request.method == "POST":
            draft, errors = self._draft(form)
            if draft:
                self._diary.change(me, event, draft)
                return self._desk.pages.go(f"/event/{event['id']}", notice="The event is changed.")
        guests = [row["who"] for row in self._diary.guests(event["id"])]
        values = {"errors": errors, "form": form, "event": event, "chosen": guests}
        return self._edited(request, me, **values)

    async def answer(self, request: Request, me: Row) -> Response:
        """Accept, decline, or perhaps."""
        event, form = self._event(request), await read_form(request)
        answer, note = form.text("answer"), form.text("note", limit=500)
        if answer not in ANSWERS or answer == "waiting" or event["cancelled"]:
            raise HTTPException(400)
        if not self._diary.answer(me, event, answer, note):
            raise HTTPException(403)
        notice = f"Your answer is sent: {ANSWERS[answer]}."
        return self._desk.pages.go(f"/event/{event['id']}", notice=notice)

    async def cancel(self, request: Request, me: Row) -> Response:
        """Call an event off."""
        event = self._event(request)
        if not _may(me, event):
            raise HTTPException(403)
        if not event["cancelled"]:
            self._diary.cancel(me, event)
        return self._desk.pages.go("/calendar", notice=f"“{event['title']}” is called off.")

    def _edited(self, request: Request, me: Row, **values: object) -> Response:
        people = [row for row in self._desk.people.active() if row["user"] != me["user"]]
        return self._desk.show(request, "edit_event.html", me, people=people, **values)

    def _draft(self, form: Form) -> tuple[Draft | None, list[str]]:
        """Return the event that a form describes, or what is wrong with it."""
        errors = []
        title = form.text("title", limit=160)
        errors += [] if title else ["An event needs a title."]
        zone = self._desk.context.now.tzinfo
        times = []
        for name in ("begins", "ends"):
            try:
                text = f"{form.text('day', limit=10)} {form.text(name, limit=5)}"
                time = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone)
                times += [time] if 2000 <= time.year <= 2100 else []
            except ValueError:
                break
        if len(times) < 2:
            errors.append("Enter the day as 2026-05-31 and the times as 14:30.")
        elif times[0] >= times[1]:
            errors.append("An event ends after it begins.")
        guests, wrong = self._diary.invitees(form.text("others", limit=2000), form.many("guests"))
        errors += [wrong] if wrong else []
        if errors:
            return None, errors
        place, description = form.text("place", limit=200), form.text("description", limit=4000)
        return Draft(title, times[0], times[1], place, description, guests), []

    def _event(self, request: Request) -> Row:
        return found(self._diary.find(request.path_params["id"]))


def _may(me: Row, event: Row) -> bool:
    return event["organiser"] == me["user"] or is_admin(me)
