"""Where browsers connect: plain, TLS, or one port for both."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.types import ASGIApp
from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from riosim_world.authority import Authority

__all__ = ["WebServers"]

_TLS_HANDSHAKE = b"\x16"
_FIRST_BYTE_S = 60.0
_KEEP_ALIVE_S = 75
_MOST_HEAD_BYTES = 64 * 1024
_MOST_BAD_BYTES = 64 * 1024

Gone = Callable[[tuple[str, int]], None]
Malformed = Callable[[bytes, str], None]


class _WebProtocol(H11Protocol):
    """uvicorn's protocol, which says when a connection ends or sends what is no request."""

    on_gone: Gone
    on_malformed: Malformed
    _latest = b""

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.client is not None:
            self.on_gone(self.client)

    @override
    def data_received(self, data: bytes) -> None:
        self._latest = data
        super().data_received(data)

    @override
    def send_400_response(self, msg: str) -> None:
        self.on_malformed(self._latest[:_MOST_BAD_BYTES], self.scheme or "http")
        super().send_400_response("Bad request")


class WebServers:
    """All listening sockets of one application."""

    def __init__(
        self, app: ASGIApp, authority: Authority, *, on_gone: Gone, on_malformed: Malformed
    ) -> None:
        for name in ("uvicorn.error", "python_multipart"):
            logging.getLogger(name).setLevel(logging.ERROR)
        self._config = Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            h11_max_incomplete_event_size=_MOST_HEAD_BYTES,
        )
        self._config.load()
        self._on_gone = on_gone
        self._on_malformed = on_malformed
        self._state = ServerState()
        self._tls = authority.server_context()
        self._servers: list[asyncio.Server] = []
        self._doors: list[tuple[socket.socket, asyncio.Task[None]]] = []
        self._callers: set[asyncio.Task[None]] = set()

    def set_time(self, now: datetime) -> None:
        """Let answers carry the world's time."""
        date = format_datetime(now.astimezone(UTC), usegmt=True).encode()
        self._state.default_headers = [(b"date", date), (b"server", b"nginx")]

    async def open(self, host: str, port: int, *, tls: bool) -> int:
        """Listen for http or https; return the port."""
        loop = asyncio.get_running_loop()
        context = self._tls if tls else None
        server = await loop.create_server(self._make, host, port, ssl=context, backlog=256)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def open_both(self, host: str, port: int) -> int:
        """Listen on one port for http and https alike; return the port."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        door = socket.create_server((host, port), family=family, backlog=256)
        door.settimeout(0.0)
        task = asyncio.get_running_loop().create_task(self._let_in(door))
        self._doors.append((door, task))
        return int(door.getsockname()[1])

    def drop_connections(self) -> None:
        """End all connections and what they are doing."""
        for caller in list(self._callers):
            caller.cancel()
        for task in list(self._state.tasks):
            task.cancel()
        for connection in list(self._state.connections):
            if isinstance(connection, H11Protocol):
                connection.transport.abort()

    def close(self) -> None:
        """Stop listening and end all connections."""
        for server in self._servers:
            server.close()
        for door, task in self._doors:
            task.cancel()
            door.close()
        self.drop_connections()

    def _make(self) -> asyncio.Protocol:
        protocol = _WebProtocol(self._config, self._state, {}, None)
        protocol.on_gone, protocol.on_malformed = self._on_gone, self._on_malformed
        return protocol

    async def _let_in(self, door: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                caller, _ = await loop.sock_accept(door)
            except OSError:  # out of descriptors, or the caller has left already
                await asyncio.sleep(0.05)
                continue
            task = loop.create_task(self._listen_to(caller))
            self._callers.add(task)
            task.add_done_callback(self._callers.discard)

    async def _listen_to(self, caller: socket.socket) -> None:
        """Look at the first byte and hand the connection over to the one that speaks so."""
        loop = asyncio.get_running_loop()
        try:
            first = await asyncio.wait_for(_peek(caller), _FIRST_BYTE_S)
            if not first:
                caller.close()
                return
            context = self._tls if first == _TLS_HANDSHAKE else None
            await loop.connect_accepted_socket(self._make, caller, ssl=context)
        except (OSError, TimeoutError, ssl.SSLError):
            caller.close()
        except asyncio.CancelledError:
            caller.close()
            raise


async def _peek(caller: socket.socket) -> bytes:
    """Return the first byte without taking it; empty if the caller leaves."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    number = caller.fileno()

    def wake() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(number, wake)
    try:
        await ready
    finally:
        loop.remove_reader(number)
    return caller.recv(1, socket.MSG_PEEK)
