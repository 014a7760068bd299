"""The socket on which sudo and its relatives ask, and the conversations on it.

The kernel says who asks (SO_PEERCRED); the asker's files are passed along. A command gets a
terminal of its own where it has one; the asker's program carries the bytes.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import pty
import signal
import socket
import struct
import termios
from dataclasses import dataclass
from typing import Any

import accounts
import asking
import kernel
import other_tools
import procfs
import services
import sudo_tool
from asking import Asker, Command, Credentials, Done
from commands import Processes, settle
from host_link import HostLink
from launch import LaunchSpec
from shim_client import SOCKET

_MAX_CONVERSATIONS = 64
_MAX_MESSAGE_BYTES = 4 << 20
_ANSWER_S = 300.0
_LENGTH = struct.Struct(">I")
_PEER = struct.Struct("iII")
_DEFAULT_UMASK = 0o022
_TOOLS = {
    "sudo": sudo_tool.sudo,
    "su": other_tools.su,
    "pkexec": other_tools.pkexec,
    "passwd": other_tools.passwd,
    "crontab": other_tools.crontab,
}


@dataclass(slots=True)
class Conversation:
    """One tool that asks."""

    connection: socket.socket
    asker: Asker
    files: tuple[int, int, int]
    has_terminal: bool
    witnessed: bool
    link: HostLink
    loop: asyncio.AbstractEventLoop
    size: tuple[int, int] = (24, 80)
    umask: int = _DEFAULT_UMASK

    async def send(self, message: dict[str, Any], fd: int = -1) -> None:
        """Send a message, with an open file if one is given."""
        raw = json.dumps(message).encode()
        kernel.send_descriptors(self.connection, _LENGTH.pack(len(raw)), [fd] if fd >= 0 else [])
        await self.loop.sock_sendall(self.connection, raw)

    async def receive(self) -> dict[str, Any]:
        """Return the next message.

        Raises:
            EOFError: The tool is gone.
        """
        (size,) = _LENGTH.unpack(await _exactly(self.loop, self.connection, _LENGTH.size))
        return _parsed(await _exactly(self.loop, self.connection, size))

    async def ask(self, prompt: str, *, from_stdin: bool = False) -> str | None:
        """Ask for a secret; None if it was not given."""
        await self.send({"ask": prompt, "from_stdin": from_stdin})
        async with asyncio.timeout(_ANSWER_S):
            text = (await self.receive()).get("text")
        return text if isinstance(text, str) else None

    async def read_input(self, most: int) -> str:
        """Return the tool's standard input."""
        await self.send({"read": most})
        return str((await self.receive()).get("text", ""))

    async def say(self, text: str, *, to_stdout: bool = False) -> None:
        """Print a text."""
        if text:
            await self.send({"say": text, "to_stdout": to_stdout})

    async def report(self, *, granted: bool, guess: str | None = None) -> None:
        """Tell the host, and wait until it knows."""
        asker = self.asker
        data: dict[str, Any] = {
            "tool": asker.tool, "argv": list(asker.argv[1:]), "uid": asker.account.uid,
            "granted": granted, "pid": asker.pid,
        }  # fmt: skip
        if guess is not None:
            data["guess"] = asking.digest_of(guess)
        if not self.witnessed:
            self.link.event("sudo.asked", "setup", data)
            return
        known: asyncio.Future[None] = self.loop.create_future()
        self.link.acknowledged_event(
            "sudo.asked", "agent", data, lambda _acknowledged: known.set_result(None)
        )
        await known


