"""The private line to the host: frames on a descriptor that no child inherits."""

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

from wire import Decoder, encode

__all__ = ["Channel", "RefusalError"]

_READ_BYTES = 1 << 16


class RefusalError(Exception):
    """An operation that cannot be done; `kind` is one of the wire's four."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Channel:
    """Reads requests and writes answers and events; safe to write from any thread."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._lock = threading.Lock()

    @classmethod
    def take_over_standard_streams(cls) -> "Channel":
        """Move standard input and output away, so that what children print goes to stderr."""
        read_fd, write_fd = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)
        return cls(read_fd, write_fd)

    def messages(self) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Yield what the host sends until it closes the line.

        Raises:
            WireError: The host sent something that is no frame.
        """
        decoder = Decoder()
        while data := os.read(self._read_fd, _READ_BYTES):
            yield from decoder.feed(data)

    def send(self, message: dict[str, Any], blob: bytes = b"") -> None:
        """Write one frame, whole."""
        frame = memoryview(encode(message, blob))
        with self._lock:
            while frame:
                frame = frame[os.write(self._write_fd, frame) :]

    def answer(self, request_id: Any, result: dict[str, Any], blob: bytes = b"") -> None:
        """Answer a request."""
        self.send({"id": request_id, "ok": result}, blob)

    def refuse(self, request_id: Any, kind: str, message: str) -> None:
        """Answer a request with a reason why not."""
        self.send({"id": request_id, "error": {"kind": kind, "message": message[:2_000]}})

    def event(self, kind: str, actor: str, data: dict[str, Any]) -> None:
        """Tell the host what was seen."""
        self.send(
            {
                "event": {
                    "source": "stage",
                    "kind": kind,
                    "actor": actor,
                    "t_ns": time.monotonic_ns(),
                    "data": data,
                }
            }
        )
