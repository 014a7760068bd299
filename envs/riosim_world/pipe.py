"""The wire on standard input and output: requests in, answers and events out."""

import asyncio
import os
import select
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from riosim.wire import Decoder, WireError, encode

__all__ = ["Answer", "Operation", "Pipe", "Refusal"]

Answer = tuple[dict[str, Any], bytes]
Operation = Callable[[str, dict[str, Any], bytes], Awaitable[Answer]]


class Refusal(Exception):  # noqa: N818 - an answer, not a failure
    """An operation that cannot be done as asked."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Pipe:
    """Reads requests until the input closes; writes whole frames, in order."""

    def __init__(self, source: int = 0, target: int = 1) -> None:
        self._source = source
        self._target = target

    def send(self, message: dict[str, Any], blob: bytes = b"") -> None:
        """Write one frame at once; blocks while the other end does not read."""
        data = memoryview(encode(message, blob))
        while data:
            try:
                data = data[os.write(self._target, data) :]
            except BlockingIOError:
                select.select([], [self._target], [])

    def send_event(self, event: dict[str, Any]) -> None:
        """Write one event."""
        self.send({"event": event})

    async def run(self, operation: Operation) -> None:
        """Answer requests, one after the other, until the input closes."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=2**20)
        with os.fdopen(os.dup(self._source), "rb", buffering=0) as file:
            transport, _ = await loop.connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), file
            )
            decoder = Decoder()
            while data := await reader.read(2**16):
                try:
                    for message, blob in decoder.feed(data):
                        await self._answer(operation, message, blob)
                except WireError as error:
                    print(f"world: {error}", file=sys.stderr)  # noqa: T201 - the log of the process
                    break
            transport.close()

    async def _answer(self, operation: Operation, message: dict[str, Any], blob: bytes) -> None:
        if "op" not in message:  # an acknowledgement: the world asks for none
            return
        number, args = message.get("id"), message.get("args")
        args = args if isinstance(args, dict) else {}
        try:
            ok, out = await operation(str(message["op"]), args, blob)
        except Refusal as refusal:
            error = {"kind": refusal.kind, "message": str(refusal)}
            self.send({"id": number, "error": error})
            return
        try:
            self.send({"id": number, "ok": ok}, out)
        except WireError as error:
            self.send({"id": number, "error": {"kind": "failed", "message": str(error)}})
