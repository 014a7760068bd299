"""How much of the machine is used, from the control groups (v1 and v2) and /proc."""

import os
import resource
import time
from typing import Any

import procfs

_V1 = "/sys/fs/cgroup"
_SAMPLE_S = 2.0
_MAX_COUNTED = 20_000
_WRITTEN = ("/home", "/root", "/tmp", "/var/tmp", "/dev/shm")


class Usage:
    """Answers `usage`; the count of files is kept for two seconds."""

    def __init__(self) -> None:
        self._disk_bytes, self._disk_time = 0, -_SAMPLE_S

    def now(self) -> dict[str, Any]:
        """Return the whole container's figures and the supervisor's own CPU time."""
        own = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "cpu_us": _cpu_us(),
            "own_cpu_us": int((own.ru_utime + own.ru_stime) * 1e6),
            "memory_bytes": _memory_bytes(),
            "pids": _number(f"{_V1}/pids/pids.current", f"{_V1}/pids.current")
            or len(procfs.pids()),
            "disk_bytes": self._disk(),
        }

    def _disk(self) -> int:
        now = time.monotonic()
        if now - self._disk_time > _SAMPLE_S:
            self._disk_bytes = sum(_folder_bytes(path) for path in _WRITTEN)
            self._disk_time = now
        return self._disk_bytes


def _number(*paths: str) -> int | None:
    for path in paths:
        text = procfs.read_bytes(path, 64).strip()
        if text.isdigit():
            return int(text)
    return None


def _field(path: str, name: bytes) -> int | None:
    for line in procfs.read_bytes(path, 1 << 16).splitlines():
        key, _, value = line.partition(b" ")
        if key == name:
            return int(value)
    return None


def _cpu_us() -> int:
    nanoseconds = _number(f"{_V1}/cpuacct/cpuacct.usage", f"{_V1}/cpu,cpuacct/cpuacct.usage")
    if nanoseconds is not None:
        return nanoseconds // 1000
    return _field(f"{_V1}/cpu.stat", b"usage_usec") or 0


def _memory_bytes() -> int:
    """Usage less the file cache that nobody uses."""
    used = _number(f"{_V1}/memory/memory.usage_in_bytes", f"{_V1}/memory.current")
    if used is None:
        return 0
    idle = _field(f"{_V1}/memory/memory.stat", b"total_inactive_file")
    if idle is None:
        idle = _field(f"{_V1}/memory.stat", b"inactive_file") or 0
    return max(used - idle, 0)


def _folder_bytes(root: str) -> int:
    """Bytes on disk below a folder, at most so many entries looked at."""
    total, counted, stack = 0, 0, [root]
    while stack and counted < _MAX_COUNTED:
        try:
            with os.scandir(stack.pop()) as found:
                for item in found:
                    counted += 1
                    total += item.stat(follow_symlinks=False).st_blocks * 512
                    if item.is_dir(follow_symlinks=False):
                        stack.append(item.path)
        except OSError:
            continue
    return total
