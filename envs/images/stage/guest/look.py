"""A door for people: the screen in a browser, on the stage's second network only."""

import fcntl
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

from channel import RefusalError
from reaper import wait_for_it_ourselves
from xserver import DISPLAY

__all__ = ["Look"]

_PAGES = Path("/usr/share/novnc")
_VNC = "X0tigervnc"
_SOCKET = Path("/tmp/.look")
_LIMIT_S = 5.0
_GET_ADDRESS = 0x8915  # SIOCGIFADDR


class Look:
    """Serves the screen to a person who has the token; what they do is input like any other."""

    def __init__(self, inside: str | None = None) -> None:
        self._inside = inside
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, token: str, port: int = 0) -> dict[str, int]:
        """Open the door on that port, 0 for a free one; a second call changes the lock.

        Raises:
            RefusalError: The image has no tools for it, or the stage has no second network.
        """
        self.stop()
        if not _PAGES.is_dir() or shutil.which(_VNC) is None:
            raise RefusalError("not_found", f"This image has no {_VNC} or no noVNC in {_PAGES}.")
        if len(token) < 16 or not token.isascii():
            raise RefusalError("bad_request", "The token must have 16 ASCII characters or more.")
        try:
            return {"port": self._open(token, port)}
        except (OSError, RefusalError):
            self.stop()
            raise

    def stop(self) -> None:
        """Close the door."""
        for process in self._processes:
            process.kill()
            process.wait()
        self._processes = []
        _SOCKET.unlink(missing_ok=True)

    def _open(self, token: str, port: int) -> int:
        with socket.create_server((_second_address(self._inside), port)) as listener:
            fd = listener.fileno()
            self._run([_VNC, *_vnc_options()])
            _wait_for_socket()
            door = [sys.executable, str(Path(__file__).with_name("door.py")), str(fd), str(_SOCKET)]
            process = self._run(door, fd=fd)
            if process.stdin is not None:
                process.stdin.write(token.encode())
                process.stdin.close()
            return int(listener.getsockname()[1])

    def _run(self, argv: list[str], *, fd: int | None = None) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE if fd is not None else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[] if fd is None else [fd],
            env={**os.environ, "DISPLAY": DISPLAY},
        )
        wait_for_it_ourselves(process.pid)
        self._processes.append(process)
        return process


def _vnc_options() -> list[str]:
    """Return how the screen is served: to our door alone, which asks for the token."""
    shared = ("-AcceptSetDesktopSize=0", "-AlwaysShared=1")
    private = ("-rfbport", "-1", "-rfbunixpath", str(_SOCKET), "-SecurityTypes", "None")
    return ["-display", DISPLAY, *private, *shared]


def _wait_for_socket() -> None:
    deadline = time.monotonic() + _LIMIT_S
    while not _SOCKET.is_socket():
        if time.monotonic() > deadline:
            raise RefusalError("timeout", f"{_VNC} did not serve the screen in {_LIMIT_S:g} s.")
        select.select([], [], [], 0.02)


def _second_address(inside: str | None) -> str:
    """Return the address on the network that the desktop is not on.

    INSIDE is the address on the desktop's; where nobody said, that network was joined first.
    """
    names = [name for _, name in sorted(socket.if_nameindex()) if name != "lo"]
    addresses = [address for name in names if (address := _address(name))]
    if len(addresses) < 2:
        raise RefusalError(
            "not_found", "The stage is on one network only; connect it to a second one first."
        )
    return next(one for one in reversed(addresses) if one != inside)


def _address(name: str) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            reply = fcntl.ioctl(asked, _GET_ADDRESS, struct.pack("256s", name.encode()[:15]))
        except OSError:
            return ""  # it has no address
    return socket.inet_ntoa(reply[20:24])
