"""As process 1, the guest inherits orphans and has to take their exit status."""

import os
import signal
from typing import Any

__all__ = ["reap_strangers", "wait_for_it_ourselves"]

_ours: set[int] = set()


def wait_for_it_ourselves(pid: int) -> None:
    """Leave the exit status of a child to the code that started it."""
    _ours.add(pid)


def reap_strangers() -> None:
    """From now on collect dead children that nobody here waits for; only as process 1."""
    if os.getpid() == 1:
        signal.signal(signal.SIGCHLD, _reap)


def _reap(*_: Any) -> None:
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) not in _ours and _is_dead_child(entry):
            try:
                os.waitpid(int(entry), os.WNOHANG)
            except ChildProcessError:
                continue


def _is_dead_child(pid: str) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            state, parent = file.read().rpartition(")")[2].split()[:2]
    except OSError:
        return False
    return state == "Z" and int(parent) == 1
