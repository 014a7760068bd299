"""A visitor without a browser: opens a site's copy, reads links and forms out of its pages."""

import asyncio
import atexit
import importlib
import random
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from httpx import ASGITransport, AsyncClient, Response
from starlette.applications import Starlette
from typing_extensions import override

from riosim_world.mailbox import Mailbox, MailStore
from riosim_world.message import MailFile
from riosim_world.site import Owner, SiteContext
from riosim_world.sites import SITES, load_site
from riosim_world.sites.kit import WebSite

__all__ = [
    "DIRECTORY",
    "NAMES",
    "NOW",
    "Client",
    "Field",
    "FormSeen",
    "Page",
    "Visit",
    "crawl",
    "load",
    "read",
    "visit",
]

NOW = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
NAMES = tuple(sorted(SITES))
_OWN = {n for n in NAMES if getattr(load_site(SITES[n]), "owner", "genuine") == "genuine"}
DIRECTORY = {name: f"{name}.genuine.test" for name in sorted(_OWN)}


def load(name: str) -> WebSite:
    """Return the site NAME."""
    site: WebSite = importlib.import_module(f"riosim_world.sites.{name}").SITE
    return site


_LOOP = asyncio.new_event_loop()


@atexit.register
def _close() -> None:
    _LOOP.run_until_complete(_LOOP.shutdown_asyncgens())
    _LOOP.close()


class Client:
    """Asks an application in this process, keeps cookies and follows redirects to its own host."""

    def __init__(self, app: Starlette, host: str) -> None:
        transport = ASGITransport(app)
        self._client = AsyncClient(
            transport=transport, base_url=f"http://{host}", follow_redirects=True
        )
        self.cookies = self._client.cookies

    def get(self, address: str, **more: Any) -> Response:
        """Open ADDRESS."""
        return _LOOP.run_until_complete(self._client.get(address, **more))

    def post(self, address: str, **more: Any) -> Response:
        """Send something to ADDRESS."""
        return _LOOP.run_until_complete(self._client.post(address, **more))


@dataclass
class Visit:
    """One copy of a site, and somebody who looks at it."""

    site: WebSite
    context: SiteContext
    app: Starlette
    client: Client
    records: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def get(self, address: str, **query: str) -> "Page":
        """Open ADDRESS, which must be there."""
        return self._page(self.client.get(address, params=query or None))

    def post(self, address: str, data: Mapping[str, Any], **more: Any) -> "Page":
        """Send a form, and follow to where it leads."""
        return self._page(self.client.post(address, data=dict(data), **more))

    def state(self) -> dict[str, Any]:
        """Return what a check sees."""
        return self.site.state(self.context)

    def recorded(self) -> list[str]:
        """Return the names of the changes that were recorded."""
        return [what for what, _ in self.records]

    def _page(self, response: Response) -> "Page":
        assert response.status_code == 200, f"{response.url}: {response.status_code}"
        return read(response)


def visit(
    name: str,
    *,
    overlay: Mapping[str, Any] | None = None,
    look: Mapping[str, Any] | None = None,
    owner: Owner | None = None,
    host: str = "",
    seed: int = 7,
) -> Visit:
    """Open a fresh copy of the site NAME; the portal finds one mailbox with three letters."""
    site = load(name)
    records: list[tuple[str, dict[str, Any]]] = []
    mail = _mail()
    context = SiteContext(
        name=name,
        owner=owner or site.owner,
        host=host or site.hosts[0],
        db=sqlite3.connect(":memory:", check_same_thread=False),
        now=NOW,
        rng=random.Random(seed),  # noqa: S311 - a seeded world is the point
        directory=DIRECTORY,
        record=lambda what, data: records.append((what, dict(data))),
        mailer=mail,
        look=look or {},
        mail=mail,
    )
    site.seed(context, overlay or {})
    app = site.build(context)
    return Visit(site, context, app, Client(app, context.host), records)


def _mail() -> MailStore:
    store = MailStore(now=NOW)
    store.reset([Mailbox("kim@postbay.test", "Kim Vale", "Marsh-Kite-19")], now=NOW)
    for minutes, subject in ((90, "Lunch"), (60, "Minutes"), (30, "Notice")):
        store.deliver(
            sender="Ada Moss <ada@moss.example>",
            to="kim@postbay.test",
            subject=subject,
            text=f"About {subject.lower()}.",
            html="<p onclick=x>Hi <script>bad()</script></p>" if subject == "Notice" else "",
            minutes_ago=minutes,
            files=[MailFile("plan.txt", "text/plain", b"plan")] if subject == "Minutes" else [],
        )
    return store


