"""What /proc says about processes, read in place: no new process, no new file."""

import contextlib
import os
import time
from dataclasses import dataclass
from typing import Any

_TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
_MAX_ARGV_BYTES = 32_768


@dataclass(frozen=True, slots=True)
class Status:
    """The few lines of /proc/PID/status that matter here."""

    pid: int  # of the thread group
    ppid: int
    uid: int  # effective


def read_bytes(path: str, most: int = 1 << 20) -> bytes:
    """Read a small file of the kernel's; empty if it is gone or refused."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        return os.read(fd, most)
    except OSError:
        return b""
    finally:
        os.close(fd)


def read_status(pid: int) -> Status | None:
    """Return the status of a process or thread, None if it has ended."""
    fields: dict[bytes, bytes] = {}
    for line in read_bytes(f"/proc/{pid}/status", 4096).split(b"\n", 12)[:12]:
        key, _, value = line.partition(b":")
        fields[key] = value
    try:
        return Status(int(fields[b"Tgid"]), int(fields[b"PPid"]), int(fields[b"Uid"].split()[1]))
    except (KeyError, ValueError, IndexError):
        return None


def read_link(path: str) -> str:
    """Return where a link points; empty if it is gone."""
    try:
        return os.readlink(path)
    except OSError:
        return ""


def read_argv(pid: int) -> list[str]:
    """Return the arguments of a running process, capped."""
    raw = read_bytes(f"/proc/{pid}/cmdline", _MAX_ARGV_BYTES)
    if not raw:
        return []
    return [part.decode("utf-8", "replace") for part in raw.removesuffix(b"\0").split(b"\0")]


def stat_fields(pid: int) -> list[bytes]:
    """Return the fields of /proc/PID/stat after the name: field 3 of the manual is index 0."""
    return read_bytes(f"/proc/{pid}/stat", 4096).rpartition(b") ")[2].split()


def pids() -> list[int]:
    """Return the processes of the container."""
    with contextlib.suppress(OSError):
        return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
    return []


def list_processes() -> list[dict[str, Any]]:
    """Return every process: pid, ppid, uid, argv, start on the monotonic clock."""
    boot_offset = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns()
    found = []
    for pid in pids():
        status, stat = read_status(pid), stat_fields(pid)
        if status is None or len(stat) < 20:
            continue
        found.append(
            {
                "pid": pid,
                "ppid": status.ppid,
                "uid": status.uid,
                "argv": read_argv(pid),
                "started_ns": int(stat[19]) * _TICK_NS - boot_offset,
            }
        )
    return found


def descendants(root: int) -> list[int]:
    """Return the living processes below one, itself first."""
    children: dict[int, list[int]] = {}
    for pid in pids():
        stat = stat_fields(pid)
        if len(stat) > 1:
            children.setdefault(int(stat[1]), []).append(pid)
    found, stack = [], [root]
    while stack:
        pid = stack.pop()
        found.append(pid)
        stack.extend(children.get(pid, ()))
    return found


def terminal_of(pid: int) -> tuple[int, int]:
    """Return (session, terminal number) of a process; the terminal is 0 if it has none."""
    stat = stat_fields(pid)
    try:
        return int(stat[3]), int(stat[4])
    except (IndexError, ValueError):
        return 0, 0


def wait_status_of_zombie(pid: int) -> int | None:
    """Return the wait status of a process that ended and is not reaped yet."""
    stat = stat_fields(pid)
    if len(stat) > 49 and stat[0] in (b"Z", b"X"):
        return int(stat[49])
    return None


def exit_status(wait_status: int) -> int:
    """Return the exit status; negative is the signal that ended the process."""
    return os.waitstatus_to_exitcode(wait_status)
