"""Visitors of a served world who do what nobody expects: random requests over every route table.

Everything is drawn from a seed: the same seed asks the same things in the same order, as long as
the world answers the same.
"""

import itertools
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx
from starlette.routing import Route

from riosim_world.page_script import SCRIPT
from riosim_world.sites import SITES
from riosim_world.sites.kit import Store
from tests.integration.sites.browsing import FormSeen, read, visit

__all__ = ["HOSTILE", "Asked", "Crowd", "account_of", "doors_of"]

HOSTILE = (
    "'; DROP TABLE account; --",
    "%",
    "\x00",
    "../../etc/passwd",
    "{{ 7 * 7 }}",
    "<b>",
    "9" * 40,
    "-1",
    "//elsewhere.test/",
    "\r\nset-cookie: a=b",
    "\ud7ff\U0001f600",
)
"""What people type who mean no good."""

_SIMPLE = ("", "1", "2", "a", "on", "tides", "new@comer.example", "Right-Horse-8", "12.50")
_VERBS = ("GET", "POST")
_ODD_VERBS = ("HEAD", "PUT", "DELETE", "OPTIONS", "PATCH")
_SIGNED_OUT = "-"
_MOST_SEEN = 400


@dataclass(frozen=True)
class Door:
    """An entry of a site's route table."""

    path: str
    methods: tuple[str, ...]

    @property
    def shape(self) -> re.Pattern[str]:
        """What addresses of this entry look like."""
        parts = re.split(r"(\{[^}]+\})", self.path)
        return re.compile("".join("(.+)" if p.startswith("{") else re.escape(p) for p in parts))


@dataclass(frozen=True)
class Asked:
    """One request, as it went out and how it was answered."""

    number: int
    method: str
    host: str
    path: str
    status: int

    @property
    def name(self) -> str:
        """What the request calls itself, to be found in the evidence."""
        return f"visitor/{self.number}"


@dataclass
class _Seen:
    """What a visitor knows of one host."""

    links: list[str] = field(default_factory=lambda: ["/"])
    forms: list[tuple[str, FormSeen]] = field(default_factory=list)


@cache
def doors_of(site: str) -> tuple[Door, ...]:
    """Return the route table of a site."""
    routes = [route for route in visit(site).app.routes if isinstance(route, Route)]
    return tuple(Door(r.path, tuple(sorted(r.methods or _VERBS))) for r in routes)


@cache
def account_of(site: str) -> str:
    """Return somebody whom a site knows from the start; empty if nobody can sign in there."""
    who = visit(site)
    if "signed_in" not in who.site.overlay_keys:
        return ""
    known = Store(who.context.db).value("SELECT user FROM account ORDER BY rowid")
    return str(known or "")


