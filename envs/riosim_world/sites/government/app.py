"""Pages and state of Larkfield Services."""

import json
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
from riosim_world.sites.government.seed import CONTENT
from riosim_world.sites.kit import Pages, Row, Store, digest, read_form, whole
from riosim_world.sites.kit.pdf import Line, pdf

__all__ = ["build", "state"]

_ADDRESS = re.compile(r"[^\s@<>\",;]{1,60}@[^\s@<>\",;]{3,80}")
_SATURDAY, _N_DAYS, _MOPED, _CAR = 5, 14, 16, 18


class _Services:
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        self.context = context
        self.store = Store(context.db)
        shared = {"topics": CONTENT["topics"], "said": lambda: self.store.setting("notice"),
                  "long_day": lambda day: f"{date.fromisoformat(day):%A, %-d %B}"}  # fmt: skip
        self.pages = Pages(
            Path(__file__).parent, context, brand="Larkfield Services", shared=shared
        )

    async def front(self, request: Request) -> Response:
        """What people come for."""
        slugs = ("driver-licence-eligibility", "identity-card", "moving", "civil-division")
        rows = [row for slug in slugs if (row := self._page(slug))]
        return self.pages.html(request, "front.html", often=rows)

    async def topic(self, request: Request) -> Response:
        """The pages of one topic."""
        slug = request.path_params["slug"]
        topic = next((row for row in CONTENT["topics"] if row["slug"] == slug), None)
        if topic is None:
            raise HTTPException(404)
        rows = self.store.rows("SELECT * FROM page WHERE topic = ? ORDER BY title", slug)
        return self.pages.html(request, "topic.html", topic=topic, rows=rows)

    async def page(self, request: Request) -> Response:
        """One page."""
        row = self._page(request.path_params["slug"])
        if row is None:
            raise HTTPException(404)
        topic = next((t for t in CONTENT["topics"] if t["slug"] == row["topic"]), None)
        named = [form for form in CONTENT["forms"] if form["slug"] in row["body"]]
        return self.pages.html(request, "page.html", page=row, topic=topic, named=named)

    async def forms(self, request: Request) -> Response:
        """All forms, or those of one division."""
        asked = request.query_params.get("division", "")
        divisions = list(dict.fromkeys(form["division"] for form in CONTENT["forms"]))
        asked = asked if asked in divisions else ""
        rows = [form for form in CONTENT["forms"] if not asked or form["division"] == asked]
        values: dict[str, Any] = {"asked": asked, "divisions": divisions}
        return self.pages.html(request, "forms.html", rows=rows, **values)

    async def form(self, request: Request) -> Response:
        """One form, to be filled in here."""
        paper, form = self._form(request), await read_form(request)
        errors: list[str] = []
        if request.method == "POST":
            fields = {
                name: form.text(f"field{index}", limit=2000)
                for index, name in enumerate(paper["fields"])
            }
            errors += [f"{name} is missing." for name, value in fields.items() if not value]
            email = form.text("email", limit=200)
            errors += [] if _ADDRESS.fullmatch(email) else ["Enter a mail address."]
            errors += [] if form.flag("true") else ["Confirm that what you say is true."]
            if not errors:
                row = {"form": paper["slug"], "fields": json.dumps(fields), "email": email}
                receipt = self._receipt("submission")
                self.store.insert("submission", receipt=receipt, **row)
                facts = {"receipt": receipt, "form": paper["slug"], "fields": fields}
                self.context.record("submitted", {**facts, "email": email})
                return self.pages.go(f"/receipt/{receipt}", notice="We have received your form.")
        return self.pages.html(request, "form.html", paper=paper, form=form, errors=errors)

    async def paper(self, request: Request) -> Response:
        """One form as a PDF, to be filled in by hand."""
        paper = self._form(request)
        self.store.insert("download", form=paper["slug"])
        self.context.record("form_downloaded", {"form": paper["slug"]})
        lines = [Line("Free Harbour of Larkfield", "bold", 18), Line(paper["division"], size=12)]
        lines += [Line(), Line(f"Form {paper['slug']}: {paper['title']}", "bold", 14), Line()]
        for name in paper["fields"]:
            lines += [Line(name), Line("_" * 70, size=12), Line()]
        lines += [Line(), Line("Date and signature"), Line("_" * 40)]
        headers = {"content-disposition": f'attachment; filename="form-{paper["slug"]}.pdf"'}
        data = pdf(lines, title=f"Form {paper['slug']}")
        return Response(data, media_type="application/pdf", headers=headers)

    async def eligibility(self, request: Request) -> Response:
        """May I have a driver licence? Answers, keeps nothing."""
        asked = request.query_params
        answers: list[str] = []
        if "age" in asked:
            age = whole(asked.get("age", "").strip())
            young = age < _MOPED
            answers += ["You must be 16 for a moped and 18 for a car."] if young else []
            answers += ["You must live in Larkfield."] if asked.get("resident") != "yes" else []
            answers += ["The court must give you back your right to drive first."] if (
                asked.get("banned") == "yes") else []  # fmt: skip
            if not answers:
                answers = ["You may apply for a car licence." if age >= _CAR
                           else "You may apply for a moped licence."]  # fmt: skip
        return self.pages.html(request, "eligibility.html", answers=answers)

    async def appointments(self, request: Request) -> Response:
        """An hour at an office."""
        form = await read_form(request)
        asked = form.text("office") or request.query_params.get("office", "")
        office = asked if asked in CONTENT["offices"] else CONTENT["offices"][0]
        free = self._free(office)
        errors: list[str] = []
        if request.method == "POST":
            day, _, hour = form.text("when").partition(" ")
            service, name = form.text("service"), form.text("name", limit=120)
            email = form.text("email", limit=200)
            errors += [] if (day, hour) in free else ["That hour is taken: choose another."]
            errors += [] if service in CONTENT["services"] else ["Choose what it is about."]
            errors += [] if name else ["Enter your name."]
            errors += [] if _ADDRESS.fullmatch(email) else ["Enter a mail address."]
            if not errors:
                row = {"office": office, "service": service, "day": day, "hour": hour,
                       "name": name, "email": email}  # fmt: skip
                receipt = self._receipt("appointment")
                self.store.insert("appointment", receipt=receipt, **row)
                self.context.record("appointment_made", {"receipt": receipt, **row})
                return self.pages.go(f"/receipt/{receipt}", notice="Your appointment is made.")
        values: dict[str, Any] = {"office": office, "free": free, "form": form, "errors": errors}
        values |= {"offices": CONTENT["offices"], "services": CONTENT["services"]}
        return self.pages.html(request, "appointments.html", **values)

    async def receipt(self, request: Request) -> Response:
        """What became of a form or an appointment."""
        number = request.path_params["receipt"]
        sent = self.store.row("SELECT * FROM submission WHERE receipt = ?", number)
        met = self.store.row("SELECT * FROM appointment WHERE receipt = ?", number)
        if sent is None and met is None:
            raise HTTPException(404)
        return self.pages.html(request, "receipt.html", number=number, sent=sent, met=met)

    async def search(self, request: Request) -> Response:
        """Pages and forms by their words."""
        asked = request.query_params.get("q", "").strip()[:200]
        words = asked.lower().split()
        rows = self.store.rows("SELECT * FROM page ORDER BY title")
        pages = [row for row in rows if words and _has(words, f"{row['title']} {row['body']}")]
        forms = [
            form
            for form in CONTENT["forms"]
            if words and _has(words, f"{form['slug']} {form['title']} {form['division']}")
        ]
        if asked:
            found = len(pages) + len(forms)
            self.store.insert("search", q=asked, found=found)
            self.context.record("searched", {"q": asked, "found": found})
        return self.pages.html(request, "search.html", asked=asked, rows=pages, forms=forms)

    def _page(self, slug: str) -> Row | None:
        return self.store.row("SELECT * FROM page WHERE slug = ?", slug)

    def _form(self, request: Request) -> Row:
        slug = request.path_params["slug"]
        form: Row | None = next((row for row in CONTENT["forms"] if row["slug"] == slug), None)
        if form is None:
            raise HTTPException(404)
        return form

    def _free(self, office: str) -> list[tuple[str, str]]:
        """Return the days and hours that nobody has taken."""
        sql = "SELECT day, hour FROM taken WHERE office = ?"
        taken = {(int(row["day"]), row["hour"]) for row in self.store.rows(sql, office)}
        sql = "SELECT day, hour FROM appointment WHERE office = ?"
        mine = {(row["day"], row["hour"]) for row in self.store.rows(sql, office)}
        today = self.context.now.date()
        days = [(n, today + timedelta(days=n)) for n in range(1, _N_DAYS + 1)]
        return [
            (day.isoformat(), f"{hour}:00")
            for n, day in days
            for hour in range(8, 16)
            if day.weekday() < _SATURDAY
            and (n, f"{hour}:00") not in taken
            and (day.isoformat(), f"{hour}:00") not in mine
        ]

    def _receipt(self, table: str) -> str:
        count = self.store.value(f"SELECT count(*) FROM {table}")  # noqa: S608 - ours
        return digest(f"{self.store.setting('key')}:{table}:{count}")[:10].upper()


