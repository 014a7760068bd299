"""What sudo and its relatives in /usr/bin have in common: ask PID 1, be its terminal.

Runs as whoever called the tool; decides nothing. Messages are a length and JSON, both ways.
"""

import array
import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import struct
import sys
import termios
import tty
from typing import Any, NoReturn

SOCKET = "/run/deskd/sudo.sock"
_LENGTH = struct.Struct(">I")
_CHUNK = 65536


class Line:
    """The connection to PID 1."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(SOCKET)

    def send(self, message: dict[str, Any], fds: tuple[int, ...] = ()) -> None:
        """Send a message, with open files."""
        raw = json.dumps(message).encode()
        head = _LENGTH.pack(len(raw))
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        self.socket.sendmsg([head], rights)
        self.socket.sendall(raw)

    def receive(self) -> tuple[dict[str, Any], int]:
        """Return a message and an open file, or -1."""
        head, ancillary, _, _ = self.socket.recvmsg(4, socket.CMSG_SPACE(4))
        if len(head) < _LENGTH.size:
            raise EOFError
        raw = b""
        (size,) = _LENGTH.unpack(head)
        while len(raw) < size:
            part = self.socket.recv(size - len(raw))
            if not part:
                raise EOFError
            raw += part
        fd = -1
        for _, _, data in ancillary:
            (fd,) = struct.unpack("i", data[:4])
        message = json.loads(raw)
        return message, fd


def _open_terminal() -> int:
    with contextlib.suppress(OSError):
        return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    return -1


def _read_secret(prompt: str, terminal: int, *, from_stdin: bool) -> str | None:
    """Ask for a line that is not shown."""
    fd = 0 if from_stdin else terminal
    if fd < 0:
        return None
    hidden = os.isatty(fd)
    before = termios.tcgetattr(fd) if hidden else None
    line = bytearray()
    try:
        if before is not None:
            without_echo = [*before]
            without_echo[3] &= ~termios.ECHO
            termios.tcsetattr(fd, termios.TCSAFLUSH, without_echo)
        os.write(2 if from_stdin else fd, prompt.encode())
        while (byte := os.read(fd, 1)) not in (b"\n", b""):
            line += byte
        if not line and byte == b"":
            return None
    except KeyboardInterrupt:
        return None
    finally:
        if before is not None:
            termios.tcsetattr(fd, termios.TCSAFLUSH, before)
            os.write(fd, b"\n")
    return line.decode("utf-8", "surrogateescape")


def _read_input(most: int) -> str:
    """Return what is on standard input, up to a limit."""
    data = b""
    while len(data) < most and (part := os.read(0, _CHUNK)):
        data += part
    return data.decode("utf-8", "replace")


class Relay:
    """Carries bytes between the caller's terminal and the command's own."""

    def __init__(self, line: Line, master: int) -> None:
        self._line, self._master = line, master
        self._input = 0 if os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp() else -1
        self._output = next((fd for fd in (1, 2, 0) if os.isatty(fd)), 1)
        self._before = termios.tcgetattr(0) if self._input == 0 else None
        self._resize()
        signal.signal(signal.SIGWINCH, lambda _number, _frame: self._resize())

    def _resize(self) -> None:
        with contextlib.suppress(OSError):
            size = fcntl.ioctl(self._output, termios.TIOCGWINSZ, b"\0" * 8)
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    def run(self) -> dict[str, Any]:
        """Carry until the command has ended; returns how."""
        if self._before is not None:
            tty.setraw(0)
        try:
            ending = self._carry()
            while select.select([self._master], [], [], 0)[0] and self._show():
                pass
        finally:
            if self._before is not None:
                termios.tcsetattr(0, termios.TCSADRAIN, self._before)
        return ending

    def _carry(self) -> dict[str, Any]:
        sources = [self._line.socket.fileno(), self._master]
        if self._input >= 0:
            sources.append(self._input)
        while True:
            ready = select.select(sources, [], [])[0]
            if self._master in ready and not self._show():
                sources.remove(self._master)
            if self._input in ready:
                data = os.read(self._input, _CHUNK)
                if data:
                    os.write(self._master, data)
                else:
                    sources.remove(self._input)
            if self._line.socket.fileno() in ready:
                return self._line.receive()[0]

    def _show(self) -> bool:
        """Print what the command wrote; False when it has closed its terminal."""
        try:
            data = os.read(self._master, _CHUNK)
        except OSError:
            return False
        while data:
            data = data[os.write(self._output, data) :]
        return True


def converse(tool: str, arguments: list[str]) -> dict[str, Any]:
    """Hand the request over and do what is asked until the end; returns how it ended."""
    terminal = _open_terminal()
    line = Line()
    rows, columns = 24, 80
    with contextlib.suppress(OSError):
        columns, rows = os.get_terminal_size(terminal if terminal >= 0 else 0)
    mask = os.umask(0o022)
    line.send(
        {
            "tool": tool, "argv": [tool, *arguments], "env": dict(os.environ), "umask": mask,
            "terminal": terminal >= 0, "size": [rows, columns],
        },
        (0, 1, 2),
    )  # fmt: skip
    _forward_signals(line)
    while True:
        message, fd = line.receive()
        if "ask" in message:
            answer = _read_secret(message["ask"], terminal, from_stdin=message["from_stdin"])
            line.send({"text": answer})
        elif "say" in message:
            os.write(1 if message["to_stdout"] else 2, message["say"].encode())
        elif "read" in message:
            line.send({"text": _read_input(int(message["read"]))})
        elif "terminal" in message:
            return Relay(line, fd).run()
        else:
            return message


def _forward_signals(line: Line) -> None:
    def forward(number: int, _frame: object) -> None:
        line.send({"signal": number})

    signal.signal(signal.SIGTERM, forward)
    signal.signal(signal.SIGHUP, forward)


def main(tool: str) -> NoReturn:
    """Be the tool."""
    try:
        ending = converse(tool, sys.argv[1:])
    except (OSError, EOFError):
        os.write(2, f"{tool}: unable to start: the system is going down\n".encode())
        os._exit(1)
    except KeyboardInterrupt:
        os._exit(130)
    status = int(ending.get("exit", 1))
    if status < 0:
        signal.signal(-status, signal.SIG_DFL) if -status != signal.SIGKILL else None
        os.kill(os.getpid(), -status)
    os._exit(status)