class Crowd:
    """Two browsers, one signed in wherever somebody is known, one nowhere.

    Args:
        port: Where the world answers http.
        hosts: Host → the site that answers there, or a name of no site.
        seed: What everything is drawn from.
    """

    def __init__(self, port: int, hosts: Mapping[str, str], *, seed: int) -> None:
        self._rng = random.Random(seed)  # noqa: S311  # a play, not a secret
        self._hosts = hosts
        self._doors = {site: doors_of(site) if site in SITES else () for site in hosts.values()}
        self._seen: dict[str, _Seen] = defaultdict(_Seen)
        self._numbers = itertools.count(1)
        base = f"http://127.0.0.1:{port}"
        signed_out = {f"{site}_session": _SIGNED_OUT for site in SITES}
        self._browsers = (
            httpx.Client(base_url=base, timeout=20),
            httpx.Client(base_url=base, timeout=20, cookies=signed_out),
        )

    def close(self) -> None:
        """Leave."""
        for browser in self._browsers:
            browser.close()

    def __iter__(self) -> Iterator[Asked]:
        """Ask without end, host after host in random rounds so that none is left out."""
        while True:
            for host in self._rng.sample(sorted(self._hosts), len(self._hosts)):
                yield self._ask(host)

    def _ask(self, host: str) -> Asked:
        seen, number = self._seen[host], next(self._numbers)
        method, path, more = self._draw(host, seen)
        headers = {**more.pop("headers", {}), "host": host, "user-agent": f"visitor/{number}"}
        browser = self._rng.choice(self._browsers)
        response = browser.request(method, path, headers=headers, **more)
        self._learn(host, path, response)
        return Asked(number, method, host, urlsplit(path).path, response.status_code)

    def _draw(self, host: str, seen: _Seen) -> tuple[str, str, dict[str, Any]]:
        die, doors = self._rng.random(), self._doors[self._hosts[host]]
        if die < 0.3 and seen.forms:
            return self._submit(*self._rng.choice(seen.forms))
        if die < 0.5 or not doors:
            return "GET", self._rng.choice(seen.links), {}
        door = self._rng.choice(doors)
        path = self._address(door, seen)
        odd = self._rng.random() < 0.05
        method = self._rng.choice(_ODD_VERBS if odd else [m for m in door.methods if m in _VERBS])
        if method == "GET":
            query = {self._rng.choice(("q", "page", "sort", "id", "back")): self._word()}
            return method, path, {"params": query} if self._rng.random() < 0.3 else {}
        names = self._rng.choices(("user", "password", "title", "body", "name", "q", "id"), k=3)
        return method, path, self._body({name: self._word() for name in names}, {})

    def _address(self, door: Door, seen: _Seen) -> str:
        known = [link for link in seen.links if door.shape.fullmatch(urlsplit(link).path)]
        if known and self._rng.random() < 0.7:
            return self._rng.choice(known)
        return re.sub(r"\{[^}]+\}", lambda _: quote(self._word(), safe="") or "1", door.path)

    def _submit(self, page: str, form: FormSeen) -> tuple[str, str, dict[str, Any]]:
        values, files = {}, {}
        careful = self._rng.random() < 0.6
        for box in form.fields:
            if box.kind == "file":
                size = self._rng.choice((0, 10, 5_000, 200_000))
                kind = self._rng.choice(("text/plain", "image/png", "application/pdf", "a/b"))
                files[box.name] = (self._word() or "a.txt", b"x" * size, kind)
            elif careful and box.value:
                values[box.name] = box.value
            else:
                values[box.name] = self._word()
        action = urlsplit(urljoin(page, form.action) if form.action else page)
        if form.method == "get":
            return "GET", action.path, {"params": values}
        path = action.path + (f"?{action.query}" if action.query else "")
        return "POST", path, self._body(values, files)

    def _body(self, values: Mapping[str, str], files: Mapping[str, Any]) -> dict[str, Any]:
        die = self._rng.random()
        if die < 0.05:
            kind = self._rng.choice(("multipart/form-data; boundary=x", "application/json", "?"))
            return {"content": self._rng.randbytes(300), "headers": {"content-type": kind}}
        return {"data": dict(values), **({"files": dict(files)} if files else {})}

    def _word(self) -> str:
        die = self._rng.random()
        if die < 0.4:
            return self._rng.choice(HOSTILE)
        if die < 0.8:
            return self._rng.choice(_SIMPLE)
        letters = [chr(self._rng.choice((32, 65, 0xE9, 0x4E00)) + n % 20) for n in range(12)]
        return "".join(letters) * self._rng.choice((1, 1, 200))

    def _learn(self, host: str, path: str, response: httpx.Response) -> None:
        seen = self._seen[host]
        addresses: Sequence[str] = [response.headers.get("location", "")]
        if "html" in response.headers.get("content-type", ""):
            page = read(response)
            addresses = [*addresses, *(href for href, _ in page.links), *page.sources]
            seen.forms = [*seen.forms, *((path, form) for form in page.forms)][-_MOST_SEEN:]
        for address in filter(None, addresses):
            full = urlsplit(urljoin(f"http://{host}{path}", address))
            link = full.path + (f"?{full.query}" if full.query else "")
            new = link not in seen.links and full.path != SCRIPT
            if full.netloc == host and new:
                seen.links = [*seen.links, link][-_MOST_SEEN:]
