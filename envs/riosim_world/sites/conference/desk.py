"""The desk of Talus: registrations, and the submissions of the signed-in author."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from riosim_world.site import SiteContext
from riosim_world.sites.conference.schedule import Calendar
from riosim_world.sites.conference.seed import CONTENT, TRACKS
from riosim_world.sites.kit import Form, Pages, Row, Sessions, Store, Upload, digest, read_form
from riosim_world.sites.kit.pdf import Line, pdf

__all__ = ["Desk"]

_CARD = re.compile(r"\d{12,19}")
_PRICES = CONTENT["prices"]
_EXTRAS = CONTENT["extras"]


class Desk:
    """Handlers that take what people bring; all state is in the database."""

    def __init__(
        self, context: SiteContext, pages: Pages, sessions: Sessions, calendar: Calendar
    ) -> None:
        self._context = context
        self._store = Store(context.db)
        self._pages = pages
        self._sessions = sessions
        self._calendar = calendar

    async def prices(self, request: Request) -> Response:
        """What it costs."""
        return self._pages.html(
            request,
            "registration.html",
            prices=_PRICES,
            extras=_EXTRAS,
            early=self._calendar.early(),
            dates={row["key"]: row for row in self._calendar.rows()},
        )

    async def register(self, request: Request) -> Response:
        """The form, and what comes of it."""
        form = await read_form(request)
        errors: list[str] = []
        if request.method == "POST":
            errors = _mistakes(form)
            if not errors:
                return self._pages.go(f"/registration/{self._register(form)}")
        me = self._sessions.current(request) or {"name": "", "email": ""}
        return self._pages.html(
            request,
            "register.html",
            errors=errors,
            form=form,
            prices=_PRICES,
            extras=_EXTRAS,
            early=self._calendar.early(),
            person=me,
        )

    async def registered(self, request: Request) -> Response:
        """One registration."""
        row = self._registration(request)
        return self._pages.html(request, "registered.html", row=row, prices=_PRICES)

    async def receipt(self, request: Request) -> Response:
        """The same as a PDF."""
        row = self._registration(request)
        year = self._calendar.year
        lines = [Line(f"Talus {year}", "bold", 20), Line("Receipt", size=14), Line()]
        lines += [Line(row["name"]), Line(row["affiliation"]), Line()]
        lines += [Line(f"{_PRICES[row['kind']]['name']}  {row['extras']}".rstrip())]
        lines += [Line(f"Paid by card ending in {row['card_end']}: ${row['cents'] / 100:,.2f}")]
        lines += [Line(), Line(f"Registration {row['code']}", "mono", 10)]
        data = pdf(lines, title=f"Receipt {row['code']}")
        name = f"talus-receipt-{row['code']}.pdf"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(data, media_type="application/pdf", headers=headers)

    async def submissions(self, request: Request) -> Response:
        """What the author submitted."""
        me = self._sessions.current(request)
        if me is None:
            return RedirectResponse("/login", 303)
        sql = "SELECT * FROM submission WHERE user = ? ORDER BY id DESC"
        rows = self._store.rows(sql, me["user"])
        dates = [row for row in self._calendar.rows() if row["left"] >= 0][:3]
        return self._pages.html(request, "submissions.html", rows=rows, dates=dates)

    async def submit(self, request: Request) -> Response:
        """A new paper."""
        me = self._sessions.current(request)
        if me is None:
            return RedirectResponse("/login", 303)
        form = await read_form(request)
        errors: list[str] = []
        if request.method == "POST":
            errors += [] if form.text("title") else ["A paper needs a title."]
            errors += [] if form.text("abstract") else ["A paper needs an abstract."]
            errors += [] if form.text("track") in TRACKS else ["Choose a track."]
            errors += [] if form.flag("checklist") else ["Confirm that the checklist is included."]
            wrong = [file for file in form.uploads("paper") if not file.data.startswith(b"%PDF")]
            errors += ["The paper must be a PDF."] if wrong else []
            if not errors:
                number = self._submit(me, form)
                notice = f"Paper {number} is submitted. You can change it until the deadline."
                return self._pages.go(f"/submissions/{number}", notice=notice)
        return self._pages.html(request, "submit.html", errors=errors, form=form)

    async def submission(self, request: Request) -> Response:
        """One paper of the author; forms replace its file or withdraw it."""
        me = self._sessions.current(request)
        if me is None:
            return RedirectResponse("/login", 303)
        sql = "SELECT * FROM submission WHERE user = ? AND number = ?"
        row = self._store.row(sql, me["user"], request.path_params["number"])
        if row is None:
            raise HTTPException(404)
        form = await read_form(request)
        errors: list[str] = []
        if form.text("act") == "withdraw":
            self._store.write("UPDATE submission SET withdrawn = 1 WHERE id = ?", row["id"])
            self._context.record("withdrew", {"user": me["user"], "number": row["number"]})
            return self._pages.go("/submissions", notice=f"Paper {row['number']} is withdrawn.")
        if request.method == "POST" and not row["withdrawn"]:
            paper = next(iter(form.uploads("paper")), None)
            if paper and paper.data.startswith(b"%PDF"):
                self._replace(row, paper)
                notice = "Your paper is uploaded. The last upload counts."
                return self._pages.go(f"/submissions/{row['number']}", notice=notice)
            errors.append("Choose a PDF file.")
        return self._pages.html(request, "submission.html", row=row, errors=errors)

    def _register(self, form: Form) -> str:
        kind = form.text("kind")
        extras = [key for key in form.many("extra") if key in _EXTRAS]
        price = _PRICES[kind]["early" if self._calendar.early() else "late"]
        card = form.raw("card").replace(" ", "")
        count = self._store.value("SELECT count(*) FROM registration")
        key = self._store.setting("session_key")
        row = {
            "code": f"T{digest(f'{key}:{count}')[:8].upper()}",
            "name": form.text("name", limit=120),
            "email": form.text("email", limit=200),
            "affiliation": form.text("affiliation", limit=200),
            "kind": kind,
            "extras": ", ".join(_EXTRAS[key]["name"] for key in extras),
            "cents": 100 * (price + sum(_EXTRAS[key]["price"] for key in extras)),
            "card_end": card[-4:],
            "card_digest": digest(card),
        }
        self._store.insert("registration", **row)
        self._context.record("registered_for_conference", row)
        return str(row["code"])

    def _registration(self, request: Request) -> Row:
        sql = "SELECT * FROM registration WHERE code = ?"
        row = self._store.row(sql, request.path_params["code"])
        if row is None:
            raise HTTPException(404)
        return row

    def _replace(self, row: Row, paper: Upload) -> None:
        values = {"file": paper.name, "digest": digest(paper.data)}
        sql = "UPDATE submission SET file = ?, digest = ? WHERE id = ?"
        self._store.write(sql, *values.values(), row["id"])
        self._context.record("paper_uploaded", {"number": row["number"], **values})

    def _submit(self, me: Row, form: Form) -> int:
        highest = self._store.value("SELECT coalesce(max(number), 1199) FROM submission")
        paper = next(iter(form.uploads("paper")), None)
        row = {
            "user": me["user"],
            "number": highest + 3,
            "title": form.text("title", limit=300),
            "authors": form.text("authors", limit=600),
            "abstract": form.text("abstract"),
            "track": form.text("track"),
            "file": paper.name if paper else "",
            "digest": digest(paper.data) if paper else "",
        }
        self._store.insert("submission", withdrawn=0, seeded=0, **row)
        self._context.record("submitted", row)
        return int(row["number"])


def _mistakes(form: Form) -> list[str]:
    errors = [] if form.text("name") else ["Enter your name as it should be on the badge."]
    errors += [] if "@" in form.text("email", limit=200)[1:-1] else ["Enter your mail address."]
    errors += [] if form.text("kind") in _PRICES else ["Choose a kind of registration."]
    card = form.raw("card").replace(" ", "")
    errors += [] if _CARD.fullmatch(card) and card.isascii() else ["Enter a card number."]
    return errors