def _has(words: list[str], text: str) -> bool:
    return all(word in text.lower() for word in words)


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    services = _Services(context)
    both = ["GET", "POST"]
    return services.pages.application(
        [
            Route("/", services.front),
            Route("/topic/{slug}", services.topic),
            Route("/page/{slug}", services.page),
            Route("/forms", services.forms),
            Route("/forms/{slug}.pdf", services.paper),
            Route("/forms/{slug}", services.form, methods=both),
            Route("/eligibility", services.eligibility),
            Route("/appointments", services.appointments, methods=both),
            Route("/receipt/{receipt}", services.receipt),
            Route("/search", services.search),
            Route("/contact", services.pages.plain("contact.html")),
        ]
    )


def state(context: SiteContext) -> dict[str, Any]:
    """Return forms, appointments, downloads and searches."""
    store = Store(context.db)
    sent = store.rows("SELECT receipt, form, fields, email FROM submission ORDER BY id")
    sql = "SELECT receipt, office, service, day, hour, name, email FROM appointment ORDER BY id"
    return {
        "submissions": [row | {"fields": json.loads(row["fields"])} for row in sent],
        "appointments": store.rows(sql),
        "downloads": [row["form"] for row in store.rows("SELECT form FROM download ORDER BY id")],
        "searches": store.rows("SELECT q, found FROM search ORDER BY id"),
    }
