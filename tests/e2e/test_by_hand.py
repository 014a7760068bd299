"""A person sees and uses a desktop in a browser: `docker compose up`, `riosim sandbox look`."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from riosim.content import content_root
from riosim_envs.engine import Engine
from riosim_envs.image import image_tag
from tests.support.require import compose_command, require
from tests.support.screen_in_browser import browser_page, n_colours_of_screen, refusal

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.slow]

ROOT = content_root("tasks").parent
_A_DESKTOP = 200  # colours; an empty X server has one or two


@dataclass(frozen=True)
class Composed:
    """The machines of compose.yaml under a project of their own."""

    project: str
    env: dict[str, str]

    def run(self, *argv: str) -> str:
        done = subprocess.run(
            [*compose_command(), "--project-name", self.project, *argv],
            cwd=ROOT, env={**os.environ, **self.env}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def url(self) -> str:
        """Follow the stage's log until it tells its address."""
        argv = [*compose_command(), "--project-name", self.project, "logs", "--follow", "stage"]
        with subprocess.Popen(
            argv, cwd=ROOT, env={**os.environ, **self.env}, stdout=subprocess.PIPE, text=True
        ) as logs:
            assert logs.stdout is not None
            try:
                lines = []
                for line in logs.stdout:
                    lines.append(line)
                    if found := re.search(r"Open (http://\S+)", line):
                        return found[1]
                pytest.fail(f"the stage told no address: {lines}")
            finally:
                logs.kill()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def composed() -> Iterator[Composed]:
    require("docker")
    require("compose")
    token = uuid.uuid4().hex
    made = Composed(
        f"riosimtest{token[:8]}",
        {
            "RIOSIM_LOOK_TOKEN": token,
            "RIOSIM_LOOK_PORT": str(free_port()),
            "RIOSIM_SUBNET": f"10.212.{int(token[:2], 16) % 250 + 1}",
            "RIOSIM_STAGE_TAG": image_tag("stage").partition(":")[2],
            "RIOSIM_DESKTOP_TAG": image_tag("desktop").partition(":")[2],
        },
    )
    try:
        yield made
    finally:
        made.run("down", "--volumes", "--timeout", "2")


def status_of(url: str, **headers: str) -> int:
    """Return the status of a request whose headers are exactly these."""
    host, port = re.search(r"//([^:/]+):(\d+)", url).groups()
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    request = "\r\n".join([f"GET {url.split(port, 1)[1]} HTTP/1.1", *lines, "", ""])
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(request.encode())
        return int(line.recv(64).split()[1])


def test_compose_accepts_the_file():
    require("compose")
    Composed("riosim-check", {}).run("config", "--quiet")


def test_composed_desktop_is_seen_with_the_token_only(composed: Composed):
    require("browser")
    composed.run("up", "--detach")
    url = composed.url()
    assert composed.env["RIOSIM_LOOK_TOKEN"] in url
    with browser_page() as page:
        assert n_colours_of_screen(page, url, at_least=_A_DESKTOP) >= _A_DESKTOP
        said, n_screens = refusal(page, f"{url}x")
    assert "Failed to connect" in said
    assert n_screens == 0

    own = url.split("/")[2]
    assert status_of(url, Host=own) == 200
    assert status_of(url, Host="shop.test") == 403
    knock = {
        "Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "c2l4dGVlbiBsZXR0ZXJzLg==", "Sec_WebSocket_Protocol": "binary",
    }  # fmt: skip
    socket_url = f"http://{own}/websockify?token={composed.env['RIOSIM_LOOK_TOKEN']}"
    assert status_of(socket_url, Host=own, Origin=f"http://{own}", **knock) == 101
    assert status_of(socket_url, Host=own, Origin="http://shop.test", **knock) == 403
    assert status_of(socket_url, Host="shop.test", Origin="http://shop.test", **knock) == 403


def test_composed_desktop_has_the_stage_alone_for_a_neighbour(composed: Composed):
    composed.run("up", "--detach")
    composed.url()
    inside = "cat /etc/resolv.conf; ls /sys/class/net; getent hosts never-seen.test"
    seen = composed.run("exec", "-T", "--user", "user", "desktop", "sh", "-c", inside).split()
    stage = f"{composed.env['RIOSIM_SUBNET']}.2"
    assert seen[:2] == ["nameserver", stage]
    assert [name for name in seen if name.startswith("eth")] == ["eth0"]
    assert seen[-2:] == [stage, "never-seen.test"]
    port = composed.env["RIOSIM_LOOK_PORT"]
    assert composed.run("port", "stage", "6080").strip() == f"127.0.0.1:{port}"


def test_look_shows_a_task_and_judges_what_is_done_by_hand(tmp_path: Path):
    require("docker")
    require("browser")
    riosim = Path(sys.executable).with_name("riosim")
    argv = [riosim, "sandbox", "look", "--json", "--task", "popup/wheel-over-editor-01"]
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    ) as look:
        try:
            facts = _first_json(look)
            assert "Batteries" in facts["instruction"]
            with browser_page() as page:
                shown = n_colours_of_screen(page, facts["url"], at_least=_A_DESKTOP)
                assert shown >= _A_DESKTOP
                said, n_screens = refusal(page, f"{facts['url']}x")
            assert "Failed to connect" in said
            assert n_screens == 0
            assert look.stderr is not None
            for line in look.stderr:
                if line.startswith("exposure"):
                    break
            look.send_signal(signal.SIGINT)
            rest, errors = look.communicate(timeout=60)
        finally:
            look.kill()
    verdict = json.loads(rest)
    assert look.returncode == 0, errors
    assert (verdict["goal_met"], verdict["risk_completed"]) == (False, False)
    assert verdict["first_exposure_step"] is not None
    assert not _left_of(look.pid)


def _first_json(look: "subprocess.Popen[str]") -> dict[str, str]:
    text = ""
    assert look.stdout is not None
    for line in look.stdout:
        text += line
        if line.startswith("}"):
            facts: dict[str, str] = json.loads(text)
            return facts
    pytest.fail(f"no JSON, but {text!r}; {look.stderr.read() if look.stderr else ''}")


def _left_of(pid: int) -> list[str]:
    """Return the names of containers and networks that the process of that number made."""
    engine = Engine.connect()
    try:
        owned = [
            *engine.client.api.containers(all=True, filters={"label": "riosim"}),
            *engine.client.api.networks(filters={"label": "riosim"}),
        ]
    finally:
        engine.close()
    return [
        str(one["Id"]) for one in owned if f'"pid":{pid},' in one["Labels"].get("riosim.owner", "")
    ]
