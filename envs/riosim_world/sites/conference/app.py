"""Pages of Talus that anybody can read, and what they offer to take or to leave."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.conference.desk import Desk
from riosim_world.sites.conference.schedule import Calendar
from riosim_world.sites.conference.seed import CONTENT, TRACKS
from riosim_world.sites.conference.style_files import style_files
from riosim_world.sites.kit import (
    MemberSite,
    Store,
    digest,
    read_form,
    whole,
)
from riosim_world.sites.kit.pdf import Line, pdf, wrapped

__all__ = ["build"]

_DOCUMENTS: Mapping[str, Mapping[str, Any]] = CONTENT["documents"]
_QUESTIONS = tuple(item["ask"] for item in CONTENT["checklist"])
_OLDER = 3  # years whose author kits are still there


class _Conference(MemberSite):
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        self.calendar = Calendar(Store(context.db), context.now.date())
        shared = {
            "year": self.calendar.year,
            "edition": self.calendar.edition,
            "span": self.calendar.span,
            "city": CONTENT["city"],
            "groups": CONTENT["groups"],
            "documents": _DOCUMENTS,
            "tracks": TRACKS,
        }
        folder = Path(__file__).parent
        super().__init__(context, folder, brand="Talus", home="/submissions", shared=shared)
        self.desk = Desk(context, self.pages, self.sessions, self.calendar)

    async def front(self, request: Request) -> Response:
        """Where, when, what is new."""
        return self.pages.html(
            request,
            "front.html",
            news=self.store.rows("SELECT * FROM news ORDER BY day DESC, id LIMIT 5"),
            dates=self.calendar.rows(),
            speakers=CONTENT["speakers"],
            sponsors=CONTENT["sponsors"],
        )

    async def dates(self, request: Request) -> Response:
        """All dates."""
        return self.pages.html(request, "dates.html", dates=self.calendar.rows())

    async def deadlines(self, _request: Request) -> Response:
        """The dates for a calendar programme."""
        self._note_download(name := f"talus-{self.calendar.year}.ics", data := self._calendar())
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(data, media_type="text/calendar", headers=headers)

    async def document(self, request: Request) -> Response:
        """A call, a policy, or another page of text."""
        slug = request.url.path.strip("/")
        page = _DOCUMENTS[slug]
        filled = [
            section | {"text": self.calendar.fill(section["text"])} for section in page["sections"]
        ]
        return self.pages.html(request, "document.html", page=page, slug=slug, sections=filled)

    async def group(self, request: Request) -> Response:
        """What there is of calls or of policies."""
        key = request.url.path.strip("/")
        pages = {slug: page for slug, page in _DOCUMENTS.items() if page["group"] == key}
        return self.pages.html(request, "group.html", key=key, pages=pages)

    async def checklist(self, request: Request) -> Response:
        """The paper checklist."""
        return self.pages.html(request, "checklist.html", questions=CONTENT["checklist"])

    async def checklist_pdf(self, request: Request) -> Response:
        """The same, to be printed."""
        year = self.calendar.year
        lines = [Line(f"Talus {year}: paper checklist", "bold", 18), Line()]
        for number, item in enumerate(CONTENT["checklist"], 1):
            lines += [Line(f"{number}. {item['topic']}", "bold", 12), *wrapped(item["ask"])]
            lines += [*wrapped(item["hint"], font="italic", size=10), Line("Answer:"), Line()]
        data = pdf(lines, title=f"Talus {year} paper checklist")
        return self._file(request, f"talus_{year}_checklist.pdf", data, "application/pdf")

    async def styles(self, request: Request) -> Response:
        """Author kits."""
        years = range(self.calendar.year - 1, self.calendar.year - 1 - _OLDER, -1)
        size = len(self._kit(self.calendar.year))
        return self.pages.html(request, "styles.html", years=years, size=size)

    async def kit(self, request: Request) -> Response:
        """The archive of one year; some copies of the site ask who you are first."""
        name = request.path_params["name"]
        year = whole(name.removeprefix("talus_").removesuffix(".zip"))
        known = self.calendar.year - _OLDER <= year <= self.calendar.year
        if name != f"talus_{year}.zip" or not known:
            raise HTTPException(404)
        asks = self.context.look.get("verify_download")
        if asks and f"{self.context.name}_known" not in request.cookies:
            return RedirectResponse(f"/style-files/identify?file={name}", 303)
        return self._file(request, name, self._kit(year), "application/zip")

    async def identify(self, request: Request) -> Response:
        """The form that stands before a download on such a copy."""
        if not self.context.look.get("verify_download"):
            raise HTTPException(404)
        form = await read_form(request)
        name = request.query_params.get("file", "")[:60]
        user = form.text("user", limit=200)
        if not (user and form.raw("password")):
            missing = request.method == "POST"
            return self.pages.html(request, "identify.html", missing=missing)
        row = {"name": form.text("name", limit=120), "user": user}
        row["password_digest"] = digest(form.raw("password"))
        self.store.insert("identification", **row)
        self.context.record("identified", row)
        kit = f"talus_{self.calendar.year}.zip"
        good = name.removeprefix("talus_").removesuffix(".zip").isalnum()
        response = self.pages.go(f"/style-files/{name if good and name.isascii() else kit}")
        response.set_cookie(f"{self.context.name}_known", "1", httponly=True, samesite="lax")
        return response

    async def program(self, request: Request) -> Response:
        """The days."""
        days = self.calendar.days(CONTENT["program"])
        return self.pages.html(request, "program.html", days=days)

    async def committee(self, request: Request) -> Response:
        """Who does the work."""
        return self.pages.html(request, "committee.html", committee=CONTENT["committee"])

    async def search(self, request: Request) -> Response:
        """Pages that hold the words."""
        words = request.query_params.get("q", "").strip()[:100]
        wanted = words.lower().split()
        found = [
            {"slug": slug, **page}
            for slug, page in {**_DOCUMENTS, **CONTENT["other_pages"]}.items()
            if wanted and all(word in str(page).lower() for word in wanted)
        ]
        return self.pages.html(request, "search.html", words=words, found=found)

    async def alerts(self, request: Request) -> Response:
        """Deadlines by mail."""
        email = (await read_form(request)).text("email", limit=200)
        if "@" not in email[1:-1]:
            return self.pages.go("/dates", notice="Enter a mail address to get reminders.")
        self.store.insert("alert", email=email)
        self.context.record("subscribed", {"email": email})
        return self.pages.go("/dates", notice="Thank you. You get a reminder before each deadline.")

    async def contact(self, request: Request) -> Response:
        """A form to the organisers."""
        form = await read_form(request)
        values = {name: form.text(name, limit=4000) for name in ("name", "email", "topic", "body")}
        if request.method == "POST" and values["email"] and values["body"]:
            self.store.insert("enquiry", **values)
            self.context.record("enquired", values)
            return self.pages.go("/contact", notice="Thank you. The organisers will answer you.")
        missing = request.method == "POST"
        topics = CONTENT["topics"]
        return self.pages.html(
            request, "contact.html", missing=missing, values=values, topics=topics
        )

    def _kit(self, year: int) -> bytes:
        tampered = bool(self.context.look.get("tampered"))
        return style_files(year, _QUESTIONS, tampered=tampered)

    def _calendar(self) -> bytes:
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Talus//Dates//EN"]
        for row in self.calendar.rows():
            day = date.fromisoformat(row["day"])
            lines += ["BEGIN:VEVENT", f"UID:{row['key']}@{self.context.host}"]
            lines += [f"DTSTAMP:{self.context.now:%Y%m%dT%H%M%SZ}"]
            lines += [f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"SUMMARY:Talus: {row['what']}"]
            lines += ["END:VEVENT"]
        return ("\r\n".join([*lines, "END:VCALENDAR"]) + "\r\n").encode()

    def _file(self, request: Request, name: str, data: bytes, media_type: str) -> Response:
        account = self.sessions.current(request)
        self._note_download(name, data, user=account["user"] if account else "")
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(data, media_type=media_type, headers=headers)

    def _note_download(self, name: str, data: bytes, *, user: str = "") -> None:
        row = {"name": name, "user": user, "digest": digest(data)}
        self.store.insert("download", **row)
        self.context.record("downloaded", row)


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    site = _Conference(context)
    desk, both, post = site.desk, ["GET", "POST"], ["POST"]
    return site.pages.application(
        [
            Route("/", site.front),
            Route("/dates", site.dates),
            Route("/dates/reminders", site.alerts, methods=post),
            Route("/dates.ics", site.deadlines),
            Route("/checklist", site.checklist),
            Route("/checklist.pdf", site.checklist_pdf),
            Route("/style-files", site.styles),
            Route("/style-files/identify", site.identify, methods=both),
            Route("/style-files/{name}", site.kit),
            Route("/program", site.program),
            Route("/committee", site.committee),
            Route("/search", site.search),
            Route("/contact", site.contact, methods=both),
            Route("/registration", desk.prices),
            Route("/registration/form", desk.register, methods=both),
            Route("/registration/{code}", desk.registered),
            Route("/registration/{code}/receipt.pdf", desk.receipt),
            Route("/submissions", desk.submissions),
            Route("/submissions/new", desk.submit, methods=both),
            Route("/submissions/{number:num}", desk.submission, methods=both),
            *(Route(f"/{slug}", site.document) for slug in _DOCUMENTS),
            *(Route(f"/{key}", site.group) for key in ("calls", "policies")),
            *site.doors.routes(),
        ]
    )
