"""What goes into a desktop's session and what its supervisor answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "ExecResult",
    "FileRead",
    "Listing",
    "Process",
    "PythonResult",
    "SessionSettings",
    "Usage",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """How the session of `user` is started; the arguments of the operation `start`."""

    display: str
    uid: int
    gid: int
    dns_ip: str
    hostname: str = "workstation"
    time: str | None = None  # ISO 8601: the world's moment at start
    session: bool = True
    password: str = "password"  # noqa: S105  # the invented user's

    def to_args(self) -> dict[str, Any]:
        """Return the operation's arguments."""
        args: dict[str, Any] = {
            "display": self.display,
            "uid": self.uid,
            "gid": self.gid,
            "dns": self.dns_ip,
            "hostname": self.hostname,
            "session": self.session,
            "password": self.password,
        }
        return args | ({"time": self.time} if self.time is not None else {})


@dataclass(frozen=True, slots=True)
class ExecResult:
    """A finished command."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class PythonResult:
    """A finished, or ended, piece of the agent's Python."""

    status: int
    stdout: str
    stderr: str
    timed_out: bool


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file's content, as far as it was asked for, and what the file is."""

    data: bytes
    size: int
    mode: int
    uid: int
    gid: int
    truncated: bool


class Listing(list[dict[str, Any]]):
    """Files below some folders, sorted by path; not `complete` if a cap was met.

    Entries have the keys of the operation `listing` in the architecture page. Sizes of folders
    and sub-second times depend on who read them and prove nothing.
    """

    def __init__(self, entries: Iterable[dict[str, Any]] = (), *, complete: bool = True) -> None:
        super().__init__(entries)
        self.complete = complete

    @property
    def entries(self) -> tuple[dict[str, Any], ...]:
        """The entries alone."""
        return tuple(self)


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the desktop."""

    pid: int
    ppid: int
    uid: int
    argv: tuple[str, ...]
    started_ns: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What the whole container uses, and what the supervisor itself has used."""

    cpu_us: int
    own_cpu_us: int
    memory_bytes: int
    pids: int
    disk_bytes: int
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Usage":
        """Build it from an answer; figures that it has beyond these are in `more`."""
        figures = ("cpu_us", "own_cpu_us", "memory_bytes", "pids", "disk_bytes")
        return cls(
            cpu_us=int(data["cpu_us"]),
            own_cpu_us=int(data["own_cpu_us"]),
            memory_bytes=int(data["memory_bytes"]),
            pids=int(data["pids"]),
            disk_bytes=int(data["disk_bytes"]),
            more={key: value for key, value in data.items() if key not in figures},
        )
