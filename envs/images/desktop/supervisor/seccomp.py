"""The seccomp filter that lets the supervisor see every exec, and its descriptor's protocol.

The filter asks the supervisor (`SECCOMP_RET_USER_NOTIF`) about execve, execveat, exit_group and
kill(-1, …) and lets everything else pass. It is a witness, not a guard: what the notification shows
is read from memory that another thread may change before the kernel reads it again (CONTINUE).
"""

import contextlib
import ctypes
import fcntl
import os
import platform
import struct
from dataclasses import dataclass

import kernel

_NR_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER, _GET_ACTION_AVAIL = 1, 2
_FLAG_NEW_LISTENER, _FLAG_WAIT_KILLABLE = 1 << 3, 1 << 5
_RET_USER_NOTIF, _RET_ALLOW = 0x7FC00000, 0x7FFF0000

_IOCTL_RECV, _IOCTL_SEND = 0xC0502100, 0xC0182101
_IOCTL_ID_VALID, _IOCTL_SET_FLAGS = 0x40082102, 0x40082104
_CONTINUE = 1
_RECV_SIZE = 80

_LOAD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06
_OFFSET_NR, _OFFSET_ARCH, _OFFSET_ARG0 = 0, 4, 16


@dataclass(frozen=True, slots=True)
class Abi:
    """The numbers of the watched calls on one kernel interface."""

    arch: int
    execve: tuple[int, ...]
    execveat: tuple[int, ...]
    exit_group: tuple[int, ...]
    kill: tuple[int, ...]
    word: int  # bytes of a pointer in argv

    @property
    def always(self) -> tuple[int, ...]:
        """The calls that are asked about whatever their arguments are."""
        return self.execve + self.execveat + self.exit_group


_X32 = 0x40000000
_ABIS = {
    "x86_64": (
        Abi(0xC000003E, (59, _X32 | 520), (322, _X32 | 545), (231, _X32 | 231), (62, _X32 | 62), 8),
        Abi(0x40000003, (11,), (358,), (252,), (37,), 4),  # 32-bit programs
    ),
    "aarch64": (
        Abi(0xC00000B7, (221,), (281,), (94,), (129,), 8),
        Abi(0x40000028, (11,), (387,), (248,), (37,), 4),
    ),
}
ABIS = {abi.arch: abi for abi in _ABIS.get(platform.machine(), ())}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _block(abi: Abi) -> list[bytes]:
    """Instructions for one ABI; every path through them ends in a return."""
    notify = _instruction(_RETURN, _RET_USER_NOTIF)
    allow = _instruction(_RETURN, _RET_ALLOW)
    body = [_instruction(_LOAD, _OFFSET_NR)]
    for number in abi.always:
        body += [_instruction(_JUMP_EQUAL, number, 0, 1), notify]
    for number in abi.kill:
        body += [
            _instruction(_JUMP_EQUAL, number, 0, 4),
            _instruction(_LOAD, _OFFSET_ARG0),
            _instruction(_JUMP_EQUAL, 0xFFFFFFFF, 0, 1),
            notify,
            allow,
        ]
    return [*body, allow]


def build_filter() -> bytes:
    """Return the BPF program for this machine."""
    program: list[bytes] = []
    for abi in ABIS.values():
        body = _block(abi)
        program.append(_instruction(_LOAD, _OFFSET_ARCH))
        program.append(_instruction(_JUMP_EQUAL, abi.arch, 0, len(body)))
        program += body
    program.append(_instruction(_RETURN, _RET_ALLOW))
    return b"".join(program)


FILTER = build_filter()


def available() -> bool:
    """Whether this kernel can notify; asks without changing anything."""
    number = _NR_SECCOMP.get(platform.machine())
    if number is None or not kernel.LITTLE_ENDIAN:
        return False
    action = ctypes.c_uint32(_RET_USER_NOTIF)
    try:
        kernel.system_call(
            number, ctypes.c_uint(_GET_ACTION_AVAIL), ctypes.c_uint(0), ctypes.byref(action)
        )
    except OSError:
        return False
    return True


def install() -> int:
    """Put the filter on this process and all that it will start; returns the listener.

    Needs no_new_privs. WAIT_KILLABLE (kernel 5.19) keeps a signal from making one exec two.
    """
    buffer = ctypes.create_string_buffer(FILTER, len(FILTER))
    program = _Program(len(FILTER) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    number = _NR_SECCOMP[platform.machine()]
    for flags in (_FLAG_NEW_LISTENER | _FLAG_WAIT_KILLABLE, _FLAG_NEW_LISTENER):
        try:
            return kernel.system_call(
                number, ctypes.c_uint(_SET_MODE_FILTER), ctypes.c_uint(flags), ctypes.byref(program)
            )
        except OSError as exc:
            failure = exc
    raise failure


@dataclass(frozen=True, slots=True)
class Notification:
    """One call that a process waits to make."""

    id: int
    tid: int
    nr: int
    arch: int
    args: tuple[int, ...]


def prefer_fast_wake_up(listener: int) -> None:
    """Ask the kernel (6.6) to hand the processor straight over; older ones refuse."""
    with contextlib.suppress(OSError):
        fcntl.ioctl(listener, _IOCTL_SET_FLAGS, 1)


def receive(listener: int) -> Notification | None:
    """Take the next notification; None if its process has ended meanwhile."""
    buffer = bytearray(_RECV_SIZE)
    try:
        fcntl.ioctl(listener, _IOCTL_RECV, buffer)
    except OSError:
        return None
    number, tid, _flags, nr, arch, _ip, *args = struct.unpack_from("=QIIiIQ6Q", buffer)
    return Notification(number, tid, nr & 0xFFFFFFFF, arch, tuple(args))


def is_valid(listener: int, number: int) -> bool:
    """Whether the process still waits, so that what was read of it was its own."""
    try:
        fcntl.ioctl(listener, _IOCTL_ID_VALID, struct.pack("=Q", number))
    except OSError:
        return False
    return True


def let_continue(listener: int, number: int) -> bool:
    """Let the call go on; False if its process has ended meanwhile."""
    answer = bytearray(struct.pack("=QqiI", number, 0, 0, _CONTINUE))
    try:
        fcntl.ioctl(listener, _IOCTL_SEND, answer)
    except OSError:
        return False
    return True


def close(listener: int) -> None:
    """Close a listener."""
    os.close(listener)
