"""A door to the Docker engine that can be shut, as if the engine had died, and opened again."""

import contextlib
import os
import socket
import threading
from pathlib import Path
from typing import Self

__all__ = ["EngineProxy"]

_CHUNK = 2**16


class EngineProxy:
    """Listens on a socket of its own and passes everything on to the engine, until it is shut."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
        self._listener: socket.socket | None = None
        self._lines: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        """What `DOCKER_HOST` has to be."""
        return f"unix://{self.path}"

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shut()

    def open(self) -> None:
        """Let connections in."""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        """Cut every connection and let none in."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        self.path.unlink()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        with self._lock:
            lines, self._lines = self._lines, set()
        for line in lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                ours, _ = listener.accept()
                theirs = socket.socket(socket.AF_UNIX)
                theirs.connect(self._engine.removeprefix("unix://"))
                with self._lock:
                    self._lines |= {ours, theirs}
                for source, target in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=_pass_on, args=(source, target), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
