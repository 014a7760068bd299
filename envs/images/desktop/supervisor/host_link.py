"""The supervisor's end of the wire: requests in, answers and events out, in order.

Standard output is private to the protocol: it is moved away at start and replaced by standard
error, so that no child and no stray print can write a frame.
"""

import asyncio
import collections
import os
import sys
import time
from collections.abc import Callable
from typing import Any, Literal

import wire

_READ_BYTES = 1 << 18
_QUEUE_BYTES = 16 << 20  # of events that nobody must acknowledge
_ACK_TIMEOUT_S = 2.0

Acknowledged = Literal["known", "late"]
Request = Callable[[dict[str, Any], bytes], None]


def take_standard_streams() -> tuple[int, int]:
    """Move the protocol's files away from 0 and 1; returns (input, output)."""
    source, sink = os.dup(0), os.dup(1)
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    sys.stdout = sys.stderr
    for fd in (source, sink):
        os.set_blocking(fd, False)
    return source, sink


class HostLink:
    """Frames to and from the host; never blocks, and never queues without bound."""

    def __init__(self, source: int, sink: int, loop: asyncio.AbstractEventLoop) -> None:
        self._source, self._sink, self._loop = source, sink, loop
        self._decoder = wire.Decoder()
        self._queue: collections.deque[memoryview] = collections.deque()
        self._queued_bytes = 0
        self._writing = False
        self._acks: dict[int, tuple[Callable[[Acknowledged], None], asyncio.TimerHandle]] = {}
        self._next_ack = 1
        self._dropped = 0
        self.closed: asyncio.Future[str] = loop.create_future()

    def listen(self, on_request: Request) -> None:
        """Hand every request to the function from now on."""
        self._on_request = on_request
        self._loop.add_reader(self._source, self._read)

    def answer(self, number: Any, ok: dict[str, Any], blob: bytes = b"") -> None:
        """Answer a request."""
        try:
            self._send(wire.encode({"id": number, "ok": ok}, blob))
        except wire.WireError as exc:
            self.refuse(number, "failed", str(exc))

    def refuse(self, number: Any, kind: str, message: str) -> None:
        """Answer a request with a refusal."""
        error = {"kind": kind, "message": message[:4000]}
        self._send(wire.encode({"id": number, "error": error}))

    def event(self, kind: str, actor: str, data: dict[str, Any]) -> None:
        """Send evidence that nobody waits for; counted, not kept, where the host is too slow."""
        if self._queued_bytes > _QUEUE_BYTES:
            self._dropped += 1
            return
        if self._dropped:
            lost, self._dropped = self._dropped, 0
            self.event("system.limit", actor, {"which": "event_queue", "dropped": lost})
        self._send(wire.encode({"event": _event(kind, actor, data)}))

    def acknowledged_event(
        self, kind: str, actor: str, data: dict[str, Any], then: Callable[[Acknowledged], None]
    ) -> None:
        """Send evidence, and call back once the host has it or did not say so in time."""
        number = self._next_ack
        self._next_ack += 1
        timer = self._loop.call_later(_ACK_TIMEOUT_S, self._expire, number)
        self._acks[number] = (then, timer)
        self._send(wire.encode({"event": _event(kind, actor, data), "ack": number}))

    @property
    def congested(self) -> bool:
        """Whether the host reads more slowly than events arise."""
        return self._queued_bytes > _QUEUE_BYTES

    def _expire(self, number: int) -> None:
        found = self._acks.pop(number, None)
        if found is not None:
            found[0]("late")

    def _read(self) -> None:
        try:
            data = os.read(self._source, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError as exc:
            self._close(f"reading from the host failed: {exc}")
            return
        if not data:
            self._close("the host closed our input")
            return
        try:
            for message, blob in self._decoder.feed(data):
                self._take(message, blob)
        except wire.WireError as exc:
            self._close(str(exc))

    def _take(self, message: dict[str, Any], blob: bytes) -> None:
        if "ack" in message:
            found = self._acks.pop(message["ack"], None)
            if found is not None:
                found[1].cancel()
                found[0]("known")
            return
        self._on_request(message, blob)

    def _send(self, frame: bytes) -> None:
        self._queue.append(memoryview(frame))
        self._queued_bytes += len(frame)
        if not self._writing:
            self._write()

    def _write(self) -> None:
        while self._queue:
            head = self._queue[0]
            try:
                written = os.write(self._sink, head[:_READ_BYTES])
            except BlockingIOError:
                break
            except OSError as exc:
                self._close(f"writing to the host failed: {exc}")
                return
            self._queued_bytes -= written
            if written == len(head):
                self._queue.popleft()
            else:
                self._queue[0] = head[written:]
        self._watch_writable(wanted=bool(self._queue))

    def _watch_writable(self, *, wanted: bool) -> None:
        if wanted and not self._writing:
            self._loop.add_writer(self._sink, self._write)
        elif self._writing and not wanted:
            self._loop.remove_writer(self._sink)
        self._writing = wanted

    def _close(self, reason: str) -> None:
        self._loop.remove_reader(self._source)
        if not self.closed.done():
            self.closed.set_result(reason)


def _event(kind: str, actor: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": kind.partition(".")[0],
        "kind": kind,
        "actor": actor,
        "t_ns": time.monotonic_ns(),
        "data": data,
    }
