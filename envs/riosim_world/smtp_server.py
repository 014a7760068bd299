"""Takes every mail that anybody sends; those for the world's mailboxes are delivered."""

import asyncio
import logging
import ssl
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from typing_extensions import override

from riosim_world.mailbox import MailStore
from riosim_world.room import FullError

__all__ = ["SmtpServer"]

_MOST_BYTES = 10 * 2**20
_MOST_RECIPIENTS = 100


class SmtpServer:
    """SMTP with STARTTLS and AUTH on offer, neither demanded."""

    def __init__(self, mail: MailStore, tls: ssl.SSLContext) -> None:
        self._mail = mail
        self._tls = tls
        self._servers: list[asyncio.Server] = []
        self.open_connections: set[_Connection] = set()
        logging.getLogger("mail.log").setLevel(logging.ERROR)

    async def open(self, host: str, port: int) -> int:
        """Listen; return the port."""
        server = await asyncio.get_running_loop().create_server(self._make, host, port)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def drop_connections(self) -> None:
        """End all connections."""
        for connection in list(self.open_connections):
            if isinstance(connection.transport, asyncio.WriteTransport):
                connection.transport.abort()

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.close()
        self.drop_connections()

    def _make(self) -> asyncio.Protocol:
        return _Connection(
            self,
            _Handler(self._mail),
            hostname="mx1.local",
            ident="ESMTP",
            data_size_limit=_MOST_BYTES,
            enable_SMTPUTF8=True,
            tls_context=self._tls,
            authenticator=self._authenticate,
            auth_require_tls=False,
            loop=asyncio.get_running_loop(),
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        user = data.login.decode("utf-8", "replace")
        good = self._mail.check(user, data.password.decode("utf-8", "replace"))
        return AuthResult(success=good, handled=False)


class _Connection(SMTP):
    def __init__(self, owner: SmtpServer, *args: Any, **kwargs: Any) -> None:
        self._owner = owner
        super().__init__(*args, **kwargs)

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._owner.open_connections.add(self)
        super().connection_made(transport)

    @override
    def connection_lost(self, error: Exception | None) -> None:
        self._owner.open_connections.discard(self)
        super().connection_lost(error)


class _Handler:
    """What aiosmtpd calls."""

    def __init__(self, mail: MailStore) -> None:
        self._mail = mail

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept any recipient."""
        if len(envelope.rcpt_tos) >= _MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take the message."""
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            self._mail.receive(raw, envelope.mail_from or "", envelope.rcpt_tos, via="smtp")
        except FullError:
            return "452 4.2.2 The mailbox is full"
        return "250 2.0.0 OK: queued"
