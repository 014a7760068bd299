"""Every site of the world, walked by its own links in a real browser: nothing dead, nothing astray.

A site has more addresses than a test should open, so the walk prefers pages of kinds it has not
seen, chosen by a fixed seed; the links that are left are asked for without a browser.
"""

import os
import random
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
    sync_playwright,
)

from riosim_envs.chromium import chromium_arguments, find_chromium, unprivileged_launcher
from riosim_envs.local_world import LocalWorld
from riosim_envs.plain_world import plain_world
from riosim_world.sites import SITES, load_site
from tests.support.require import require

_MOST_PAGES = 30  # opened in the browser
_MOST_LINKS = 250  # asked for besides
_LIMIT_MS = 20_000
_CHANGED = "ERR_NETWORK_CHANGED"
"""What Chromium says when an interface of this host comes or goes, as those of containers do."""
_TRIES = 4
_LINKS = "nodes => nodes.map(node => [node.href, (node.innerText || '').trim().slice(0, 60)])"
HOSTS = {host for name in SITES for host in load_site(SITES[name]).hosts}
SIGNED_IN = {
    "archive": "dana.whitfield",
    "bank": "m.castellan",
    "chat": "jo.marsh",
    "conference": "ines.calder",
    "drive": "imke.sorensen",
    "forge": "alex-morgan",
    "forum": "sam_rivers",
    "news": "petra.lindqvist",
    "encyclopaedia": "mosswood",
    "shop": "tess.arden",
    "exchange": "arlo.brandt",
    "portal": "robin.vale@postbay.test",
    "travel": "noor.halim",
    "video": "mo_ferris",
    "work": "judith.amare",
}
"""Who is signed in where a site knows somebody: more pages are within reach."""


