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

_CALL_HEAD = struct.Struct("<BBBBIII")
_FIELD_ERROR, _FIELD_REPLY, _FIELD_SIGNATURE = 4, 5, 8
_KIND_NUMBER, _KIND_SIGNATURE = ord("u"), ord("g")

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
    """Write one value of a basic type, a list of texts, or a variant `(type, value)`."""
    if code == "as":
        body = bytearray()
        for text in value:
            _append(body, "s", text)
        _append(data, "u", len(body))
        data += body
        return
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


@functools.lru_cache(maxsize=4096)
def _encoded(signature: str, arguments: tuple[Any, ...]) -> bytes:
    body = bytearray()
    for code, value in zip(split_signature(signature), arguments, strict=True):
        _append(body, code, value)
    return bytes(body)


@functools.lru_cache(maxsize=4096)
def _fields(to: str, member: str, signature: str) -> bytes:
    """Return the header fields that do not differ between the widgets of an application."""
    interface, _, method = member.rpartition(".")
    found: list[tuple[int, str, str]] = [(2, "s", interface), (3, "s", method)]
    if to:
        found.append((6, "s", to))
    if signature:
        found.append((8, "g", signature))
    data = bytearray()
    for number, code, value in found:
        _pad(data, 8)
        data += bytes([number])
        _append(data, "v", (code, value))
    _pad(data, 8)
    return bytes(data)


def call(
    serial: int,
    to: str,
    path: str,
    member: str,
    signature: str = "",
    arguments: tuple[Any, ...] = (),
) -> bytes:
    """Return a method call; MEMBER is `interface.Method`."""
    body = _encoded(signature, arguments)
    raw = path.encode()
    # The path comes last: what is before it is the same for many calls, and is kept.
    listed = b"%s\x01\x01o\0%s%s\0" % (
        _fields(to, member, signature), len(raw).to_bytes(4, "little"), raw,
    )  # fmt: skip
    head = _CALL_HEAD.pack(0x6C, METHOD_CALL, 0, 1, len(body), serial, len(listed))
    return head + listed + bytes(-len(listed) % 8) + body


def take_messages(buffer: bytearray) -> list[Message]:
    """Cut all complete messages off a buffer.

    Raises:
        DBusError: The bytes are not messages of a bus on this machine.
    """
    found: list[Message] = []
    raw, start = bytes(buffer), 0
    while len(raw) - start >= _CALL_HEAD.size:
        order, kind, _, _, body_size, serial, fields_size = _CALL_HEAD.unpack_from(raw, start)
        body_at = start + (16 + fields_size + 7 & ~7)
        end = body_at + body_size
        if order != 0x6C or end - start > _MAX_MESSAGE_BYTES:
            raise DBusError(f"A message begins with {raw[start : start + 16]!r}.")
        if len(raw) < end:
            break
        head = raw[start:body_at]
        try:
            reply_to, signature, error = _read_fields(head, 16 + fields_size)
        except IndexError:
            raise DBusError(f"A message's fields are cut: {head[:100]!r}") from None
        found.append(Message(kind, serial, reply_to, signature, error, raw[body_at:end]))
        start = end
    del buffer[:start]
    return found


def _read_fields(raw: bytes, end: int) -> tuple[int, str, str]:
    """Return of a header's fields what an answer needs: reply serial, signature, error."""
    reply_to, signature, error = 0, "", ""
    at = 16
    while at < end:
        at = at + 7 & ~7
        field, kind = raw[at], raw[at + 2]
        if kind == _KIND_NUMBER:
            if field == _FIELD_REPLY:
                reply_to = int.from_bytes(raw[at + 4 : at + 8], "little")
            at += 8
        elif kind == _KIND_SIGNATURE:
            size = raw[at + 4]
            if field == _FIELD_SIGNATURE:
                signature = raw[at + 5 : at + 5 + size].decode("ascii", "replace")
            at += 6 + size
        else:  # a text or a path
            size = int.from_bytes(raw[at + 4 : at + 8], "little")
            if field == _FIELD_ERROR:
                error = raw[at + 8 : at + 8 + size].decode("utf-8", "replace")
            at += 9 + size
    return reply_to, signature, error
