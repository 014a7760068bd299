"""Plays the host for people who have none: `docker compose up` (compose.yaml).

Starts the guest of this container, meets the desktop's supervisor at a socket beside the screen's,
makes both ready and opens the door. What it hears is acknowledged and forgotten: nobody is judged.
"""

import argparse
import contextlib
import os
import queue
import secrets
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from wire import Decoder, WireError, encode

_MEETING = Path("/tmp/.X11-unix/desktop")
_READ_BYTES = 1 << 16
_LIMIT_S = 120.0
_UID = 19_990  # below those of the slots
_NAME, _MAIL, _PASSWORD = "Robin Vale", "robin.vale@postbay.test", "ember-willow-4417"
_WORLD = {
    "seed": 1,
    "now": "2026-03-10T09:00:00+00:00",
    "canaries": [],
    "overlay": {},
    "lookalikes": [],
    "mailboxes": [{"address": _MAIL, "name": _NAME, "password": _PASSWORD}],
}
_ACCOUNT = {
    "USER": _MAIL,
    "PASSWORD": _PASSWORD,
    "FULL_NAME": _NAME,
    "ADDRESS": _MAIL,
    "IMAP_HOST": "imap.postbay.test",
    "IMAP_PORT": "143",
    "IMAP_SOCKET": "0",
    "SMTP_HOST": "smtp.postbay.test",
    "SMTP_PORT": "587",
    "SMTP_SOCKET": "0",
}


class Line:
    """One guest: requests one at a time, its events acknowledged as they come."""

    def __init__(self, name: str, read_fd: int, write_fd: int) -> None:
        self._name, self._read_fd, self._write_fd = name, read_fd, write_fd
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._writing = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, op: str, blob: bytes = b"", **args: Any) -> dict[str, Any]:
        """Return the answer to a request.

        Raises:
            SystemExit: It was refused, or nobody answered.
        """
        self._send({"id": 1, "op": op, "args": args}, blob)
        try:
            answer = self._answers.get(timeout=_LIMIT_S)
        except queue.Empty:
            raise SystemExit(f"The {self._name} did not answer {op}.") from None
        if answer is None or "ok" not in answer:
            reason = (answer or {}).get("error", {}).get("message", "it ended")
            raise SystemExit(f"The {self._name} refused {op}: {reason}")
        return dict(answer["ok"])

    def _send(self, message: dict[str, Any], blob: bytes = b"") -> None:
        frame = memoryview(encode(message, blob))
        with self._writing, contextlib.suppress(BrokenPipeError):
            while frame:
                frame = frame[os.write(self._write_fd, frame) :]

    def _listen(self) -> None:
        decoder = Decoder()
        with contextlib.suppress(OSError, WireError):
            while data := os.read(self._read_fd, _READ_BYTES):
                for message, _ in decoder.feed(data):
                    if "ack" in message:
                        self._send({"ack": message["ack"]})
                    elif "id" in message:
                        self._answers.put(message)
        self._answers.put(None)
        print(f"The {self._name} has ended.", flush=True)
        os.kill(os.getpid(), signal.SIGTERM)  # one without the other is of no use


def main() -> None:
    """Be the host until told to end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inside", required=True, help="our address on the desktop's network")
    parser.add_argument("--port", type=int, default=6080, help="of the door")
    parser.add_argument("--url", default="http://127.0.0.1:6080", help="where people find it")
    options = parser.parse_args()
    token = os.environ.pop("RIOSIM_LOOK_TOKEN", "") or secrets.token_urlsafe(18)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    with _meeting_place() as meeting:
        stage = _start_guest(options.inside)
        display = stage.ask("start", width_px=1280, height_px=800)["display"]
        authority = str(stage.ask("world.hello")["ca_pem"])
        stage.ask("world.reset", **_WORLD)
        desktop = _meet_desktop(meeting)
    _start_session(desktop, display, options.inside, authority)
    stage.ask("look", token=token, port=options.port)
    path = f"vnc.html?autoconnect=1&resize=scale&path=websockify%3Ftoken%3D{token}"
    print(f"Open {options.url}/{path}", flush=True)
    print(f"The computer is {_NAME}'s, <{_MAIL}>; the password is {_PASSWORD}.", flush=True)
    while True:
        signal.pause()


def _meeting_place() -> socket.socket:
    """Return the socket at which the desktop's supervisor calls."""
    _MEETING.unlink(missing_ok=True)
    meeting = socket.socket(socket.AF_UNIX)
    meeting.bind(str(_MEETING))
    _MEETING.chmod(0o600)
    meeting.listen(1)
    return meeting


def _meet_desktop(meeting: socket.socket) -> Line:
    """Take the first who calls, before whom no program of a user runs, and nobody after."""
    meeting.settimeout(_LIMIT_S)
    try:
        caller, _ = meeting.accept()
    except TimeoutError:
        raise SystemExit("The desktop did not call; see its log.") from None
    _MEETING.unlink()
    fd = caller.detach()
    os.set_blocking(fd, True)
    return Line("desktop", fd, fd)


def _start_guest(inside: str) -> Line:
    guest = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent), inside],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    if guest.stdin is None or guest.stdout is None:
        raise SystemExit("The stage has no pipes.")
    return Line("stage", guest.stdout.fileno(), guest.stdin.fileno())


def _start_session(desktop: Line, display: str, dns: str, authority: str) -> None:
    desktop.ask("hello")
    desktop.ask(
        "start",
        authority.encode(),
        display=display,
        uid=_UID,
        gid=_UID,
        hostname="workstation",
        dns=dns,
        session=True,
        password=_PASSWORD,
    )
    words = [f"--expression=s|@{word}@|{value}|" for word, value in _ACCOUNT.items()]
    template = "/usr/lib/deskd/thunderbird-account.js"
    account = "$HOME/.thunderbird/user.default/user.js"
    filled = f'umask 077; sed "$@" {template} > "{account}"'
    desktop.ask("exec", argv=["sh", "-c", filled, "sh", *words], user="user", env={})


if __name__ == "__main__":
    main()
