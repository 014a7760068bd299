"""A desktop beside a stage, started from the images but without our programs in them.

So these tests say what the images alone do: the stage runs an X server and a resolver that knows
nothing and writes down what it was asked; the desktop runs the session's programs as `user`.
"""

import io
import json
import secrets
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any

import docker
import numpy as np
import pytest

from riosim.clock import SystemClock, wait_until
from riosim_envs.desktop_container import CAPABILITIES, X_SOCKETS, seccomp_profile
from riosim_envs.image import image_status
from tests.support.require import do_without, require

_SESSION = """
export DISPLAY=:1 HOME=/home/user USER=user XDG_RUNTIME_DIR=/run/user/1000 XDG_CURRENT_DESKTOP=XFCE
export XDG_MENU_PREFIX=xfce- DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus LANG=C.UTF-8
export PATH=/usr/local/bin:/usr/bin:/bin
"""
_PARTS = """
dbus-daemon --session --nofork --nopidfile --address=$DBUS_SESSION_BUS_ADDRESS &
while [ ! -e $XDG_RUNTIME_DIR/bus ]; do :; done
/usr/libexec/at-spi-bus-launcher --launch-immediately --a11y=1 &
xfsettingsd --disable-daemon &
xfwm4 --compositor=off &
xfdesktop --disable-wm-check &
exec xfce4-panel --disable-wm-check
"""
_RESOLVER = """
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("0.0.0.0", 53))
while True:
    asked, sender = sock.recvfrom(2048)
    names, at = [], 12
    while asked[at]:
        names.append(asked[at + 1 : at + 1 + asked[at]].decode())
        at += 1 + asked[at]
    with open("/tmp/asked", "a") as log:
        log.write(".".join(names) + "\\n")
    header = asked[:2] + b"\\x81\\x83" + asked[4:6] + bytes(6)
    sock.sendto(header + asked[12 : at + 5], sender)
"""


