"""A thousand random requests leave nothing behind: after a reset the world is its seed's again."""

import itertools
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from riosim_world.mailbox import Mailbox, MailStore
from riosim_world.sites import SITES, load_site
from tests.integration.sites.browsing import read
from tests.integration.world.conftest import WorldProcess
from tests.support.crowd import Asked, Crowd, account_of, doors_of

_N_REQUESTS = 1_000
_MOST_PAGES = 8  # of each host, in its portrait
_LOOKALIKES = {"archive": "paperhavenn.test", "bank": "secure-bank.test", "forum": "192.0.2.77"}
_HOSTS = {
    **{load_site(module).hosts[0]: name for name, module in SITES.items()},
    **{host: site for site, host in _LOOKALIKES.items()},
    f"www.{load_site(SITES['shop']).hosts[0]}": "shop",
    "nobody-knows.test": "nobody",
}
_MAILBOX = "kim@postbay.test"


def _order() -> dict[str, Any]:
    signed_in = {site: {"signed_in": account_of(site)} for site in SITES if account_of(site)}
    return {
        "seed": 7,
        "now": "2026-03-17T09:30:00+00:00",
        "overlay": {**signed_in, "portal": {"signed_in": _MAILBOX}},
        "mailboxes": [{"address": _MAILBOX, "name": "Kim Vale", "password": "Marsh-Kite-19"}],
        "lookalikes": [
            {"name": f"false-{site}", "site": site, "host": host}
            for site, host in _LOOKALIKES.items()
        ],
    }


@contextmanager
def _world() -> Iterator[WorldProcess]:
    world = WorldProcess()
    try:
        yield world
    finally:
        assert world.close() == 0


def _portrait(world: WorldProcess) -> dict[str, Any]:
    """Reset WORLD, look at every host as a new browser would, and say all that there was to see."""
    seen: dict[str, Any] = {"digest at once": world.reset(**_order())}
    address = f"http://127.0.0.1:{world.ports['http']}"
    for host, site in _HOSTS.items():
        with httpx.Client(base_url=address, headers={"host": host}) as browser:
            paths = [d.path for d in doors_of(site) if "{" not in d.path] if site in SITES else []
            front = read(browser.get("/"))
            links = [href for href, _ in front.links if href.startswith("/")]
            for path in list(dict.fromkeys(["/", *paths, *links]))[:_MOST_PAGES]:
                response = browser.get(path)
                world.ask("world.pending")
                seen[f"{host}{path}"] = response.status_code, response.text
    names = [*SITES, *(f"false-{site}" for site in _LOOKALIKES), "mail"]
    seen |= {f"state of {name}": world.state(name) for name in names}
    return seen | {"digest": world.ask("world.digest")["digest"]}


def test_after_a_thousand_random_requests_a_reset_gives_the_seeds_world() -> None:
    with _world() as world:
        first_look = _portrait(world)  # of a process that has never served anything else
    with _world() as world:
        digest = world.reset(**_order())
        asked = _visit_at_random(world)
        noted = [
            (event["user_agent"], event["method"], event["host"], event["status"])
            for event in world.of_kind("http.request")
        ]
        touched = world.ask("world.digest")["digest"]
        again = _portrait(world)
    assert [one for one in asked if one.status >= 500] == []
    assert noted == [(one.name, one.method, one.host, one.status) for one in asked]
    assert {one.host for one in asked} == set(_HOSTS)
    assert {one.status // 100 for one in asked} == {2, 3, 4}
    assert touched != digest
    assert again["digest at once"] == digest
    assert {what for what in first_look if again[what] != first_look[what]} == set()


def test_no_connection_and_no_session_outlives_a_reset(world: WorldProcess) -> None:
    address = f"http://127.0.0.1:{world.ports['http']}"
    host = load_site(SITES["forum"]).hosts[0]
    who = {"user": "newcomer", "email": "new@comer.example", "password": "Right-Horse-8"}
    with httpx.Client(base_url=address, headers={"host": host}) as browser:
        browser.post("/signup", data=who)
        assert browser.get("/saved").status_code == 200
        cookies = dict(browser.cookies)
        with socket.create_connection(("127.0.0.1", world.ports["http"])) as caller:
            caller.settimeout(20)
            caller.sendall(f"GET /rules HTTP/1.1\r\nhost: {host}\r\n\r\n".encode())
            assert caller.recv(15) == b"HTTP/1.1 200 OK"
            world.reset()
            with suppress(ConnectionResetError):
                while caller.recv(2**16):
                    pass  # what was under way; then the end
        again = browser.get(
            "/saved", headers={"cookie": f"forum_session={cookies['forum_session']}"}
        )
        assert again.headers["location"] == "/login"


def test_no_numbering_of_mail_outlives_a_reset(tmp_path: Path) -> None:
    store = MailStore(tmp_path)
    heads = []
    for _ in range(3):
        store.reset([Mailbox(_MAILBOX)], now=datetime(2026, 3, 17, tzinfo=UTC))
        heads.append((tmp_path / _MAILBOX / "dovecot-uidlist").read_text().split()[1:])
    assert len({validity for validity, _, _ in heads}) == len({guid for *_, guid in heads}) == 3


def _visit_at_random(world: WorldProcess) -> list[Asked]:
    crowd, asked = Crowd(world.ports["http"], _HOSTS, seed=1), []
    for one in itertools.islice(crowd, _N_REQUESTS):
        asked.append(one)
        assert world.ask("world.pending")["requests"] == 0
    crowd.close()
    return asked