class SudoServer:
    """Listens for the tools."""

    def __init__(
        self, link: HostLink, processes: Processes, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._link, self._processes, self._loop = link, processes, loop
        self._credentials = Credentials()
        self._services = services.Services(processes)
        self._tasks: set[asyncio.Task[None]] = set()
        self._own_filters = _filters(os.getpid())
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        os.makedirs(os.path.dirname(SOCKET), exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(SOCKET)
        self._listener.bind(SOCKET)
        os.chmod(SOCKET, 0o666)
        self._listener.listen(_MAX_CONVERSATIONS)
        loop.add_reader(self._listener.fileno(), self._accept)

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            connection, _ = self._listener.accept()
            if len(self._tasks) >= _MAX_CONVERSATIONS:
                connection.close()
                return
            connection.settimeout(0.0)
            task = self._loop.create_task(self._serve(connection))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, connection: socket.socket) -> None:
        files: list[int] = []
        try:
            async with asyncio.timeout(_ANSWER_S):
                files, request = await self._first_message(connection)
            talk = self._conversation(connection, files, request)
            status = await self._decide(talk)
            await talk.send({"exit": status})
        except (OSError, EOFError, TimeoutError, KeyError, TypeError, ValueError) as exc:
            print(f"a tool's request ended: {type(exc).__name__}: {exc}")
        finally:
            connection.close()
            for fd in files:
                os.close(fd)

    async def _first_message(self, connection: socket.socket) -> tuple[list[int], dict[str, Any]]:
        await _readable(self._loop, connection)
        head, fds = kernel.receive_descriptors(connection, _LENGTH.size, 4)
        try:
            (size,) = _LENGTH.unpack(head)
            return fds, _parsed(await _exactly(self._loop, connection, size))
        except (OSError, EOFError, ValueError, struct.error):
            for fd in fds:
                os.close(fd)
            raise EOFError("no request came") from None

    def _conversation(
        self, connection: socket.socket, files: list[int], request: dict[str, Any]
    ) -> Conversation:
        raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        pid, uid, _gid = _PEER.unpack(raw)
        account = accounts.by_uid(uid)
        if account is None:
            raise ValueError(f"no account has the number {uid}")
        rows, columns = (int(n) for n in request.get("size", (24, 80)))
        asker = Asker(
            pid, account, str(request["tool"]), tuple(str(a) for a in request["argv"]),
            {str(k): str(v) for k, v in request["env"].items()},
            procfs.read_link(f"/proc/{pid}/cwd") or "/",
        )  # fmt: skip
        return Conversation(
            connection, asker, (files[0], files[1], files[2]), bool(request.get("terminal")),
            _filters(pid) > self._own_filters, self._link, self._loop, (rows, columns),
            int(request.get("umask", _DEFAULT_UMASK)) & 0o777,
        )  # fmt: skip

    async def _decide(self, talk: Conversation) -> int:
        tool = talk.asker.tool
        if tool in services.TOOLS:
            return await self._services.serve(talk.asker, talk)
        decide = _TOOLS[tool]
        decision = await decide(talk.asker, talk, self._credentials)
        if isinstance(decision, Done):
            return decision.status
        return await self._run(talk, decision)

    async def _run(self, talk: Conversation, command: Command) -> int:
        """Run a command for the tool, on a terminal of its own where it has one."""
        on_terminal = [os.isatty(fd) for fd in talk.files]
        master = slave = -1
        stdio = talk.files
        if any(on_terminal):
            master, slave = pty.openpty()
            rows, columns = talk.size
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.fchown(slave, command.identity.uid, accounts.group_number("tty") or 0)
            chosen = [
                slave if is_tty else fd for fd, is_tty in zip(stdio, on_terminal, strict=True)
            ]
            stdio = (chosen[0], chosen[1], chosen[2])
        spec = LaunchSpec(
            command.argv, command.env, command.cwd, command.identity, exe=command.exe,
            witnessed=talk.witnessed, label="agent" if talk.witnessed else "setup",
            controlling_terminal=slave >= 0, umask=talk.umask,
        )  # fmt: skip
        ended: asyncio.Future[int] = self._loop.create_future()
        try:
            pid = self._processes.start(
                spec, stdio, asked_by=talk.asker.pid, on_exit=lambda s: settle(ended, s)
            )
            if master >= 0:
                await talk.send({"terminal": True}, master)
        finally:
            for fd in (master, slave):
                if fd >= 0:
                    os.close(fd)
        return await self._await_end(talk, pid, ended)

    async def _await_end(self, talk: Conversation, pid: int, ended: "asyncio.Future[int]") -> int:
        """Wait for the command; pass signals on, and end it when its tool is gone."""
        while True:
            message = self._loop.create_task(talk.receive())
            both: set[asyncio.Future[Any]] = {ended, message}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                message.cancel()
                await asyncio.wait({message})
                return ended.result()
            number = signal.SIGHUP
            gone = message.exception() is not None
            if not gone:
                number = signal.Signals(int(message.result().get("signal", signal.SIGTERM)))
            with contextlib.suppress(OSError):
                os.killpg(pid, number)
            if gone:
                raise EOFError("the tool went away")


def _filters(pid: int) -> int:
    """Return how many seccomp filters a process has: one more under the witness."""
    for line in procfs.read_bytes(f"/proc/{pid}/status", 8192).splitlines():
        if line.startswith(b"Seccomp_filters:"):
            return int(line.split()[1])
    return 0


def _parsed(raw: bytes) -> dict[str, Any]:
    message = json.loads(raw)
    if not isinstance(message, dict):
        raise TypeError(f"a message is {type(message).__name__}, not an object")
    return message


async def _readable(loop: asyncio.AbstractEventLoop, connection: socket.socket) -> None:
    ready = asyncio.Event()
    loop.add_reader(connection.fileno(), ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(connection.fileno())


async def _exactly(loop: asyncio.AbstractEventLoop, connection: socket.socket, size: int) -> bytes:
    if size > _MAX_MESSAGE_BYTES:
        raise ValueError(f"a message of {size} bytes is too long")
    data = bytearray()
    while len(data) < size:
        part = await loop.sock_recv(connection, size - len(data))
        if not part:
            raise EOFError("the tool went away")
        data += part
    return bytes(data)
