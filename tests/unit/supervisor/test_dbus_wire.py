"""Messages survive the bytes, and hostile bytes are refused."""

import struct

import dbus_wire
import pytest


def test_a_call_has_its_fields_and_a_body_that_reads_back():
    raw = dbus_wire.call(7, ":1.5", "/a/b", "org.x.Y.Do", "su", ("héllo", 9))
    size, serial, fields = struct.unpack_from("<III", raw, 4)
    assert serial == 7
    body = raw[16 + fields + 7 & ~7 :]
    assert len(body) == size
    text, at = dbus_wire.reader("s")(body, 0)
    assert (text, dbus_wire.reader("u")(body, at)[0]) == ("héllo", 9)
    listed = dict(dbus_wire.reader("a(yv)")(raw, 12)[0])
    assert listed == {1: "/a/b", 2: "org.x.Y", 3: "Do", 6: ":1.5", 8: "su"}


def answer(body: bytes, signature: str, reply_to: int = 3) -> bytes:
    fields = struct.pack("<BBBBI", 5, 1, ord("u"), 0, reply_to)
    fields += bytes([8, 1, ord("g"), 0, len(signature)]) + signature.encode() + b"\0"
    fields += (
        bytes(-len(fields) % 8) + bytes([7, 1, ord("s"), 0]) + struct.pack("<I", 4) + b":1.2\0"
    )
    head = struct.pack("<BBBBIII", 0x6C, 2, 0, 1, len(body), 1, len(fields))
    return head + fields + bytes(-len(fields) % 8) + body


def test_an_answer_cut_anywhere_is_read_once_it_is_whole():
    raw = answer(struct.pack("<I", 5), "u")
    buffer = bytearray()
    for byte in raw[:-1]:
        buffer.append(byte)
        assert dbus_wire.take_messages(buffer) == []
    buffer += raw[-1:] + raw + raw[:7]
    first, second = dbus_wire.take_messages(buffer)
    assert (first.reply_to, first.signature, first.values()) == (3, "u", [5])
    assert second == first
    assert buffer == raw[:7]


def test_structures_arrays_and_variants_are_aligned():
    body = struct.pack("<I4x", 28) + struct.pack("<I", 2) + b"ab\0\0" + struct.pack("<I4x", 1)
    body += struct.pack("<I", 0) + b"\0\0\0\0" + struct.pack("<I", 2)
    (message,) = dbus_wire.take_messages(bytearray(answer(body, "a(su)")))
    assert message.values() == [[("ab", 1), ("", 2)]]
    variant = b"\x01i\0\0" + struct.pack("<i", -4)
    assert dbus_wire.reader("v")(variant, 0) == (-4, 8)


def test_bytes_that_are_no_message_are_refused():
    with pytest.raises(dbus_wire.DBusError):
        dbus_wire.take_messages(bytearray(b"B" + bytes(40)))
    with pytest.raises(dbus_wire.DBusError):
        dbus_wire.take_messages(bytearray(b"l\2\0\1" + b"\xff" * 12))
    fields = b"l\2\0\1" + struct.pack("<III", 0, 1, 8) + b"\x07\x01s\0\xff\xff\xff\x7f"
    (message,) = dbus_wire.take_messages(bytearray(fields))
    assert message.reply_to == 0


def test_a_signature_is_cut_into_complete_types():
    assert dbus_wire.split_signature("a((so)(so)ii)sa{sv}u") == ("a((so)(so)ii)", "s", "a{sv}", "u")
    with pytest.raises(dbus_wire.DBusError):
        dbus_wire.split_signature("(so")
