"""The beginning of an IMAP conversation: greeting, STARTTLS, password."""

import asyncio
import base64
import binascii
import re
import ssl
from collections.abc import Callable
from typing import Final

__all__ = ["CAPABILITIES", "ImapLogin"]

CAPABILITIES: Final = (
    "IMAP4rev1 SASL-IR ID ENABLE IDLE NAMESPACE LITERAL+ UIDPLUS CHILDREN UNSELECT SPECIAL-USE "
    "MOVE SORT THREAD=REFERENCES ESEARCH"
)
_MOST_LINE_BYTES = 8192
_MOST_COMMANDS = 100
_PATIENCE_S = 120.0
_WORD = re.compile(rb' *(?:"((?:[^"\\]|\\.)*)"|\{(\d{1,4})(\+?)\}$|([^ "{]+))')


class ImapLogin:
    """Talks to a client until it is signed in, leaves, or asks for too much."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        check: Callable[[str, str], bool],
        tls: ssl.SSLContext,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._check = check
        self._tls = tls
        self._is_private = writer.get_extra_info("ssl_object") is not None

    async def run(self) -> tuple[str, str] | None:
        """Return the mailbox and the tag of the command that signed in; None if nobody did."""
        await self._say(f"* OK [CAPABILITY {self._offer()}] IMAP ready.")
        for _ in range(_MOST_COMMANDS):
            tag, command, rest = await self._command()
            if not tag:
                return None
            if command == "LOGIN":
                words = await self._words(rest)
                if len(words) == 2 and await self._try(tag, *words):
                    return words[0].lower(), tag
            elif command == "AUTHENTICATE":
                user, password = await self._authenticate(rest)
                if await self._try(tag, user, password):
                    return user.lower(), tag
            elif command == "LOGOUT":
                await self._say("* BYE Logging out", f"{tag} OK Logout completed.")
                return None
            else:
                await self._other(tag, command)
        return None

    async def _other(self, tag: str, command: str) -> None:
        if command == "CAPABILITY":
            await self._say(f"* CAPABILITY {self._offer()}", f"{tag} OK Capability completed.")
        elif command == "ID":
            await self._say("* ID NIL", f"{tag} OK ID completed.")
        elif command == "NOOP":
            await self._say(f"{tag} OK NOOP completed.")
        elif command == "STARTTLS" and not self._is_private:
            await self._say(f"{tag} OK Begin TLS negotiation now.")
            await self._writer.start_tls(self._tls)
            self._is_private = True
        else:
            await self._say(f"{tag} BAD Sign in first.")

    async def _try(self, tag: str, user: str, password: str) -> bool:
        if self._check(user, password):
            return True
        await self._say(f"{tag} NO [AUTHENTICATIONFAILED] Authentication failed.")
        return False

    async def _authenticate(self, rest: bytes) -> tuple[str, str]:
        method, _, initial = rest.strip().partition(b" ")
        if method.upper() == b"LOGIN":
            user = _decoded(initial) if initial else await self._challenge("VXNlcm5hbWU6")
            return user, await self._challenge("UGFzc3dvcmQ6")
        answer = _decoded(initial) if initial else await self._challenge("")
        _, _, rest_text = answer.partition("\0")
        user, _, password = rest_text.partition("\0")
        return user, password

    async def _challenge(self, text: str) -> str:
        await self._say(f"+ {text}")
        return _decoded(await self._line())

    async def _words(self, rest: bytes) -> list[str]:
        """Read atoms, quoted strings and literals until the command ends."""
        words: list[str] = []
        while rest.strip():
            found = _WORD.match(rest)
            if found is None:
                return []
            quoted, size, plus, atom = found.groups()
            rest = rest[found.end() :]
            if size is not None:
                if not plus:
                    await self._say("+ OK")
                data = await self._reader.readexactly(int(size))
                rest = await self._line()
            elif quoted is not None:
                data = re.sub(rb"\\(.)", rb"\1", quoted)
            else:
                data = atom
            words.append(data.decode("utf-8", "replace"))
        return words

    async def _command(self) -> tuple[str, str, bytes]:
        tag, _, rest = (await self._line()).partition(b" ")
        command, _, rest = rest.partition(b" ")
        is_tag = re.fullmatch(rb"[A-Za-z0-9._-]{1,40}", tag) is not None
        return tag.decode() if is_tag else "", command.decode("latin-1").upper(), rest

    async def _line(self) -> bytes:
        line = await asyncio.wait_for(self._reader.readuntil(b"\n"), _PATIENCE_S)
        if len(line) > _MOST_LINE_BYTES:
            raise ValueError("An IMAP command is too long.")
        return line.rstrip(b"\r\n")

    async def _say(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self._writer.drain()

    def _offer(self) -> str:
        tls = "" if self._is_private else " STARTTLS"
        return f"IMAP4rev1 SASL-IR LITERAL+ ID ENABLE IDLE{tls} AUTH=PLAIN AUTH=LOGIN"


def _decoded(text: bytes) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
