"""System calls that Python's standard library does not offer, through ctypes.

Loaded once at start, so that nothing here needs a file or a new process later.
"""

import array
import contextlib
import ctypes
import fcntl
import os
import socket
import struct
import sys

CAP_SYS_PTRACE = 19
PR_SET_NO_NEW_PRIVS = 38
PR_CAPBSET_DROP = 24
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NAME = 15

_CAPABILITY_VERSION_3 = 0x20080522
_SYS_PIDFD_OPEN = 434
_PIDFD_INFO_EXIT, _PIDFD_INFO_SIZE = 1 << 3, 64
_PIDFD_GET_INFO = 0xC000FF0B | _PIDFD_INFO_SIZE << 16
_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def system_call(number: int, *arguments: object) -> int:
    """Make a system call; a negative result is raised as OSError."""
    return _checked(int(_libc.syscall(ctypes.c_long(number), *arguments)), f"system call {number}")


def prctl(option: int, value: int) -> None:
    """Set a property of this process."""
    zero = ctypes.c_ulong(0)
    result = _libc.prctl(ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero)
    _checked(int(result), f"prctl {option}")


def capability_sets() -> tuple[int, int, int]:
    """Return this process's capabilities as bit masks: effective, permitted, inheritable."""
    header = ctypes.create_string_buffer(struct.pack("Ii", _CAPABILITY_VERSION_3, 0))
    data = ctypes.create_string_buffer(24)
    _checked(int(_libc.capget(header, data)), "capget")
    low = struct.unpack("6I", data.raw)
    effective, permitted, inheritable = (low[i] | low[i + 3] << 32 for i in range(3))
    return effective, permitted, inheritable


def give_up_tracing() -> None:
    """Drop SYS_PTRACE for ever: from now on this process cannot trace the supervisor.

    The bounding set can only be cut with SETPCAP, which the container lacks; no_new_privs makes
    the drop last all the same, because an exec can then never add a capability.
    """
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    effective, permitted, _ = capability_sets()
    with contextlib.suppress(PermissionError):
        prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE)
    keep = ~(1 << CAP_SYS_PTRACE)
    words = (effective & keep, permitted & keep, 0)
    header = ctypes.create_string_buffer(struct.pack("Ii", _CAPABILITY_VERSION_3, 0))
    data = struct.pack("6I", *(w & 0xFFFFFFFF for w in words), *(w >> 32 for w in words))
    _checked(int(_libc.capset(header, ctypes.create_string_buffer(data))), "capset")


def protect_limits() -> None:
    """Keep the agent's root from changing this process's limits.

    `prlimit` on another process asks that its real, effective *and* saved uid are the caller's;
    a saved uid of its own makes that false, and nothing else changes.
    """
    os.setresuid(0, 0, 65500)


def rename_process(title: str) -> None:
    """Show this in listings of processes instead of the command line."""
    with open("/proc/self/stat", "rb") as file:
        fields = file.read().rpartition(b") ")[2].split()
    start, end = int(fields[45]), int(fields[46])
    if 0 < start < end:
        raw = title.encode()[: end - start - 1]
        ctypes.memset(start, 0, end - start)
        ctypes.memmove(start, raw, len(raw))
    name = ctypes.create_string_buffer(title.encode()[:15])
    _checked(int(_libc.prctl(_PR_SET_NAME, name, 0, 0, 0)), "prctl PR_SET_NAME")


def pidfd_open(pid: int) -> int:
    """Return a descriptor that becomes readable when the process has ended."""
    return system_call(_SYS_PIDFD_OPEN, ctypes.c_int(pid), ctypes.c_uint(0))


def exit_code_of(pidfd: int) -> int | None:
    """Return the wait status of an ended process from its pidfd, where the kernel (6.15) tells."""
    buffer = bytearray(struct.pack("=Q", _PIDFD_INFO_EXIT)).ljust(_PIDFD_INFO_SIZE, b"\0")
    try:
        fcntl.ioctl(pidfd, _PIDFD_GET_INFO, buffer)
    except OSError:
        return None
    mask = struct.unpack_from("=Q", buffer)[0]
    return int(struct.unpack_from("=i", buffer, 60)[0]) if mask & _PIDFD_INFO_EXIT else None


def inotify_open() -> int:
    """Return a new inotify descriptor, non-blocking."""
    return _checked(int(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)), "inotify_init1")


def inotify_watch(fd: int, path: bytes, mask: int) -> int:
    """Watch a path; returns the watch's number."""
    result = _libc.inotify_add_watch(ctypes.c_int(fd), ctypes.c_char_p(path), ctypes.c_uint32(mask))
    return _checked(int(result), f"inotify_add_watch {os.fsdecode(path)}")


def send_descriptors(channel: socket.socket, data: bytes, fds: list[int]) -> None:
    """Send bytes with open files."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    channel.sendmsg([data], rights)


def receive_descriptors(channel: socket.socket, size: int, most: int) -> tuple[bytes, list[int]]:
    """Receive bytes and at most so many open files."""
    data, ancillary, _, _ = channel.recvmsg(
        size, socket.CMSG_SPACE(most * 4), socket.MSG_CMSG_CLOEXEC
    )
    fds = array.array("i")
    for level, kind, raw in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(raw[: len(raw) - len(raw) % fds.itemsize])
    return data, list(fds)


LITTLE_ENDIAN = sys.byteorder == "little"
