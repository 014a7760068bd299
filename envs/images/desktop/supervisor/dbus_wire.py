"""D-Bus messages to and from bytes: as much of the protocol as accessibility needs, and fast.

Signatures are compiled once into functions; a tree of 600 widgets is some ten thousand values.
"""

import functools
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

METHOD_CALL, METHOD_RETURN, ERROR, SIGNAL = 1, 2, 3, 4
_MAX_MESSAGE_BYTES = 64 << 20
_ALIGNMENT = {
    "y": 1, "b": 4, "n": 2, "q": 2, "i": 4, "u": 4, "x": 8, "t": 8, "d": 8,
    "s": 4, "o": 4, "g": 1, "v": 1, "a": 4, "(": 8, "{": 8,
}  # fmt: skip
_NUMBERS = {"y": "<B", "n": "<h", "q": "<H", "i": "<i", "u": "<I", "x": "<q", "t": "<Q", "d": "<d"}

Reader = Callable[[bytes, int], tuple[Any, int]]


class DBusError(OSError):
    """The other side sent what is no message, or an error."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message that arrived."""

    kind: int
    serial: int
    reply_to: int
    signature: str
    sender: str
    error: str
    body: bytes

    def values(self) -> list[Any]:
        """Return the arguments."""
        position, found = 0, []
        for part in split_signature(self.signature):
            value, position = reader(part)(self.body, position)
            found.append(value)
        return found


@functools.cache
def split_signature(signature: str) -> tuple[str, ...]:
    """Return the complete types that a signature lists."""
    parts, position = [], 0
    while position < len(signature):
        end = _type_end(signature, position)
        parts.append(signature[position:end])
        position = end
    return tuple(parts)


def _type_end(signature: str, start: int) -> int:
    code = signature[start]
    if code == "a":
        return _type_end(signature, start + 1)
    if code not in "({":
        return start + 1
    depth = 0
    for position in range(start, len(signature)):
        depth += (signature[position] in "({") - (signature[position] in ")}")
        if depth == 0:
            return position + 1
    raise DBusError(f"The signature {signature!r} does not end.")


@functools.cache
def reader(signature: str) -> Reader:
    """Return the function that reads one value of this type at a position."""
    code = signature[0]
    if code in _NUMBERS:
        return _number_reader(_NUMBERS[code], _ALIGNMENT[code])
    if code == "b":
        number = _number_reader("<I", 4)
        return lambda data, at: (number(data, at)[0] != 0, (at + 3 & ~3) + 4)
    if code in "so":
        return _read_text
    if code == "g":
        return _read_signature
    if code == "v":
        return _read_variant
    if code == "a":
        return _array_reader(signature[1:])
    if code in "({":
        return _struct_reader(tuple(reader(part) for part in split_signature(signature[1:-1])))
    raise DBusError(f"No value has the type {signature!r}.")


def _number_reader(layout: str, size: int) -> Reader:
    unpack, mask = struct.Struct(layout).unpack_from, size - 1

    def read(data: bytes, at: int) -> tuple[Any, int]:
        at = at + mask & ~mask
        return unpack(data, at)[0], at + size

    return read


def _read_text(data: bytes, at: int) -> tuple[str, int]:
    start = (at + 3 & ~3) + 4
    end = start + int.from_bytes(data[start - 4 : start], "little")
    return data[start:end].decode("utf-8", "replace"), end + 1


def _read_signature(data: bytes, at: int) -> tuple[str, int]:
    end = at + 1 + data[at]
    return data[at + 1 : end].decode(), end + 1


def _read_variant(data: bytes, at: int) -> tuple[Any, int]:
    signature, at = _read_signature(data, at)
    return reader(signature)(data, at)


def _array_reader(item: str) -> Reader:
    read, mask, pairs = reader(item), _ALIGNMENT[item[0]] - 1, item[0] == "{"
    numbers = struct.Struct("<I").unpack_from

    def read_array(data: bytes, at: int) -> tuple[Any, int]:
        at = at + 3 & ~3
        size = numbers(data, at)[0]
        at = at + 4 + mask & ~mask
        end = at + size
        if item == "u":
            return list(struct.unpack_from(f"<{size // 4}I", data, at)), end
        found = []
        while at < end:
            value, at = read(data, at)
            found.append(value)
        return (dict(found) if pairs else found), end

    return read_array


def _struct_reader(readers: tuple[Reader, ...]) -> Reader:
    def read_struct(data: bytes, at: int) -> tuple[Any, int]:
        at = at + 7 & ~7
        found = []
        for read in readers:
            value, at = read(data, at)
            found.append(value)
        return tuple(found), at

    return read_struct


def _pad(data: bytearray, alignment: int) -> None:
    data += b"\0" * (-len(data) % alignment)


def _append(data: bytearray, code: str, value: Any) -> None:
    """Write one value of a basic type, or a variant `(type, value)`."""
    _pad(data, _ALIGNMENT[code])
    if code in _NUMBERS:
        data += struct.pack(_NUMBERS[code], value)
    elif code == "b":
        data += struct.pack("<I", bool(value))
    elif code in "so":
        raw = value.encode()
        data += struct.pack("<I", len(raw)) + raw + b"\0"
    elif code == "g":
        data += bytes([len(value)]) + value.encode() + b"\0"
    elif code == "v":
        _append(data, "g", value[0])
        _append(data, *value)
    else:
        raise DBusError(f"Values of type {code!r} are never sent.")


def call(
    serial: int,
    to: str,
    path: str,
    member: str,
    signature: str = "",
    arguments: tuple[Any, ...] = (),
) -> bytes:
    """Return a method call; MEMBER is `interface.Method`."""
    body = bytearray()
    for code, value in zip(signature, arguments, strict=True):
        _append(body, code, value)
    interface, _, method = member.rpartition(".")
    fields: list[tuple[int, str, str]] = [(1, "o", path), (2, "s", interface), (3, "s", method)]
    if to:
        fields.append((6, "s", to))
    if signature:
        fields.append((8, "g", signature))
    head = bytearray(struct.pack("<BBBBII", 0x6C, METHOD_CALL, 0, 1, len(body), serial))
    listed = bytearray(16)  # alignment counts from the start of the message
    for number, code, value in fields:
        _pad(listed, 8)
        listed += bytes([number])
        _append(listed, "v", (code, value))
    head += struct.pack("<I", len(listed) - 16)
    head += listed[16:]
    _pad(head, 8)
    return bytes(head + body)


def take_message(buffer: bytearray) -> Message | None:
    """Cut the first message off a buffer; None while it is not complete.

    Raises:
        DBusError: The bytes are not a message of a bus on this machine.
    """
    if len(buffer) < 16:
        return None
    order, kind, _, _, body_size, serial, fields_size = struct.unpack_from("<BBBBIII", buffer)
    body_at = 16 + fields_size + 7 & ~7
    if order != 0x6C or body_at + body_size > _MAX_MESSAGE_BYTES:
        raise DBusError(f"A message begins with {bytes(buffer[:16])!r}.")
    if len(buffer) < body_at + body_size:
        return None
    raw = bytes(buffer[: body_at + body_size])
    del buffer[: body_at + body_size]
    fields = dict(reader("a(yv)")(raw[:body_at], 12)[0])
    return Message(
        kind, serial, fields.get(5, 0), fields.get(8, ""), fields.get(7, ""), fields.get(4, ""),
        raw[body_at:],
    )  # fmt: skip
