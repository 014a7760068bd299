"""A program that stands for a Chromium inside a container: Playwright starts it on the host.

Playwright talks to a browser over descriptors 3 and 4. This program starts the real one by the
engine's exec, its descriptors 3 and 4 being the exec's standard input and output, and carries the
bytes to and fro. It ends when either side does, and so does the browser, whose input then closes:
there is no port, and nothing to clean up. It imports no more than it needs, because every episode
of a browser task waits for it.

Its arguments are Playwright's; what to start, and where, is in the variable `RIOSIM_EXEC_PIPE`.
"""

import json
import os
import socket
import struct
import sys
import threading
import time
from typing import Any, Final

__all__ = ["CARRIED", "VARIABLE"]

VARIABLE: Final = "RIOSIM_EXEC_PIPE"
"""JSON: container, user, environment, folder, profile (a folder), program, answer_s (a limit)."""
CARRIED: Final = ("DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "HOME")
"""Variables by which this program finds the same engine."""

_FROM_PLAYWRIGHT: Final = 3
_TO_PLAYWRIGHT: Final = 4
_STDOUT: Final = 1
_HEAD: Final = struct.Struct(">BxxxI")
_CHUNK: Final = 1 << 16
_ENGINE_S: Final = 60
# The kernel shall take the browser before the supervisor where memory is short.
_BECOME: Final = (
    "echo 500 > /proc/self/oom_score_adj; ulimit -c 0; umask 022; "
    'exec "$@" 3<&0 4>&1 </dev/null >&2'
)


def _main() -> int:
    settings = json.loads(os.environ[VARIABLE])
    engine = _start(settings, [_moved(word, settings["profile"]) for word in sys.argv[1:]])
    patience = _Patience(float(settings["answer_s"]))
    for carry in (_carry_in, _watch):
        threading.Thread(target=carry, args=(engine, patience), daemon=True).start()
    _carry_out(engine, patience)
    return 0


class _Patience:
    """How long a browser that was asked something may say nothing at all."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self._asked: float | None = None

    def ask(self) -> None:
        """Playwright said something."""
        if self._asked is None:
            self._asked = time.monotonic()

    def hear(self) -> None:
        """The browser said something."""
        self._asked = None

    def is_over(self) -> bool:
        """Whether the limit has passed."""
        asked = self._asked
        return asked is not None and time.monotonic() - asked > self.limit_s


def _moved(word: str, profile: str) -> str:
    """Return the switch; the profile's folder is one of the container, not of the host."""
    return f"--user-data-dir={profile}" if word.startswith("--user-data-dir=") else word


def _start(settings: dict[str, Any], switches: list[str]) -> socket.socket:
    """Start the browser; return the socket that carries its standard streams."""
    import docker

    api = docker.from_env(timeout=_ENGINE_S).api
    made = api.exec_create(
        settings["container"],
        ["/bin/sh", "-c", _BECOME, "browser", settings["program"], *switches],
        stdin=True,
        stdout=True,
        stderr=True,
        user=settings["user"],
        environment=settings["environment"],
        workdir=settings["folder"],
    )
    attached: Any = api.exec_start(made["Id"], socket=True)
    raw = getattr(attached, "_sock", attached)
    if type(raw) is not socket.socket:
        sys.exit(f"A browser cannot be driven over a {type(raw).__name__}.")
    engine = socket.socket(fileno=raw.detach())  # the SDK would close it with its pool
    engine.settimeout(None)
    return engine


def _carry_in(engine: socket.socket, patience: _Patience) -> None:
    """Carry what Playwright says to the browser; the end of it ends everything."""
    try:
        while data := os.read(_FROM_PLAYWRIGHT, _CHUNK):
            patience.ask()
            engine.sendall(data)
    finally:
        engine.close()
        os._exit(0)


def _watch(engine: socket.socket, patience: _Patience) -> None:
    """End everything when the browser hangs: Playwright itself would wait for ever."""
    del engine
    over = threading.Event()
    while not over.wait(1.0):
        if patience.is_over():
            sys.stderr.write(f"The browser said nothing for {patience.limit_s:g} s.\n")
            sys.stderr.flush()
            os._exit(1)


def _carry_out(engine: socket.socket, patience: _Patience) -> None:
    """Carry what the browser says to Playwright, and its complaints to standard error."""
    stream = engine.makefile("rb")
    while head := stream.read(_HEAD.size):
        patience.hear()
        kind, length = _HEAD.unpack(head)
        view = memoryview(stream.read(length))
        target = _TO_PLAYWRIGHT if kind == _STDOUT else sys.stderr.fileno()
        while view:
            view = view[os.write(target, view) :]


if __name__ == "__main__":
    sys.exit(_main())
