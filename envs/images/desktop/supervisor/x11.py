"""As much of the X protocol as it takes to know that a desktop stands: atoms and properties."""

import asyncio
import contextlib
import struct
from typing import Self

_INTERN_ATOM, _GET_PROPERTY, _CHANGE_ATTRIBUTES, _GET_OWNER = 16, 20, 2, 23
_EVENT_MASK, _PROPERTY_CHANGE = 0x800, 0x400000
_ERROR, _REPLY = 0, 1
_HINT_TIMEOUT_S = 0.05  # a window's own properties make no event at the root


class XError(OSError):
    """The X server refused, or is not what it says."""


class XConnection:
    """One connection; requests are answered one at a time, events wake `changed`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._atoms: dict[str, int] = {}
        self._has_event = False
        self.root = 0

    @classmethod
    async def open(cls, display: str) -> Self:
        """Connect to a local display such as `:0`.

        Raises:
            OSError: Nobody listens there, or the server refuses us.
        """
        number = display.rpartition(":")[2].partition(".")[0]
        connection = cls(*await asyncio.open_unix_connection(f"/tmp/.X11-unix/X{number}"))
        await connection._set_up()
        return connection

    async def _set_up(self) -> None:
        self._writer.write(struct.pack("<BxHHHHxx", 0x6C, 11, 0, 0, 0))
        status, words = struct.unpack("<BxxxxxH", await self._reader.readexactly(8))
        body = await self._reader.readexactly(words * 4)
        if status != 1:
            raise XError(f"The X server refuses the connection: {body[:200]!r}")
        vendor_bytes, formats = struct.unpack_from("<H", body, 16)[0], body[21]
        first_screen = 32 + (vendor_bytes + 3) // 4 * 4 + formats * 8
        (self.root,) = struct.unpack_from("<I", body, first_screen)

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    async def watch_root(self) -> None:
        """Ask for an event whenever a property of the root window changes."""
        self._writer.write(
            struct.pack("<BxHIII", _CHANGE_ATTRIBUTES, 4, self.root, _EVENT_MASK, _PROPERTY_CHANGE)
        )
        await self._writer.drain()

    async def changed(self) -> None:
        """Wait for an event that arrived since the last call; gives up after a moment."""
        if not self._has_event:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_HINT_TIMEOUT_S):
                    await self._reader.readexactly(32)
        self._has_event = False

    async def numbers(self, window: int, name: str) -> tuple[int, ...]:
        """Return a property of 32-bit numbers; empty where the window does not have it."""
        atom = await self.atom(name)
        self._writer.write(struct.pack("<BBHIIIII", _GET_PROPERTY, 0, 6, window, atom, 0, 0, 1024))
        reply = await self._answer()
        if reply is None or reply[1] != 32:
            return ()
        (length,) = struct.unpack_from("<I", reply, 16)
        return struct.unpack_from(f"<{length}I", reply, 32)

    async def has(self, window: int, name: str) -> bool:
        """Whether a window has a property, of whatever type."""
        atom = await self.atom(name)
        self._writer.write(struct.pack("<BBHIIIII", _GET_PROPERTY, 0, 6, window, atom, 0, 0, 0))
        reply = await self._answer()
        return reply is not None and struct.unpack_from("<I", reply, 8)[0] != 0

    async def owner(self, selection: str) -> int:
        """Return the window that owns a selection, 0 if none does."""
        self._writer.write(struct.pack("<BxHI", _GET_OWNER, 2, await self.atom(selection)))
        reply = await self._answer()
        return 0 if reply is None else int(struct.unpack_from("<I", reply, 8)[0])

    async def atom(self, name: str) -> int:
        """Return the number of a name."""
        if name not in self._atoms:
            raw = name.encode()
            padded = raw.ljust((len(raw) + 3) // 4 * 4, b"\0")
            head = struct.pack("<BBHHxx", _INTERN_ATOM, 0, 2 + len(padded) // 4, len(raw))
            self._writer.write(head + padded)
            reply = await self._answer()
            if reply is None:
                raise XError(f"The X server refuses the atom {name}.")
            (self._atoms[name],) = struct.unpack_from("<I", reply, 8)
        return self._atoms[name]

    async def _answer(self) -> bytes | None:
        """Return the next reply, None for an error; events in between are only hints."""
        while True:
            packet = await self._packet()
            if packet[0] == _REPLY:
                return packet
            if packet[0] == _ERROR:
                return None
            self._has_event = True

    async def _packet(self) -> bytes:
        head = await self._reader.readexactly(32)
        if head[0] != _REPLY:
            return head
        (words,) = struct.unpack_from("<I", head, 4)
        return head + (await self._reader.readexactly(words * 4) if words else b"")


async def window_types(x: XConnection) -> set[str]:
    """Return the kinds of windows that the window manager manages, and `wm` if there is one."""
    found: set[str] = set()
    if await x.numbers(x.root, "_NET_SUPPORTING_WM_CHECK"):
        found.add("wm")
    names = {
        await x.atom(f"_NET_WM_WINDOW_TYPE_{kind.upper()}"): kind for kind in ("dock", "desktop")
    }
    for window in await x.numbers(x.root, "_NET_CLIENT_LIST"):
        kinds = await x.numbers(window, "_NET_WM_WINDOW_TYPE")
        if await x.numbers(window, "WM_STATE"):
            found |= {names[kind] for kind in kinds if kind in names}
    return found


async def has_settings(x: XConnection) -> bool:
    """Whether a settings daemon has told programs which fonts and theme to use."""
    owner = await x.owner("_XSETTINGS_S0")
    return owner != 0 and await x.has(owner, "_XSETTINGS_SETTINGS")
