"""Connections to D-Bus buses and peers: many calls at once, to many at once, with one limit."""

import os
import select
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import dbus_wire

_BUS = "org.freedesktop.DBus"
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Call:
    """One method call."""

    to: str
    path: str
    member: str
    signature: str = ""
    arguments: tuple[Any, ...] = field(default=())


class Connection:
    """One connection; a batch of calls is begun, carried on by `exchange`, and read off."""

    def __init__(self, address: str, timeout_s: float, uid: int = 0, *, peer: bool = False) -> None:
        """Connect as a user; a session's bus takes its owner only, not root.

        Args:
            address: Such as `unix:path=/run/user/1000/bus`.
            timeout_s: For each step of the greeting.
            uid: Who connects.
            peer: There is a program at the other end, not a bus.

        Raises:
            OSError: Nobody listens there, or the other end refuses us.
        """
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self._buffer = bytearray()
        self._peer = peer
        self._serial = self._first = 0
        self._out = memoryview(b"")
        self._missing = 0
        self.answers: list[dbus_wire.Message | None] = []
        self.failed = False
        try:
            self._greet(address, timeout_s, uid)
        except OSError:
            self._socket.close()
            raise
        if not peer:
            self.one(Call(_BUS, "/org/freedesktop/DBus", f"{_BUS}.Hello"), timeout_s)

    def _greet(self, address: str, timeout_s: float, uid: int) -> None:
        self._socket.settimeout(timeout_s)
        os.seteuid(uid)
        try:
            self._socket.connect(_socket_name(address))
        finally:
            os.seteuid(0)
        self._socket.sendall(b"\0AUTH EXTERNAL %s\r\n" % str(uid).encode().hex().encode())
        answer = self._socket.recv(512)
        if not answer.startswith(b"OK"):
            raise dbus_wire.DBusError(f"{address} refuses user {uid}: {answer!r}")
        self._socket.sendall(b"BEGIN\r\n")
        self._socket.settimeout(0)

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the connection."""
        self.failed = True
        self._socket.close()

    def one(self, call: Call, timeout_s: float) -> list[Any]:
        """Make one call and return what it answers.

        Raises:
            OSError: An error was answered, or nothing in time.
        """
        self.begin([call])
        exchange([self], timeout_s)
        (message,) = self.answers
        if message is None or message.kind == dbus_wire.ERROR:
            reason = message.error if message is not None else f"no answer in {timeout_s:g} s"
            raise dbus_wire.DBusError(f"{call.member} of {call.to}{call.path}: {reason}")
        return message.values()

    def begin(self, calls: Sequence[Call]) -> None:
        """Prepare a batch; `answers` fills up in the order of the calls."""
        self._first = self._serial + 1
        out = bytearray()
        for call in calls:
            self._serial += 1
            to = "" if self._peer else call.to
            out += dbus_wire.call(
                self._serial, to, call.path, call.member, call.signature, call.arguments
            )
        self._out = memoryview(bytes(out))
        self.answers = [None] * len(calls)
        self._missing = len(calls)

    @property
    def waiting(self) -> bool:
        """Whether answers are still to come."""
        return self._missing > 0 and not self.failed

    @property
    def wants(self) -> int:
        """What to poll for."""
        return select.POLLIN | (select.POLLOUT if self._out else 0)

    def step(self, happened: int) -> None:
        """Send and receive what can be; a connection that breaks is marked as failed."""
        try:
            if happened & select.POLLOUT and self._out:
                self._out = self._out[self._socket.send(self._out[:_CHUNK]) :]
            if happened & ~select.POLLOUT:
                self._receive()
        except BlockingIOError:
            return
        except OSError:
            self.close()

    def _receive(self) -> None:
        """Put answers where they belong; late ones of an earlier batch and signals are dropped."""
        data = self._socket.recv(_CHUNK)
        if not data:
            raise dbus_wire.DBusError("The other end has closed the connection.")
        self._buffer += data
        for message in dbus_wire.take_messages(self._buffer):
            index = message.reply_to - self._first
            is_answer = message.kind in (dbus_wire.METHOD_RETURN, dbus_wire.ERROR)
            if is_answer and 0 <= index < len(self.answers) and self.answers[index] is None:
                self.answers[index] = message
                self._missing -= 1


def exchange(connections: Sequence[Connection], timeout_s: float) -> None:
    """Carry the batches of these connections on until all are answered or time is over."""
    limit = time.monotonic() + timeout_s
    poller = select.poll()
    by_fd = {c.fileno(): c for c in connections if c.waiting}
    for connection in by_fd.values():
        poller.register(connection, connection.wants)
    while by_fd and (left := limit - time.monotonic()) > 0:
        for fd, happened in poller.poll(left * 1000):
            connection = by_fd[fd]
            connection.step(happened)
            if connection.waiting:
                poller.modify(fd, connection.wants)
            else:
                poller.unregister(fd)
                del by_fd[fd]


def values_in(message: dbus_wire.Message | None) -> list[Any] | None:
    """Return what an answer holds; None for none, for an error, and for bytes that lie."""
    if message is None or message.kind == dbus_wire.ERROR:
        return None
    try:
        return message.values()
    except (IndexError, ValueError, OSError, struct.error, RecursionError):
        return None


def _socket_name(address: str) -> str:
    """Return the socket of an address such as `unix:path=/run/user/1000/bus,guid=…`."""
    for option in address.partition(";")[0].removeprefix("unix:").split(","):
        key, _, value = option.partition("=")
        if key == "path":
            return value
        if key == "abstract":
            return "\0" + value
    raise dbus_wire.DBusError(f"The address {address!r} names no socket.")
