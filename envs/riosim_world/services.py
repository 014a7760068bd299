"""Everything of the world that listens, opened together and closed together."""

import contextlib
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from riosim_world.authority import Authority
from riosim_world.imap_server import PROGRAM, ImapServer
from riosim_world.name_server import NameServer
from riosim_world.smtp_server import SmtpServer
from riosim_world.web_servers import WebServers
from riosim_world.world import World

__all__ = ["PORTS", "ServiceSettings", "Services"]

PORTS: Final = {
    "http": 80,
    "https": 443,
    "dns": 53,
    "smtp": 25,
    "submission": 587,
    "imap": 143,
    "imaps": 993,
}
"""The services and their usual ports."""


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Where to listen; a port of 0 takes a free one, a service without a port is not run."""

    bind: str
    address: str  # what every name resolves to
    ports: dict[str, int] = field(default_factory=lambda: dict(PORTS))
    sniff_port: int | None = None  # one port for http and https alike


class Services:
    """Opens the listening sockets of a world."""

    def __init__(self, world: World, settings: ServiceSettings, folder: Path) -> None:
        self._settings = settings
        self._stack = contextlib.ExitStack()
        self.authority = Authority(default_name=settings.address)
        self.web = WebServers(
            world.web, self.authority, on_gone=world.pages.gone, on_malformed=world.note_noise
        )
        tls = self.authority.server_context()
        self._names = NameServer(settings.address, world.witness, time.monotonic)
        self._smtp = SmtpServer(world.mail, tls)
        self._imap = ImapServer(world.mail, world.mail_watch, tls, folder / "imap")
        for service in (self.web, self._names, self._smtp, self._imap):
            self._stack.callback(service.close)
        self.ports: dict[str, int] = {}

    async def open(self) -> None:
        """Listen everywhere.

        Raises:
            OSError: A port is taken or not ours to take.
        """
        for name, port in self._settings.ports.items():
            if name.startswith("imap") and not PROGRAM.exists():
                print(f"world: no {name}: {PROGRAM} is missing", file=sys.stderr)  # noqa: T201 - the log
                continue
            self.ports[name] = await self._open_one(name, port)
        if self._settings.sniff_port is not None:
            port = await self.web.open_both(self._settings.bind, self._settings.sniff_port)
            self.ports["sniff"] = port

    def drop_connections(self) -> None:
        """End every conversation of the episode that is over."""
        self.web.drop_connections()
        self._smtp.drop_connections()
        self._imap.drop_connections()
        self._names.forget()

    async def close(self) -> None:
        """Stop listening, and end what still runs."""
        self._stack.close()
        await self._imap.ended()

    async def _open_one(self, name: str, port: int) -> int:
        bind = self._settings.bind
        if name in ("http", "https"):
            return await self.web.open(bind, port, tls=name == "https")
        if name == "dns":
            return await self._names.open(bind, port)
        if name in ("smtp", "submission"):
            return await self._smtp.open(bind, port)
        return await self._imap.open(bind, port, tls=name == "imaps")