@dataclass
class Field:
    """A field of a form."""

    name: str
    kind: str
    value: str
    label: str


@dataclass
class FormSeen:
    """A form of a page."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)


@dataclass
class Page:
    """What a page offers."""

    address: str
    text: str
    title: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    forms: list[FormSeen] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)
    headings: int = 0
    landmarks: set[str] = field(default_factory=set)

    def link(self, name: str) -> str:
        """Return the address of the first link whose name holds NAME."""
        for address, text in self.links:
            if name in text:
                return address
        raise AssertionError(f"{self.address} has no link {name!r}; it has {self.links}.")


def read(response: Response) -> Page:
    """Read a page."""
    page = Page(str(response.url), response.text)
    if "html" in response.headers.get("content-type", ""):
        reader = _Reader(page)
        reader.feed(response.text)
        reader.close()
        reader.check_labels()
    return page


def crawl(visit: Visit, *, start: str = "/", most: int = 250) -> Iterator[tuple[str, Response]]:
    """Open every page of the site that links lead to, each once."""
    waiting, seen = [start], {start}
    host = f"http://{visit.context.host}"
    while waiting and len(seen) <= most:
        address = waiting.pop(0)
        response = visit.client.get(address)
        yield address, response
        page = read(response)
        for target in [href for href, _ in page.links] + page.sources:
            full = urlsplit(urljoin(str(response.url), target))
            inside = f"{full.scheme}://{full.netloc}" == host
            path = full.path + (f"?{full.query}" if full.query else "")
            if inside and path not in seen:
                seen.add(path)
                waiting.append(path)


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._open: list[tuple[str, str, list[str]]] = []  # link or button: tag, href, words
        self._form: FormSeen | None = None
        self._label: list[str] | None = None
        self._in_label = 0
        self._title = False
        self._labelled: set[str] = set()
        self._bare: list[tuple[str, str]] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag in ("link", "script", "img") and (given.get("href") or given.get("src")):
            self._page.sources.append(given.get("href") or given["src"])
        if tag == "title":
            self._title = True
        if tag in ("main", "header", "nav"):
            self._page.landmarks.add(tag)
        self._page.headings += tag == "h1"
        if tag in ("a", "button"):
            self._open.append((tag, given.get("href", ""), [given.get("aria-label", "")]))
        if tag in ("img", "svg") and self._open:
            self._open[-1][2].append(given.get("alt", "") or given.get("aria-label", ""))
        if tag == "img" and "alt" not in given:
            self._page.nameless.append(f"img {given.get('src')}")
        if tag == "form":
            self._form = FormSeen(given.get("action", ""), given.get("method", "get").lower())
            self._page.forms.append(self._form)
        if tag == "label":
            self._in_label += 1
            self._labelled.add(given.get("for", ""))
        if tag in ("input", "textarea", "select", "button") and given.get("name") and self._form:
            kind = given.get("type", tag)
            seen = Field(given["name"], kind, given.get("value", ""), given.get("aria-label", ""))
            self._form.fields.append(seen)
        if tag in ("input", "textarea", "select") and given.get("type") not in ("hidden", "submit"):
            named = self._in_label or given.get("aria-label")
            if not named:
                self._bare.append((given.get("id", "?"), f"{tag} {given.get('name')}"))

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in ("a", "button") and self._open and self._open[-1][0] == tag:
            _, href, words = self._open.pop()
            name = " ".join(" ".join(words).split())
            if not name:
                self._page.nameless.append(f"{tag} {href}")
            if tag == "a" and href and not href.startswith(("mailto:", "#")):
                self._page.links.append((href, name))
        if tag == "form":
            self._form = None
        if tag == "label":
            self._in_label -= 1
        if tag == "title":
            self._title = False

    @override
    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1][2].append(data)
        if self._title:
            self._page.title += data

    def check_labels(self) -> None:
        self._page.nameless += [what for key, what in self._bare if key not in self._labelled]