@dataclass(frozen=True)
class Machine:
    """A stage and a desktop that share a screen."""

    stage: Any
    desktop: Any

    def run(self, command: str, *, user: str = "user") -> tuple[int, str]:
        """Run a shell command in the desktop's session; return status and output."""
        result = self.desktop.exec_run(["sh", "-c", _SESSION + command], user=user)
        return result.exit_code, result.output.decode(errors="replace")

    def start(self, command: str) -> None:
        """Start a program in the session and do not wait for it."""
        argv = ["sh", "-c", f"{_SESSION}cd; exec {command} >/tmp/started.log 2>&1"]
        self.desktop.exec_run(argv, user="user", detach=True)

    def windows(self) -> list[str]:
        """Return the titles of the windows that the window manager looks after."""
        listed = self.stage.exec_run(
            ["sh", "-c", "DISPLAY=:1 xprop -root _NET_CLIENT_LIST | tr -d ',' | cut -d'#' -f2-"]
        ).output.decode()
        return [self._property(window) for window in listed.split() if window.startswith("0x")]

    def _property(self, window: str) -> str:
        asked = f"DISPLAY=:1 xprop -id {window} _NET_WM_WINDOW_TYPE _NET_WM_NAME"
        return str(self.stage.exec_run(["sh", "-c", asked]).output.decode())

    def application_windows(self) -> list[str]:
        """Return the windows that are neither panel nor desktop."""
        return [each for each in self.windows() if "_DOCK" not in each and "_DESKTOP" not in each]

    def frame(self) -> "np.ndarray[Any, Any]":
        """Return the screen's pixels."""
        data = self.stage.exec_run(["cat", "/tmp/Xvfb_screen0"]).output
        head = np.frombuffer(data[:100], dtype=">u4")
        width, height, line_bytes = int(head[4]), int(head[5]), int(head[12])
        start = int(head[0]) + int(head[19]) * 12
        pixels = np.frombuffer(data, np.uint8, line_bytes * height, start)
        return pixels.reshape(height, line_bytes // 4, 4)[:, :width, :3]

    def looked_up(self) -> list[str]:
        """Return the names that anything asked for so far."""
        output = self.stage.exec_run(["sh", "-c", "cat /tmp/asked 2>/dev/null"]).output
        return str(output.decode()).split()

    def wait(self, fact: Any, what: str, timeout_s: float = 120.0) -> None:
        """Wait for a fact; the message says what was on the screen instead."""
        if not wait_until(fact, clock=SystemClock(), timeout_s=timeout_s):
            pytest.fail(f"{what} did not come true within {timeout_s:g} s; {self.windows()}")


def _put(container: Any, name: str, text: str) -> None:
    spool = io.BytesIO()
    with tarfile.open(fileobj=spool, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(text.encode())
        info.mode = 0o755
        tar.addfile(info, io.BytesIO(text.encode()))
    container.put_archive("/tmp", spool.getvalue())


@pytest.fixture(scope="session")
def client() -> Iterator[docker.DockerClient]:
    """An engine that has the current images."""
    require("docker")
    with closing(docker.from_env(timeout=600)) as connected:
        stale = [s.name for s in image_status(connected) if s.state != "current"]
        if stale:
            do_without("docker", f"images are stale: {', '.join(stale)}; run `riosim image build`")
        yield connected


@pytest.fixture(scope="session")
def tags(client: docker.DockerClient) -> dict[str, str]:
    """The tag of each image."""
    return {status.name: status.tag for status in image_status(client)}


@contextmanager
def fresh_machine(client: docker.DockerClient, tags: dict[str, str]) -> Iterator[Machine]:
    """A stage and a desktop with its session."""
    name = f"image-test-{secrets.token_hex(4)}"
    with ExitStack() as stack:
        volume = client.volumes.create(name)
        stack.callback(volume.remove, force=True)
        network = client.networks.create(name, internal=True)
        stack.callback(network.remove)
        shared: dict[str, Any] = {
            "detach": True,
            "cap_drop": ["ALL"],
            "network": name,
        }
        stage = client.containers.run(
            tags["stage"],
            entrypoint=["sh", "-c"],
            command=["Xvfb :1 -screen 0 1280x800x24 -fbdir /tmp -nolisten tcp -ac -noreset"],
            volumes={name: {"bind": X_SOCKETS, "mode": "rw"}},
            security_opt=["no-new-privileges"],
            **shared,
        )
        stack.callback(stage.remove, force=True, v=True)
        _put(stage, "resolver.py", _RESOLVER)
        stage.exec_run(["python3", "/tmp/resolver.py"], detach=True)
        stage.reload()
        address = stage.attrs["NetworkSettings"]["Networks"][name]["IPAddress"]
        seccomp = json.dumps(json.loads(seccomp_profile() or "{}"))
        desktop = client.containers.run(
            tags["desktop"],
            entrypoint=["sleep"],
            command=["infinity"],
            volumes={name: {"bind": X_SOCKETS, "mode": "ro"}},
            cap_add=list(CAPABILITIES),
            security_opt=["no-new-privileges", f"seccomp={seccomp}"],
            shm_size="128m",
            **shared,
        )
        stack.callback(desktop.remove, force=True, v=True)
        both = Machine(stage, desktop)
        both.run(
            f"echo nameserver {address} > /etc/resolv.conf; install -d -o user /run/user/1000",
            user="root",
        )
        _put(desktop, "parts.sh", f"#!/bin/sh\n{_SESSION}{_PARTS}")
        both.wait(lambda: stage.exec_run(["test", "-S", "/tmp/.X11-unix/X1"]).exit_code == 0, "X")
        both.start("/tmp/parts.sh")
        both.wait(lambda: len(both.windows()) >= 2, "panel and desktop")
        yield both


@pytest.fixture
def machine(client: docker.DockerClient, tags: dict[str, str]) -> Iterator[Machine]:
    """A machine for one test."""
    with fresh_machine(client, tags) as made:
        yield made


@pytest.fixture(scope="module")
def shared_machine(client: docker.DockerClient, tags: dict[str, str]) -> Iterator[Machine]:
    """A machine for tests that leave it as it was."""
    with fresh_machine(client, tags) as made:
        yield made