@dataclass(frozen=True)
class Served:
    """A world, and a browser for which there is nothing else."""

    world: LocalWorld
    browser: Browser

    def status(self, address: str) -> int:
        """Return what the world answers at ADDRESS."""
        parts = urlsplit(address)
        rest = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        headers = {"Host": parts.netloc}
        return httpx.get(
            f"http://{self.world.address}{rest}", headers=headers, timeout=20
        ).status_code


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    require("browser")
    with tempfile.TemporaryDirectory(prefix="riosim-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        chromium = find_chromium(os.environ)
        if os.geteuid() == 0:
            chromium = unprivileged_launcher(folder, chromium)
        with LocalWorld(folder, on_event=lambda event: None) as world, sync_playwright() as play:
            plan = plain_world(3)
            overlay = {site: {"signed_in": user} for site, user in SIGNED_IN.items()}
            world.client.reset(type(plan)(plan.seed, plan.now, (), overlay, (), plan.mailboxes))
            switches = chromium_arguments(address=world.address, spki=world.spki)
            browser = play.chromium.launch(
                executable_path=chromium, args=switches, chromium_sandbox=True
            )
            yield Served(world, browser)
            browser.close()


@dataclass
class Walk:
    """One walk through a site, and what was wrong on the way."""

    served: Served
    host: str
    prepare: Callable[[BrowserContext], None] = lambda context: None
    wrong: list[str] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)  # address → page and link that led there
    here: str = ""

    def run(self, seed: str) -> None:
        """Open pages until there are none left, or enough."""
        rng = random.Random(seed)  # noqa: S311 - the same walk every time
        start = f"https://{self.host}/"
        self.seen[start] = "the start"
        waiting, kinds = [start], Counter[str]()
        with self.served.browser.new_context() as context:
            self.prepare(context)
            page = self._page(context)
            for _ in range(_MOST_PAGES):
                if not waiting:
                    break
                fewest = min(kinds[kind_of(address)] for address in waiting)
                rare = [a for a in waiting if kinds[kind_of(a)] == fewest]
                address = rng.choice(rare)
                waiting.remove(address)
                kinds[kind_of(address)] += 1
                waiting += self._open(page, address)
        for address in rng.sample(waiting, min(len(waiting), _MOST_LINKS)):
            self._judge(address, self.served.status(address))

    def _page(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.set_default_timeout(_LIMIT_MS)
        page.on("pageerror", self._threw)
        page.on("console", self._said)
        page.on("request", self._ask)
        page.on("response", self._answered)
        return page

    def _open(self, page: Page, address: str) -> list[str]:
        """Open a page; return the addresses that it adds."""
        self.here = address
        try:
            self._go(page, address)
        except Error as exc:
            if "Download is starting" not in exc.message and "net::ERR_ABORTED" not in exc.message:
                self._note(f"did not open: {exc.message.splitlines()[0]}")
            return []
        added = []
        for href, words in page.locator("a[href]").evaluate_all(_LINKS):
            target = href.partition("#")[0]
            parts = urlsplit(target)
            if parts.scheme not in ("http", "https") or target in self.seen:
                continue
            self.seen[target] = f"{address} {words!r}"
            if parts.hostname == self.host:
                added.append(target)
            elif parts.hostname in HOSTS:
                self._judge(target, self.served.status(target))
        return added

    def _go(self, page: Page, address: str) -> None:
        for left in reversed(range(_TRIES)):
            try:
                page.goto(address)
            except Error as exc:
                if _CHANGED not in exc.message or not left:
                    raise
            else:
                return

    def _threw(self, error: Error) -> None:
        self._note(f"page error: {error}")

    def _said(self, said: ConsoleMessage) -> None:
        if said.type == "error" and _CHANGED not in said.text:
            self._note(f"console: {said.text}")

    def _ask(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in HOSTS:
            self._note(f"asks for {request.url}, which no site has")

    def _answered(self, answer: Response) -> None:
        self._judge(answer.url, answer.status)

    def _judge(self, address: str, status: int) -> None:
        if status >= 400:
            where = self.seen.get(address, self.here)
            self.wrong.append(f"{status} at {address}, linked on {where}")

    def _note(self, what: str) -> None:
        self.wrong.append(f"{self.here}: {what}")


def kind_of(address: str) -> str:
    """Return ADDRESS without what tells two pages of one kind apart."""
    parts = urlsplit(address)
    keys = sorted({part.partition("=")[0] for part in parts.query.split("&")})
    return f"{re.sub(r'[^/]*[0-9][^/]*', '1', parts.path)}?{keys}"


@pytest.mark.parametrize("name", sorted(SITES))
def test_a_walk_through_a_site_meets_nothing_dead_and_nothing_outside(served, name):
    walk = Walk(served, load_site(SITES[name]).hosts[0])
    walk.run(name)
    assert not walk.wrong, "\n".join(walk.wrong)
    assert len(walk.seen) > 1 or name in ("home", "loginwall", "marker", "captcha")


_CROOKED = """<html lang="en"><link rel="icon" href="data:,"><a href="/no/such/page">old offer</a>
<a href="//archive.nowhere.example/">a friend</a><img src="//pixel.nowhere.example/1.gif" alt="">
<script>console.error("no such colour"); undefined.size</script></html>"""


def test_the_walk_names_page_and_link_of_whatever_is_wrong(served):
    def crook(context: BrowserContext) -> None:
        pages = {"https://home.test/": _CROOKED}
        context.route(
            lambda address: address in pages,
            lambda route: route.fulfill(body=pages[route.request.url], content_type="text/html"),
        )

    walk = Walk(served, "home.test", crook)
    walk.run("home")
    said = "\n".join(walk.wrong)
    assert "404 at https://home.test/no/such/page, linked on https://home.test/ 'old offer'" in said
    assert "https://home.test/: asks for https://pixel.nowhere.example/1.gif" in said
    assert "https://home.test/: console: no such colour" in said
    assert "https://home.test/: page error: " in said
    assert "archive.nowhere.example" not in said  # a link out is no request
