"""Starting programs: what every child of the supervisor loses, gains and looks like.

A child is forked, put under the witness where asked, stripped of SYS_PTRACE, given its user and
its limits, and becomes the program. Where the machine has no process number left, a reserve that
was forked long before becomes the program instead.
"""

import contextlib
import fcntl
import os
import pickle
import resource
import signal
import socket
import sys
import termios
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import kernel
import seccomp

_SENDING_LISTENER_TIMEOUT_S = 5.0
_CHILD_OOM_SCORE = 500
_FILE_SIZE_BYTES = 1 << 30
_SPEC_BYTES = 1 << 20
_RESERVES = 2

Label = Literal["agent", "setup"]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a program runs as."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()


ROOT = Identity(0, 0, (0,))


@dataclass(frozen=True, slots=True)
class LaunchSpec:
    """One program to start."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    identity: Identity
    witnessed: bool = True
    label: Label = "agent"  # of what it starts
    by_host: bool = False  # the program itself was started by the host, not by the agent
    controlling_terminal: bool = False  # stdin is a terminal that becomes its own
    umask: int = 0o022
    exe: str = ""  # the file to run, where it is not what argv[0] finds


@dataclass(frozen=True, slots=True)
class Launched:
    """A program that was started, and the witness's descriptor for it."""

    pid: int
    listener: int | None


def become(spec: LaunchSpec, stdio: tuple[int, int, int], report: socket.socket | None) -> None:
    """Turn this fresh process into the program; does not return."""
    status = 126
    try:
        _detach(stdio, spec)
        os.umask(spec.umask)
        listener = _limit(spec)
        if report is not None:
            kernel.send_descriptors(report, b"+", [listener] if listener is not None else [])
            report.close()
        if listener is not None:
            os.close(listener)
        identity = spec.identity
        os.setgroups(identity.groups)
        os.setresgid(identity.gid, identity.gid, identity.gid)
        os.setresuid(identity.uid, identity.uid, identity.uid)
        try:
            os.chdir(spec.cwd)
        except OSError:
            os.chdir("/")
        os.closerange(3, 1 << 20)
        os.execvpe(spec.exe or spec.argv[0], spec.argv, dict(spec.env))
    except FileNotFoundError:
        status = 127
    except OSError:
        status = 126
    finally:
        os._exit(status)


def _detach(stdio: tuple[int, int, int], spec: LaunchSpec) -> None:
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    parked = [os.dup(fd) for fd in stdio]
    for target, fd in enumerate(parked):
        os.dup2(fd, target, inheritable=True)
        os.close(fd)
    if spec.controlling_terminal:
        for fd in range(3):
            if os.isatty(fd):
                fcntl.ioctl(fd, termios.TIOCSCTTY, 0)
                break


def _limit(spec: LaunchSpec) -> int | None:
    """Cut limits and capabilities; install the witness's filter and return its listener."""
    with contextlib.suppress(OSError):
        fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(fd, str(_CHILD_OOM_SCORE).encode())
        os.close(fd)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    size = _at_most(resource.RLIMIT_FSIZE, _FILE_SIZE_BYTES)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    hard = _at_most(resource.RLIMIT_NOFILE, 1 << 19)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, hard), hard))
    kernel.give_up_tracing()
    return seccomp.install() if spec.witnessed else None


def _at_most(which: int, limit: int) -> int:
    """Return LIMIT, or the container's own if that is lower: it cannot be raised."""
    hard = resource.getrlimit(which)[1]
    return limit if hard == resource.RLIM_INFINITY else min(hard, limit)


class Launcher:
    """Starts programs by fork, or by a reserve where fork is refused."""

    def __init__(self, *, witness_available: bool) -> None:
        self._witness_available = witness_available
        self._reserves: dict[int, socket.socket] = {}

    def launch(self, spec: LaunchSpec, stdio: tuple[int, int, int]) -> Launched:
        """Start the program with these three files as its standard ones.

        Raises:
            OSError: Neither a new process nor a reserve is to be had.
        """
        if not self._witness_available and spec.witnessed:
            spec = replace(spec, witnessed=False)
        try:
            pid, ours = self._fork(spec, stdio)
        except BlockingIOError:  # EAGAIN: the limit on processes is reached
            pid, ours = self._use_reserve(spec, stdio)
        with ours:
            return Launched(pid, _receive_listener(ours))

    def refill(self) -> None:
        """Fork reserves until there are enough; quietly gives up where fork is refused."""
        for pid, ours in list(self._reserves.items()):
            if not _is_our_child(pid):
                ours.close()
                del self._reserves[pid]
        while len(self._reserves) < _RESERVES:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                pid = os.fork()
            except OSError:
                ours.close()
                theirs.close()
                return
            if pid == 0:
                ours.close()
                _stand_by(theirs)
            theirs.close()
            self._reserves[pid] = ours

    def _fork(self, spec: LaunchSpec, stdio: tuple[int, int, int]) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            pid = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            raise
        if pid == 0:
            become(spec, stdio, theirs)
        theirs.close()
        return pid, ours

    def _use_reserve(
        self, spec: LaunchSpec, stdio: tuple[int, int, int]
    ) -> tuple[int, socket.socket]:
        while self._reserves:
            pid, ours = self._reserves.popitem()
            try:
                kernel.send_descriptors(ours, pickle.dumps(spec), list(stdio))
            except OSError:
                ours.close()
                continue
            return pid, ours
        raise BlockingIOError("No process number is left and no reserve stands by.")


def _stand_by(theirs: socket.socket) -> None:
    """Wait to be needed, then become the program; ends with the supervisor."""
    try:
        signal.set_wakeup_fd(-1)
        os.closerange(theirs.fileno() + 1, 1 << 20)
        data, fds = kernel.receive_descriptors(theirs, _SPEC_BYTES, 3)
        if data and len(fds) == 3:
            become(pickle.loads(data), (fds[0], fds[1], fds[2]), theirs)
    finally:
        os._exit(0)


def _receive_listener(ours: socket.socket) -> int | None:
    ours.settimeout(_SENDING_LISTENER_TIMEOUT_S)
    try:
        _, fds = kernel.receive_descriptors(ours, 16, 1)
    except OSError as exc:
        print(f"a child did not report: {exc}", file=sys.stderr)
        return None
    return fds[0] if fds else None


def _is_our_child(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    return False
