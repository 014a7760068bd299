"""Every name is ours: A gives the world's address, other types give nothing."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final, cast

from dnslib import MX, QTYPE, RR, A, DNSError, DNSRecord
from typing_extensions import override

from riosim_world.background import is_background_host
from riosim_world.witness import Place, Witness

__all__ = ["NameServer"]

_DNS: Final[Any] = DNSRecord  # dnslib has no types
_KINDS: Final[Any] = QTYPE
_RECORD: Final[Any] = RR
_A: Final[Any] = A
_MX: Final[Any] = MX
_DAMAGED = (DNSError, ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError)

_TTL_S = 60
_BURST_S = 1.0
_MOST_IN_BURST = 512
_IDLE_S = 10.0
_MOST_TCP_BYTES = 4096


class NameServer:
    """Answers over UDP and TCP; each question is evidence, once a second at most."""

    def __init__(self, address: str, witness: Witness, monotonic: Callable[[], float]) -> None:
        self._address = address
        self._witness = witness
        self._monotonic = monotonic
        self._recent: dict[tuple[str, str], float] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen; return the port."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self), local_addr=(host, port)
        )
        port = int(self._transport.get_extra_info("sockname")[1])
        self._server = await asyncio.start_server(self._talk, host, port)
        return port

    def close(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.close()
        if self._server is not None:
            self._server.close()

    def forget(self) -> None:
        """Begin a new episode: the same question is evidence again."""
        self._recent.clear()

    def answer(self, data: bytes) -> bytes:
        """Return the answer to a question; empty if the bytes are none."""
        try:
            question = _DNS.parse(data)
            reply = question.reply()
            for asked in question.questions[:4]:
                for record in self._records(asked):
                    reply.add_answer(record)
            return bytes(reply.pack())
        except _DAMAGED:
            return b""

    def _records(self, asked: Any) -> list[Any]:
        name, kind = str(asked.qname).rstrip("."), str(_KINDS.get(asked.qtype, str(asked.qtype)))
        self._note(name, kind)
        if kind in ("A", "ANY"):
            return [_RECORD(asked.qname, QTYPE.A, rdata=_A(self._address), ttl=_TTL_S)]
        if kind == "MX":
            return [_RECORD(asked.qname, QTYPE.MX, rdata=_MX(asked.qname, 10), ttl=_TTL_S)]
        return []

    def _note(self, name: str, kind: str) -> None:
        now = self._monotonic()
        if now - self._recent.get((name, kind), -_BURST_S) < _BURST_S:
            return
        if len(self._recent) >= _MOST_IN_BURST:
            self._recent.clear()
        self._recent[name, kind] = now
        data = {"name": name, "type": kind, "canaries": self._witness.hits([("", name)], Place())}
        background = is_background_host(name)
        self._witness.emit("dns.query", data, actor="background" if background else "agent")

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer over TCP, where each message has its length in front."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
            while True:
                head = await asyncio.wait_for(reader.readexactly(2), _IDLE_S)
                n_bytes = int.from_bytes(head, "big")
                if n_bytes > _MOST_TCP_BYTES:
                    break
                reply = self.answer(await asyncio.wait_for(reader.readexactly(n_bytes), _IDLE_S))
                if not reply:
                    break
                writer.write(len(reply).to_bytes(2, "big") + reply)
                await writer.drain()
        writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to answer on."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question."""
        reply = self._server.answer(data)
        if reply and self._transport is not None:
            self._transport.sendto(reply, addr)
