"""What a process that waits in execve is about to become, read from its memory."""

import os
from dataclasses import dataclass

import procfs
import seccomp

_MAX_ARGUMENTS = 256
_MAX_ARGUMENT_BYTES = 4096
_MAX_TOTAL_BYTES = 32_768
_CHUNK = 512
_AT_FDCWD = 0xFFFFFF9C


@dataclass(frozen=True, slots=True)
class PendingExec:
    """One exec as it was asked for."""

    exe: str
    argv: tuple[str, ...]
    truncated: bool


def read(notification: seccomp.Notification, pid: int, cwd: str) -> PendingExec | None:
    """Return the exec that a notification asks for, or None where there is nothing to run.

    execvp tries every folder of PATH; a try at a file that is not there is no exec.
    """
    abi = seccomp.ABIS[notification.arch]
    at = notification.nr in abi.execveat
    path_address, argv_address = notification.args[1:3] if at else notification.args[0:2]
    try:
        memory = os.open(f"/proc/{notification.tid}/mem", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        path, _ = _string(memory, path_address)
        folder = cwd
        if at and notification.args[0] & 0xFFFFFFFF != _AT_FDCWD:
            folder = procfs.read_link(f"/proc/{pid}/fd/{notification.args[0] & 0xFFFFFFFF}")
        exe = os.path.normpath(os.path.join(folder, path)) if path else folder
        if path and not _is_there(pid, exe):
            return None
        argv, truncated = _arguments(memory, argv_address, abi.word)
    finally:
        os.close(memory)
    return PendingExec(exe, argv, truncated)


def _is_there(pid: int, exe: str) -> bool:
    """Whether the file can be executed, seen from the supervisor's root or else the process's."""
    for path in (exe, f"/proc/{pid}/root{exe}"):
        try:
            found = os.stat(path)
        except OSError:
            continue
        return bool(found.st_mode & 0o111) and found.st_mode & 0o170000 == 0o100000
    return exe.startswith("/proc/")  # /proc/self/… is another file for each who asks


def _arguments(memory: int, address: int, word: int) -> tuple[tuple[str, ...], bool]:
    if address == 0:
        return (), False
    raw = _read(memory, address, word * (_MAX_ARGUMENTS + 1))
    arguments: list[str] = []
    total, truncated = 0, False
    for start in range(0, len(raw) - word + 1, word):
        pointer = int.from_bytes(raw[start : start + word], "little")
        if pointer == 0:
            return tuple(arguments), truncated
        if len(arguments) == _MAX_ARGUMENTS or total > _MAX_TOTAL_BYTES:
            break
        text, cut = _string(memory, pointer)
        truncated |= cut
        total += len(text)
        arguments.append(text)
    return tuple(arguments), True


def _string(memory: int, address: int) -> tuple[str, bool]:
    """Return the text at an address and whether it was cut."""
    found = bytearray()
    while len(found) < _MAX_ARGUMENT_BYTES:
        part = _read(memory, address + len(found), _CHUNK)
        end = part.find(b"\0")
        if end >= 0 or not part:
            return _text(bytes(found + part[: max(end, 0)])), end < 0
        found += part
    return _text(bytes(found)), True


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _read(memory: int, address: int, size: int) -> bytes:
    """Read up to the end of what is mapped."""
    try:
        return os.pread(memory, size, address)
    except (OSError, OverflowError):
        to_page_end = 4096 - address % 4096
        if to_page_end >= size:
            return b""
    try:
        return os.pread(memory, to_page_end, address)
    except (OSError, OverflowError):
        return b""
