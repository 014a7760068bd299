"""The embedded sandbox shows no file, secret or service of the host, whatever the agent decides."""

import os
import socket
import threading
from pathlib import Path

import pytest

from riosim.action import Goto, Hotkey, NewTab, Press, RunPython, parse_action
from riosim.errors import InvalidActionError
from riosim.session import Session, SessionSettings
from riosim.task.library import default_library
from riosim_envs.chromium import UNPRIVILEGED_ID
from riosim_envs.embedded_sandbox import EmbeddedSandbox
from riosim_envs.reach import host_addresses

pytestmark = pytest.mark.browser

SECRET = "kept-from-the-browser-31337"
TASK = "phishing_web/archive-search-title-01"


@pytest.fixture(scope="module")
def sandbox():
    os.environ["RIOSIM_SECRET_OF_THE_HOST"] = SECRET
    try:
        with EmbeddedSandbox() as opened:
            yield opened
    finally:
        del os.environ["RIOSIM_SECRET_OF_THE_HOST"]


@pytest.fixture(scope="module")
def session(sandbox):
    settings = SessionSettings(max_steps=1_000)
    session = Session(default_library()[TASK], sandbox, seed=1, settings=settings)
    try:
        session.begin()
        yield session
    finally:
        session.close()


class Listener:
    """A service of the host that counts its visitors."""

    def __init__(self, family: int, address: str) -> None:
        self._socket = socket.create_server((address, 0), family=family)
        self.port = self._socket.getsockname()[1]
        self.n_visits = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.n_visits += 1
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhost")
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "view-source:file:///etc/hostname",
        "view-source:https://paperhaven.test/",
        "chrome://version",
        "chrome-untrusted://print",
        "devtools://devtools/bundled/inspector.html",
        "data:text/html,<h1>hello",
        "javascript:document.body.innerHTML='x'",
        "blob:https://paperhaven.test/1",
        "filesystem:https://paperhaven.test/temporary/x",
        "about:blank",
        "/etc/passwd",
        " file:///etc/passwd",
    ],
)
@pytest.mark.parametrize("kind", [Goto, NewTab])
def test_only_http_and_https_can_be_loaded(session, url, kind):
    with pytest.raises(InvalidActionError):
        parse_action({"kind": kind.model_fields["kind"].default, "url": url})
    before = session.advance(Press(key="tab")).observation
    result = session.advance(kind.model_construct(url=url))  # past the schema: the second wall
    assert not result.valid
    assert "root:" not in result.observation.accessibility_tree
    assert result.observation.url == before.url


def test_a_page_cannot_lead_to_a_file(session):
    page = session.machine.controller._current
    before = page.url
    page.evaluate("location.href = 'file:///etc/passwd'")
    page.evaluate("window.open('file:///etc/passwd')")
    observation = session.advance(Press(key="tab")).observation
    assert "root:" not in observation.accessibility_tree
    assert page.url == before


@pytest.mark.parametrize("family", ["v4", "v6"])
def test_no_service_of_the_host_is_reached(session, family):
    if family == "v6":
        listener = Listener(socket.AF_INET6, "::")
        hosts = ["[::1]"]
    else:
        listener = Listener(socket.AF_INET, "0.0.0.0")  # noqa: S104  # what it must not reach
        hosts = ["127.0.0.1", "localhost", "127.1", "0.0.0.0", socket.gethostname()]  # noqa: S104  # names of this host
        hosts += [one for one in host_addresses() if ":" not in one]
    try:
        for host in hosts:
            session.advance(Goto(url=f"http://{host}:{listener.port}/"))
            session.advance(Goto(url=f"https://{host}:{listener.port}/"))
        assert listener.n_visits == 0
        socket.create_connection(("127.0.0.1" if family == "v4" else "::1", listener.port)).close()
        wait = threading.Event()
        while listener.n_visits == 0:  # the listener does count
            wait.wait(0.01)
    finally:
        listener.close()


def test_code_of_the_agent_is_never_run(session, tmp_path):
    mark = tmp_path / "mark"
    result = session.advance(RunPython(code=f"open({str(mark)!r}, 'w')"))
    assert not result.valid
    assert "runs no code" in result.error
    assert not mark.exists()


@pytest.mark.parametrize(
    "keys", [("ctrl", "o"), ("ctrl", "s"), ("ctrl", "shift", "i"), ("ctrl", "u")]
)
def test_dialogs_and_tools_of_the_browser_stay_shut(session, keys):
    assert not session.advance(Hotkey(keys=keys)).valid


def processes_of_the_browser() -> list[Path]:
    """Those of the user that a root starts it as, or of ours that serve a headless Chromium."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            is_its = path.stat().st_uid == UNPRIVILEGED_ID or (
                os.geteuid() != 0 and b"--headless" in (path / "cmdline").read_bytes()
            )
        except OSError:
            continue
        if is_its:
            found.append(path)
    return found


def test_the_browser_has_its_own_sandbox_no_root_and_no_secret(session):
    browsers = processes_of_the_browser()
    assert browsers
    n_renderers = 0
    for path in browsers:
        words = (path / "cmdline").read_bytes()
        assert b"--no-sandbox" not in words
        assert SECRET.encode() not in (path / "environ").read_bytes()
        status = (path / "status").read_text()
        uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
        assert "0" not in uids
        if b"--type=renderer" in words:
            n_renderers += 1
            assert "Seccomp:\t2" in status
    assert n_renderers
