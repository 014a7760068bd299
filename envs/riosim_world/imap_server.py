"""IMAP: we greet, take TLS and the password; Dovecot's `imap` serves the mailbox.

Dovecot runs without its master: one `imap` process for each connection, already signed in, on
pipes. So it needs no root, no capability, no login process and no configuration of accounts.
"""

import asyncio
import contextlib
import os
import ssl
from pathlib import Path

from riosim_world.imap_login import CAPABILITIES, ImapLogin
from riosim_world.mail_watch import MailWatch
from riosim_world.mailbox import MailStore
from riosim_world.maildir import FOLDERS, mail_ids
from riosim_world.room import FullError

__all__ = ["PROGRAM", "ImapServer"]

PROGRAM = Path("/usr/lib/dovecot/imap")

_CHUNK = 2**16
_GREETING_S = 10.0
_SPECIAL = {"Drafts": "Drafts", "Sent": "Sent", "Junk": "Junk", "Trash": "Trash",
            "Archive": "Archive"}  # fmt: skip


class ImapServer:
    """IMAP with STARTTLS on one port; give `open` a port for each further one."""

    def __init__(
        self, mail: MailStore, watch: MailWatch, tls: ssl.SSLContext, folder: Path
    ) -> None:
        self._mail = mail
        self._watch = watch
        self._tls = tls
        self._folder = folder
        self._ids = mail_ids()
        self._servers: list[asyncio.Server] = []
        self._talks: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int, *, tls: bool = False) -> int:
        """Listen; return the port."""
        self._write_configuration()
        context = self._tls if tls else None
        server = await asyncio.start_server(self._welcome, host, port, ssl=context)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def drop_connections(self) -> None:
        """End all connections."""
        for talk in list(self._talks):
            talk.cancel()

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.close()
        self.drop_connections()

    async def ended(self) -> None:
        """Wait until no connection is left, after `close`."""
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None  # noqa: S101 - asyncio runs us in one
        self._talks.add(talk)
        try:
            login = ImapLogin(reader, writer, self._mail.check, self._tls)
            found = await login.run()
            if found is not None:
                await self._serve(*found, reader, writer)
        except (OSError, ValueError, asyncio.IncompleteReadError, TimeoutError):
            pass  # the client left, or speaks something else
        except asyncio.CancelledError:
            pass  # the episode is over
        finally:
            self._talks.discard(talk)
            writer.close()

    async def _serve(
        self, address: str, tag: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Let Dovecot talk to the client about one mailbox."""
        home = self._mail.home(address)
        if home is None:
            return
        process = await asyncio.create_subprocess_exec(
            str(PROGRAM),
            "-c",
            str(self._folder / "imap.conf"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            user=self._ids[0] if os.getuid() == 0 else None,
            group=self._ids[1] if os.getuid() == 0 else None,
            extra_groups=[] if os.getuid() == 0 else None,
            env={"HOME": str(home), "USER": address, "PATH": "/usr/bin:/bin", "TZ": "UTC"},
        )
        assert process.stdin is not None  # noqa: S101 - asked for above
        assert process.stdout is not None  # noqa: S101 - asked for above
        self._watch.begin(address)
        try:
            greeting = await asyncio.wait_for(process.stdout.readline(), _GREETING_S)
            if not greeting.startswith(b"* PREAUTH"):
                writer.write(f"{tag} NO [UNAVAILABLE] The mailbox cannot be opened.\r\n".encode())
                return
            writer.write(f"{tag} OK [CAPABILITY {CAPABILITIES}] Logged in\r\n".encode())
            to_client = asyncio.create_task(self._pass_on(process.stdout, writer, address))
            to_server = asyncio.create_task(self._take_in(reader, process.stdin, writer))
            try:
                await asyncio.wait({to_client, to_server}, return_when=asyncio.FIRST_COMPLETED)
                if to_server.done() and not to_client.done():  # the client has nothing more to say
                    process.stdin.close()
                    await asyncio.wait({to_client}, timeout=1.0)
            finally:
                to_client.cancel()
                to_server.cancel()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            self._watch.look(address)

    async def _take_in(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        client: asyncio.StreamWriter,
    ) -> None:
        """Pass what the client says to Dovecot, and count it: all of it could be mail."""
        with contextlib.suppress(OSError):
            while data := await source.read(_CHUNK):
                try:
                    self._mail.take(len(data))
                except FullError as exc:
                    client.write(f"* BYE [ALERT] {exc}\r\n".encode())
                    return
                target.write(data)
                await target.drain()

    async def _pass_on(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, address: str
    ) -> None:
        """Pass what Dovecot says to the client, and look at what it has changed first."""
        with contextlib.suppress(OSError):
            while data := await source.read(_CHUNK):
                if b" OK " in data or b" FETCH " in data:
                    self._watch.look(address)
                target.write(data)
                await target.drain()

    def _write_configuration(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        folders = "\n".join(
            f"  mailbox {name} {{\n    auto = subscribe\n    special_use = \\{_SPECIAL[name]}\n  }}"
            for name in FOLDERS
            if name in _SPECIAL
        )
        settings = {
            "base_dir": self._folder / "run",
            "state_dir": self._folder / "run",
            "log_path": "/dev/null",
            "ssl": "no",
            "protocols": "imap",
            "mail_location": "maildir:~:INDEX=MEMORY",
            "mail_fsync": "never",
            "mail_uid": self._ids[0],
            "mail_gid": self._ids[1],
            "first_valid_uid": 0,
            "first_valid_gid": 0,
            "imap_capability": CAPABILITIES,
            "imap_idle_notify_interval": "2 mins",
            "mailbox_idle_check_interval": "1 secs",
        }
        text = "\n".join(f"{name} = {value}" for name, value in settings.items())
        text += f"\nnamespace inbox {{\n  inbox = yes\n  separator = /\n{folders}\n}}\n"
        (self._folder / "imap.conf").write_text(text)
        self._folder.chmod(0o711)
