"""Who owns a container, network or volume: labels, and whether their owner still lives."""

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

__all__ = ["OWNER_LABEL", "ROLE_LABEL", "RUN_LABEL", "Owner", "labels_for", "owner_is_alive"]

RUN_LABEL: Final = "riosim"
"""Its value is the run's id."""
OWNER_LABEL: Final = "riosim.owner"
ROLE_LABEL: Final = "riosim.role"

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, named so that no later one can be taken for it."""

    host: str
    boot: str  # the kernel's id of this boot; empty where the system has none
    namespace: str  # of process ids: numbers mean nothing outside it
    pid: int
    started: str  # in ticks since boot

    @classmethod
    def of_this_process(cls) -> "Owner":
        """Return the process that asks."""
        return cls(
            host=socket.gethostname(),
            boot=_read(_BOOT_ID),
            namespace=_pid_namespace(),
            pid=os.getpid(),
            started=_start_time(os.getpid()) or "",
        )

    @classmethod
    def from_label(cls, text: str) -> "Owner | None":
        """Read a label's value; None if it is not one of ours."""
        try:
            data = json.loads(text)
            return cls(
                host=str(data["host"]),
                boot=str(data["boot"]),
                namespace=str(data["namespace"]),
                pid=int(data["pid"]),
                started=str(data["started"]),
            )
        except (ValueError, KeyError, TypeError):
            return None

    def to_label(self) -> str:
        """Return the label's value."""
        return json.dumps(asdict(self), separators=(",", ":"))


def labels_for(run_id: str, role: str, owner: Owner | None = None) -> dict[str, str]:
    """Return the labels of something that belongs to a run."""
    owner = owner or Owner.of_this_process()
    return {RUN_LABEL: run_id, OWNER_LABEL: owner.to_label(), ROLE_LABEL: role}


def owner_is_alive(labels: Mapping[str, str]) -> bool:
    """Whether the process that made it may still be there.

    Only what can be known is called dead: an owner on another machine, or behind another process
    namespace of this boot, counts as alive. No readable owner at all counts as dead.
    """
    owner = Owner.from_label(labels.get(OWNER_LABEL, ""))
    if owner is None:
        return False
    here = Owner.of_this_process()
    if owner.host != here.host:
        return True
    if owner.boot != here.boot:
        return False
    if owner.namespace != here.namespace:
        return True
    return _start_time(owner.pid) == owner.started


def _start_time(pid: int) -> str | None:
    """Return the 22nd field of the process's stat line; None without such a process."""
    if not Path("/proc/self").exists():
        return _answers(pid)
    stat = _read(Path(f"/proc/{pid}/stat"))
    if not stat:
        return None
    state, *rest = stat.rpartition(")")[2].split()  # the name before it may hold anything
    return None if state in "ZX" else rest[18]


def _answers(pid: int) -> str | None:
    """Where there is no /proc: an empty start time if the process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return ""
    return ""


def _pid_namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
