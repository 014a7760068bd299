"""A connection to a D-Bus bus: many calls at once, each batch with one limit in time."""

import os
import select
import socket
import struct
import time
from collections.abc import Iterable, Sequence
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
    """A blocking connection for a worker; every wait has a limit."""

    def __init__(self, address: str, timeout_s: float, uid: int = 0) -> None:
        """Connect as a user and say hello; a session's bus takes its owner only, not root.

        Raises:
            OSError: Nobody listens there, or the bus refuses us.
        """
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self._buffer = bytearray()
        self._serial = 0
        self._socket.settimeout(timeout_s)
        os.seteuid(uid)
        try:
            self._socket.connect(_socket_name(address))
        finally:
            os.seteuid(0)
        self._socket.sendall(b"\0AUTH EXTERNAL %s\r\n" % str(uid).encode().hex().encode())
        answer = self._socket.recv(512)
        if not answer.startswith(b"OK"):
            raise dbus_wire.DBusError(f"The bus at {address} refuses root: {answer!r}")
        self._socket.sendall(b"BEGIN\r\n")
        self._socket.setblocking(False)  # noqa: FBT003  the standard library's own signature
        self.one(Call(_BUS, "/org/freedesktop/DBus", f"{_BUS}.Hello"), timeout_s)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def one(self, call: Call, timeout_s: float) -> list[Any]:
        """Make one call and return what it answers.

        Raises:
            OSError: An error was answered, or nothing in time.
        """
        (message,) = self.many([call], timeout_s)
        if message is None or message.kind == dbus_wire.ERROR:
            reason = message.error if message is not None else f"no answer in {timeout_s:g} s"
            raise dbus_wire.DBusError(f"{call.member} of {call.to}{call.path}: {reason}")
        return message.values()

    def many(self, calls: Sequence[Call], timeout_s: float) -> list[dbus_wire.Message | None]:
        """Make calls without waiting between them; None where no answer came in time."""
        first = self._serial + 1
        out = bytearray()
        for call in calls:
            self._serial += 1
            out += dbus_wire.call(
                self._serial, call.to, call.path, call.member, call.signature, call.arguments
            )
        answers: list[dbus_wire.Message | None] = [None] * len(calls)
        missing = len(calls)
        limit = time.monotonic() + timeout_s
        position = 0
        poller = select.poll()
        while missing and (left := limit - time.monotonic()) > 0:
            wanted = select.POLLIN | (select.POLLOUT if position < len(out) else 0)
            poller.register(self._socket, wanted)
            for _, happened in poller.poll(left * 1000):
                if happened & select.POLLOUT:
                    position += self._socket.send(memoryview(out)[position : position + _CHUNK])
                if happened & (select.POLLIN | select.POLLHUP):
                    missing -= self._keep(self._receive(), first, answers)
        return answers

    def values_of(self, calls: Sequence[Call], timeout_s: float) -> list[list[Any] | None]:
        """Like `many`, with the values of each answer; None for an error, too."""
        return [values_in(message) for message in self.many(calls, timeout_s)]

    def _receive(self) -> Iterable[dbus_wire.Message]:
        data = self._socket.recv(_CHUNK)
        if not data:
            raise dbus_wire.DBusError("The bus has closed the connection.")
        self._buffer += data
        while (message := dbus_wire.take_message(self._buffer)) is not None:
            yield message

    def _keep(
        self,
        messages: Iterable[dbus_wire.Message],
        first: int,
        answers: list[dbus_wire.Message | None],
    ) -> int:
        """Put answers where they belong; late ones of an earlier batch and signals are dropped."""
        kept = 0
        for message in messages:
            index = message.reply_to - first
            is_answer = message.kind in (dbus_wire.METHOD_RETURN, dbus_wire.ERROR)
            if is_answer and 0 <= index < len(answers) and answers[index] is None:
                answers[index] = message
                kept += 1
        return kept


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
