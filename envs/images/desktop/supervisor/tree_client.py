"""The supervisor's side of the tree worker: asks, waits with a limit, replaces a hung worker."""

import asyncio
import contextlib
import json
import os
import signal
import socket

import kernel
import tree_worker

_TIMEOUT_S = 6.0


class TreeClient:
    """One worker process, forked ahead of need."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._bus, self._uid = "", 0
        self._pid = 0
        self._channel: socket.socket | None = None
        self._lock = asyncio.Lock()

    def use_session(self, session_bus: str, uid: int) -> None:
        """Read this session's applications from now on."""
        self._bus, self._uid = session_bus, uid
        with contextlib.suppress(OSError):
            self._start()

    async def tree(self, max_nodes: int, app: str) -> bytes:
        """Return the tree as JSON.

        Raises:
            OSError: The accessibility bus cannot be reached.
            TimeoutError: The worker hung; the next request gets a new one.
        """
        async with self._lock:
            request = {"bus": self._bus, "uid": self._uid, "max_nodes": max_nodes, "app": app}
            wanted = json.dumps(request).encode()
            answer = None
            for _ in range(2):  # the worker may have been killed since the last request
                channel = self._channel or self._start()
                try:
                    async with asyncio.timeout(_TIMEOUT_S):
                        await self._loop.sock_sendall(channel, wanted)
                        answer = await self._receive(channel)
                    break
                except TimeoutError:
                    self._stop()
                    raise
                except (EOFError, OSError):
                    self._stop()
        if answer is None:
            raise OSError("The tree's worker ended twice without an answer.")
        return _unwrap(answer)

    async def _receive(self, channel: socket.socket) -> bytes:
        (size,) = tree_worker.LENGTH.unpack(await self._exactly(channel, tree_worker.LENGTH.size))
        return await self._exactly(channel, size)

    async def _exactly(self, channel: socket.socket, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            part = await self._loop.sock_recv(channel, size - len(data))
            if not part:
                raise EOFError
            data += part
        return bytes(data)

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            pid = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            raise
        if pid == 0:
            os.dup2(theirs.fileno(), 3)
            os.closerange(4, 1 << 20)
            kernel.give_up_tracing()
            tree_worker.work(socket.socket(fileno=3))
        theirs.close()
        ours.settimeout(0.0)
        self._pid, self._channel = pid, ours
        return ours

    def _stop(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self._pid = 0


def _unwrap(answer: bytes) -> bytes:
    """Return the tree's own bytes, not parsed again.

    Raises:
        OSError: The worker could not read it.
    """
    head = b'{"tree":'
    if answer.startswith(head):
        return answer[len(head) : -1]
    raise OSError(str(json.loads(answer).get("error")))
