"""A person may look with the token, from our own page, from outside; nobody else may."""

import base64
import contextlib
import http.client
import socket
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.stage.guest_on_stage import RefusedError, Stage
from tests.support.echo_image import real_image
from tests.support.require import require

pytestmark = pytest.mark.docker

TOKEN = "a-token-of-some-length"


def docker(*argv: str) -> str:
    done = subprocess.run(["docker", *argv], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def networks() -> Iterator[tuple[str, str]]:
    require("docker")
    inner, outer = (f"riosim-dev-{name}-{uuid.uuid4().hex[:8]}" for name in ("in", "out"))
    docker("network", "create", "--internal", inner)
    docker("network", "create", outer)
    yield inner, outer
    docker("network", "rm", inner, outer)


@pytest.fixture
def stage(tmp_path: Path, networks: tuple[str, str]) -> Iterator[Stage]:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    started = Stage(tmp_path / "riosim", image=real_image("stage"), network=networks[0])
    try:
        started.ask("start")
        yield started
    finally:
        started.close()


def address(stage: Stage, network: str) -> str:
    form = f'{{{{(index .NetworkSettings.Networks "{network}").IPAddress}}}}'
    return docker("inspect", "--format", form, stage.name)


def knock(host: str, port: int, token: str, origin: str) -> bytes:
    """Ask for a web socket; return all that comes until the screen greets or the line closes."""
    key = base64.b64encode(b"sixteen letters.").decode()
    heard = b""
    with socket.create_connection((host, port), timeout=5) as line:
        line.sendall(
            f"GET /websockify?token={token} HTTP/1.1\r\nHost: {host}:{port}\r\n"
            f"Origin: {origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: binary\r\n\r\n".encode()
        )
        with contextlib.suppress(ConnectionResetError):
            while b"RFB" not in heard and (part := line.recv(4_096)):
                heard += part
    return heard


def test_without_a_second_network_there_is_no_door(stage: Stage):
    with pytest.raises(RefusedError) as refused:
        stage.ask("look", token=TOKEN)
    assert refused.value.kind == "not_found"


def test_only_the_token_on_our_own_page_opens_the_screen(stage: Stage, networks: tuple[str, str]):
    docker("network", "connect", networks[1], stage.name)
    host = address(stage, networks[1])
    port = int(stage.ask("look", token=TOKEN)["port"])
    own = f"http://{host}:{port}"
    page = http.client.HTTPConnection(host, port, timeout=5)
    page.request("GET", "/vnc.html")
    assert b"<html" in page.getresponse().read()
    page.close()
    assert b"RFB 003" in knock(host, port, TOKEN, own)
    assert b"RFB" not in knock(host, port, TOKEN + "x", own)
    assert b"403" in knock(host, port, TOKEN, "http://shop.test")


def test_the_agents_network_has_no_door_and_a_reset_closes_it(
    stage: Stage, networks: tuple[str, str]
):
    docker("network", "connect", networks[1], stage.name)
    port = int(stage.ask("look", token=TOKEN)["port"])
    listening = docker("exec", stage.name, "cat", "/proc/net/tcp", "/proc/net/tcp6").splitlines()
    ours = [
        line.split() for line in listening if len(line.split()) > 7 and line.split()[7] == "10001"
    ]
    host = address(stage, networks[1])
    packed = socket.inet_aton(host)[::-1].hex().upper()
    assert [row[1] for row in ours if row[3] == "0A"] == [f"{packed}:{port:04X}"]
    stage.ask("reset")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, port), timeout=5).close()
