"""The human agent's door answers the person who has the link, and nobody else."""

import http.client
import json
import queue
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from riosim.action import Press
from riosim.agent import Decision
from riosim.errors import RiosimError
from riosim.observation import Observation
from riosim_agents.human import HumanAgent
from tests.support.human_client import SEAT, states
from tests.support.screen_in_browser import browser_page

DECISION = {"seat": SEAT, "number": 1, "action": {"kind": "press", "key": "enter"}}


class Door:
    """A door behind which an agent waits for its first decision."""

    def __init__(self):
        self.agent = HumanAgent(patience_s=120)
        self.agent.reset("Do it.", seed=1)
        self.decided: queue.Queue[Decision | RiosimError] = queue.Queue()
        self.port = int(self.agent.url.split(":")[2].split("/")[0])
        self.token = self.agent.url.split("/")[3]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self._ask)
        self.thread.start()
        self.stream = states(self.agent.url)
        while next(self.stream)["phase"] != "your_turn":
            pass

    def _ask(self):
        try:
            screen = Observation(np.zeros((48, 64, 3), np.uint8), "Do it.", 0)
            self.decided.put(self.agent.act(screen))
        except RiosimError as exc:
            self.decided.put(exc)

    def close(self):
        self.stream.close()
        self.agent.close()
        self.thread.join(30)

    def ask(self, method, path, headers=None, body=None, *, host=None):
        """Send a request with exactly these headers; return the status and the body.

        A server that will not read on may cut the line before its answer is through: that is 400.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for one in [f"127.0.0.1:{self.port}"] if host is None else host:
                connection.putheader("Host", one)
            for name, text in (headers or {}).items():
                connection.putheader(name, text)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace"), dict(answer.getheaders())
        except ConnectionResetError:
            return 400, "", {}
        finally:
            connection.close()

    def decide(self, headers=None, body=None, **more):
        given = {"Origin": self.origin, "Content-Type": "application/json"} | (headers or {})
        given = {name: text for name, text in given.items() if text is not None}
        data = json.dumps(DECISION).encode() if body is None else body
        return self.ask("POST", f"/{self.token}/decide", given, data, **more)


@pytest.fixture
def door():
    made = Door()
    yield made
    made.close()


def test_what_is_asked_as_the_page_asks_is_answered(door):
    status, page, headers = door.ask("GET", f"/{door.token}/")
    assert (status, "<title>" in page) == (200, True)
    assert headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers
    assert "server" not in headers
    assert door.decide()[0] == 200
    assert door.decided.get(timeout=30).action == Press(key="enter")


PATHS = [
    "/", "/page.js", "/stream", "/picture/1", "/TOKEN", "/XXXX/", "/TOKENx/", "//TOKEN/",
    "/XXXX/page.js", "/XXXX/picture/1", "/XXXX/tree/1", "/?token=TOKEN", "/%C3%A9/", "/%FF/",
]  # fmt: skip


def test_without_the_token_nothing_is_answered(door):
    for path in PATHS:
        path = path.replace("XXXX", "A" * len(door.token)).replace("TOKENx", door.token[:-1])
        path = path.replace("/TOKEN", f"/{door.token.swapcase()}").replace(
            "=TOKEN", f"={door.token}"
        )
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE"):
            status, said, _ = door.ask(method, path, {"Origin": door.origin}, b"{}")
            assert status in {400, 403}, (method, path)
            assert door.token not in said
            assert "<" not in said
    assert door.decided.empty()


@pytest.mark.parametrize(
    "host",
    [
        [], ["evil.test"], ["127.0.0.1.evil.test"], ["localhost.evil.test:80"], ["0.0.0.0"],  # noqa: S104  # a name to refuse
        ["127.0.0.1@evil.test"], ["evil.test", "127.0.0.1"], ["127.0.0.1", "evil.test"], [""],
        ["127.0.0.1:port"], ["127.1"], ["LOCALHOST.evil.test"], ["[::]"], ["127.0.0.1 evil.test"],
    ],
)  # fmt: skip
def test_a_foreign_name_that_points_here_is_refused(door, host):
    for status, said, _ in (
        door.ask("GET", f"/{door.token}/", host=host),
        door.ask("GET", f"/{door.token}/picture/1", host=host),
        door.decide({"Origin": f"http://{(host or ['evil.test'])[0]}"}, host=host),
    ):
        assert status in {400, 403}
        assert "<" not in said
    assert door.decided.empty()


@pytest.mark.parametrize(
    "origin",
    [
        None, "null", "", "http://evil.test", "http://127.0.0.1", "http://127.0.0.1:1",
        "https://127.0.0.1:PORT", "http://localhost:PORT", "http://127.0.0.1:PORT.evil.test",
        "http://127.0.0.1:PORT/", "http://evil.test http://127.0.0.1:PORT", "file://",
    ],
)  # fmt: skip
def test_a_decision_from_another_origin_is_refused(door, origin):
    given = origin and origin.replace("PORT", str(door.port))
    assert door.decide({"Origin": given})[0] == 403
    if given:
        assert door.ask("GET", f"/{door.token}/picture/1", {"Origin": given})[0] == 403
        assert door.ask("GET", f"/{door.token}/stream?seat=abcdefgh", {"Origin": given})[0] == 403
    assert door.decided.empty()


@pytest.mark.parametrize("site", ["cross-site", "same-site", "weird"])
def test_a_request_that_another_site_causes_is_refused_but_for_a_link(door, site):
    def asked(mode, dest):
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
        return door.ask("GET", f"/{door.token}/", headers)[0]

    assert asked("no-cors", "image") == 403
    assert asked("cors", "empty") == 403
    assert asked("navigate", "iframe") == 403
    assert asked("navigate", "document") == 200
    assert door.decide({"Sec-Fetch-Site": site})[0] == 403
    assert door.decided.empty()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422), (b"{", 422), (b"[]", 422), (b"null", 422), (b"\xff\xfe", 422),
        (b"[" * 100_000, 422), (b'{"a":' * 50_000, 422), (b" " * 600_000, 413),
        (json.dumps(DECISION | {"more": 1}).encode(), 422),
        (json.dumps(DECISION | {"number": "1"}).encode(), 422),
        (json.dumps(DECISION | {"seat": "x"}).encode(), 422),
        (json.dumps(DECISION | {"seat": "another-seat"}).encode(), 409),
        (json.dumps(DECISION | {"number": 2}).encode(), 409),
        (json.dumps(DECISION | {"number": 10**400}).encode(), 409),
        (json.dumps(DECISION | {"action": {"kind": "fly"}}).encode(), 422),
        (json.dumps(DECISION | {"action": {"kind": "press", "key": "\x00"}}).encode(), 422),
        (json.dumps(DECISION | {"thought": "x" * 20_001}).encode(), 422),
        (json.dumps(DECISION | {"thought": "\ud800"}).encode(), 422),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_a_reason_and_decides_nothing(door, body, status):
    got, said, _ = door.decide(body=body)
    assert (got, bool(json.loads(said)["problem"])) == (status, True)
    assert len(said) < 2_000
    assert door.decided.empty()
    assert door.decide()[0] == 200


def test_only_json_is_taken_as_a_form_could_send_text(door):
    for kind in (None, "text/plain", "application/x-www-form-urlencoded", "application/jsonx"):
        assert door.decide({"Content-Type": kind})[0] == 415
    assert door.decided.empty()


@pytest.mark.parametrize(
    "name",
    [
        "../human.py", "..%2fhuman.py", "%2e%2e/human.py", "....//human.py", "page.js/..",
        "%00", "human.py", "__init__.py", "/etc/passwd", "picture/0", "picture/2", "picture/-1",
        "picture/99999999999999999999999", "tree/1",
    ],
)  # fmt: skip
def test_only_the_pages_own_files_and_the_current_picture_are_there(door, name):
    status, said, _ = door.ask("GET", f"/{door.token}/{name}")
    assert status in {404, 403, 400}
    assert not re.search("import|root:", said)


def test_a_half_request_and_noise_leave_the_door_open(door):
    for noise in (b"\x00" * 2_000, b"GET / HT", b"A" * 200_000, b"\x16\x03\x01\x02\x00\x01"):
        with socket.create_connection(("127.0.0.1", door.port), timeout=30) as wire:
            try:
                wire.sendall(noise)
                wire.shutdown(socket.SHUT_WR)
                while wire.recv(65_536):
                    pass
            except OSError:
                continue  # it hung up
    assert door.decide()[0] == 200


def test_only_this_machine_can_reach_it(door):
    served = door.agent._door._socket.getsockname()[0]
    assert served == "127.0.0.1"


def test_two_doors_have_two_tokens_of_enough_chance(door):
    other = HumanAgent()
    other.reset("Do it.", seed=1)
    token = other.url.split("/")[3]
    try:
        assert token != door.token
        assert len(token) >= 32
        assert door.ask("GET", f"/{token}/")[0] == 403
    finally:
        other.close()


@pytest.mark.browser
def test_a_foreign_page_that_knows_the_link_can_neither_see_nor_decide(door):
    page_of_evil = b"<!doctype html><title>evil</title>"

    class Evil(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page_of_evil)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Evil)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with browser_page() as page:
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            seen = page.evaluate(
                """async ([url, body]) => {
                  const tried = async (make) => {
                    try { return await make(); } catch { return null; }
                  };
                  const image = new Image();
                  const drawn = new Promise((done) => {
                    image.onload = () => done("seen"); image.onerror = () => done(null);
                  });
                  image.src = url + "picture/1";
                  const frame = document.createElement("iframe");
                  const framed = new Promise((done) => {
                    frame.onload = () => done(frame.contentDocument?.title);
                  });
                  frame.src = url;
                  document.body.append(frame);
                  const stream = new EventSource(url + "stream?seat=evil-evil");
                  const heard = new Promise((done) => {
                    stream.onmessage = () => done("heard"); stream.onerror = () => done(null);
                  });
                  const types = ["application/json", "text/plain"];
                  const posted = [];
                  for (const mode of ["cors", "no-cors"]) for (const type of types) {
                    posted.push(await tried(async () => (await fetch(url + "decide", {
                      method: "POST", mode, body, headers: { "Content-Type": type } })).status));
                  }
                  return [await drawn, (await framed) || null, await heard, ...posted,
                    await tried(async () => (await fetch(url)).status)];
                }""",
                [door.agent.url, json.dumps(DECISION)],
            )
    finally:
        server.shutdown()
        thread.join(30)
        server.server_close()
    assert all(one in {None, 0} for one in seen), seen  # 0: an answer that it must not read
    assert door.decided.empty()
    assert door.decide()[0] == 200
