"""Two-way streams of bytes to a process: a container's attached sockets, or a pair of pipes.

Nothing here knows messages; `channel` does. No call blocks for ever: reading is ended by `close`
from any thread, writing has a deadline.
"""

import os
import select
import socket
import struct
import threading
from typing import Final, Protocol

from riosim.clock import Clock

__all__ = ["STDERR_KEPT_BYTES", "ByteStream", "PipeStream", "SocketStream", "StalledError"]

STDERR_KEPT_BYTES: Final = 64 * 1024
_CHUNK: Final = 1024 * 1024
_HEAD: Final = struct.Struct(">BxxxI")
_STDOUT: Final = 1
_STDERR: Final = 2


class StalledError(OSError):
    """The other end took nothing more before the deadline; `sent` bytes had gone out."""

    def __init__(self, sent: int, total: int) -> None:
        super().__init__(f"only {sent} of {total} bytes were taken in time")
        self.sent = sent


class ByteStream(Protocol):
    """What a channel needs of its transport."""

    def receive(self) -> bytes:
        """Wait for bytes of the other end's standard output; empty at its end or after `close`."""
        ...

    def send(self, data: bytes, *, deadline: float, clock: Clock) -> None:
        """Write all of DATA to the other end's standard input.

        Raises:
            StalledError: The deadline (of CLOCK) passed first.
            OSError: The other end is gone.
        """
        ...

    def stderr_tail(self) -> bytes:
        """Return the last of what the other end wrote to its standard error."""
        ...

    def close(self) -> None:
        """Close both directions; the second call does nothing."""
        ...


class _Fds:
    """A readable and a writable descriptor, and a third one that ends a waiting reader."""

    def __init__(self, read_fd: int, write_fd: int, also_read_fd: int | None = None) -> None:
        self._write_fd = write_fd
        self._wake_r, self._wake_w = os.pipe()
        self._poll = select.poll()
        self._poll.register(self._wake_r, select.POLLIN)
        for fd in {read_fd, write_fd} | ({also_read_fd} if also_read_fd is not None else set()):
            os.set_blocking(fd, False)
        self._poll.register(read_fd, select.POLLIN)
        if also_read_fd is not None:
            self._poll.register(also_read_fd, select.POLLIN)

    def wait(self) -> list[int]:
        """Wait until something is readable; empty once woken."""
        ready = [fd for fd, _ in self._poll.poll()]
        return [] if self._wake_r in ready else ready

    def forget(self, fd: int) -> None:
        """Wait for this one no more."""
        self._poll.unregister(fd)

    def wake(self) -> None:
        """End the waiting of the reader, now and later."""
        os.write(self._wake_w, b"x")

    def send(self, data: bytes, *, deadline: float, clock: Clock) -> None:
        """Write all of DATA before the deadline."""
        view, sent = memoryview(data), 0
        writable = select.poll()
        writable.register(self._write_fd, select.POLLOUT)
        writable.register(self._wake_r, select.POLLIN)
        while sent < len(view):
            try:
                sent += os.write(self._write_fd, view[sent : sent + _CHUNK])
            except BlockingIOError:
                left_s = deadline - clock.monotonic()
                ready = writable.poll(left_s * 1000) if left_s > 0 else []
                if not ready:
                    raise StalledError(sent, len(view)) from None
                if self._wake_r in (fd for fd, _ in ready):
                    raise BrokenPipeError("the stream was closed") from None

    def close(self) -> None:
        """Close the waking pipe; only after the reader has ended."""
        os.close(self._wake_r)
        os.close(self._wake_w)


class _Tail:
    """The last bytes of a stream."""

    def __init__(self, kept_bytes: int) -> None:
        self._kept_bytes = kept_bytes
        self._data = bytearray()

    def add(self, data: bytes) -> None:
        self._data += data
        if len(self._data) > self._kept_bytes:
            del self._data[: -self._kept_bytes]

    def get(self) -> bytes:
        return bytes(self._data)


class _Base:
    """What both streams share: waiting, writing, an idempotent close."""

    def __init__(self, read_fd: int, write_fd: int, also_read_fd: int | None = None) -> None:
        self._fds = _Fds(read_fd, write_fd, also_read_fd)
        self._stderr = _Tail(STDERR_KEPT_BYTES)
        self._closing = threading.Lock()
        self._writing = threading.Lock()  # held while `send` runs
        self._reading = threading.Lock()  # held while `receive` runs
        self._closed = False

    def send(self, data: bytes, *, deadline: float, clock: Clock) -> None:
        """Write all of DATA; see `ByteStream`."""
        if not self._writing.acquire(timeout=max(0.0, deadline - clock.monotonic())):
            raise StalledError(0, len(data))
        try:
            if self._closed:
                raise BrokenPipeError("the stream is closed")
            self._fds.send(data, deadline=deadline, clock=clock)
        finally:
            self._writing.release()

    def stderr_tail(self) -> bytes:
        """Return the last of what the other end wrote to its standard error."""
        return self._stderr.get()

    def _begin_close(self) -> bool:
        """Mark as closed, end a waiting reader and writer; False if somebody else did."""
        with self._closing:
            if self._closed:
                return False
            self._closed = True
        self._fds.wake()
        with self._writing, self._reading:
            return True


class SocketStream(_Base):
    """The attached standard streams of a container, as the engine multiplexes them."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock.fileno(), sock.fileno())
        self._sock = sock
        self._buffer = bytearray()

    def receive(self) -> bytes:
        """Wait for bytes of standard output; see `ByteStream`."""
        with self._reading:
            while not self._closed:
                out = self._demultiplex()
                if out:
                    return out
                if not self._fds.wait():
                    return b""
                try:
                    data = self._sock.recv(_CHUNK)
                except BlockingIOError:
                    continue
                except ConnectionError:
                    return b""
                if not data:
                    return b""
                self._buffer += data
        return b""

    def _demultiplex(self) -> bytes:
        """Take what is complete, or a part of one frame, out of the buffer."""
        out = bytearray()
        while len(self._buffer) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(self._buffer)
            end = _HEAD.size + length
            if len(self._buffer) < end:
                break
            data = bytes(self._buffer[_HEAD.size : end])
            del self._buffer[:end]
            if kind == _STDERR:
                self._stderr.add(data)
            elif kind == _STDOUT:
                out += data
        return bytes(out)

    def close(self) -> None:
        """Close both directions; the container's standard input ends."""
        if self._begin_close():
            self._fds.close()
            self._sock.close()


class PipeStream(_Base):
    """Standard streams of a subprocess, by their descriptors; takes them over and closes them."""

    def __init__(self, read_fd: int, write_fd: int, stderr_fd: int | None = None) -> None:
        super().__init__(read_fd, write_fd, stderr_fd)
        self._read_fd = read_fd
        self._own = [fd for fd in (read_fd, write_fd, stderr_fd) if fd is not None]

    def receive(self) -> bytes:
        """Wait for bytes of standard output; see `ByteStream`."""
        with self._reading:
            while not self._closed:
                ready = self._fds.wait()
                if not ready:
                    return b""
                for fd in ready:
                    try:
                        data = os.read(fd, _CHUNK)
                    except BlockingIOError:
                        continue
                    if fd == self._read_fd:
                        return data
                    self._stderr.add(data)
                    if not data:
                        self._fds.forget(fd)
        return b""

    def close(self) -> None:
        """Close both directions; the process's standard input ends."""
        if self._begin_close():
            self._fds.close()
            for fd in self._own:
                os.close(fd)
