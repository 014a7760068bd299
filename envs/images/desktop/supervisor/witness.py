"""The witness of programs: every exec of the agent's machine, acknowledged before it runs.

Each launched program carries a seccomp filter whose listener is read here; its descendants inherit
it. An exec waits until the host has its event. Exits come from exit_group; where a signal ended a
program, from the supervisor's own wait (its children and all orphans) or from a pidfd. A program
whose parent reaps it within the moment after a signal has the status None: ended, not seen how.

A flood is slowed, never hidden: the same command repeated a thousand times in seconds is counted
(`system.limit`, which `exec_repeats`); different commands wait in the kernel for a token each.
"""

import asyncio
import collections
import os
import select
import time
from dataclasses import dataclass, field
from typing import Any

import kernel
import pending_exec
import procfs
import seccomp
from host_link import Acknowledged, HostLink
from launch import Label

_BATCH = 64  # notifications taken from one listener before the others have their turn
_TOKENS, _TOKENS_PER_S = 3000.0, 300.0
_REPEATS, _REPEAT_WINDOW_S = 1000, 10
_SIGNAL_MASK = 0x7F


@dataclass(slots=True)
class _Program:
    """A program that was seen to start and has not been seen to end."""

    argv: tuple[str, ...]
    label: Label
    pidfd: int
    acknowledged: bool = True


@dataclass(slots=True)
class _Listener:
    label: Label
    parents: dict[int, int] = field(default_factory=dict)  # launched pid → who asked for it
    launched_by_host: int = 0  # the process that becomes an application at the host's wish


class Witness:
    """Reads the listeners and turns what they say into events."""

    def __init__(self, link: HostLink, loop: asyncio.AbstractEventLoop) -> None:
        self._link, self._loop = link, loop
        self._listeners: dict[int, _Listener] = {}
        self._programs: dict[int, _Program] = {}
        self._tokens, self._token_time = _TOKENS, time.monotonic()
        self._repeats: collections.Counter[tuple[Any, ...]] = collections.Counter()
        self._dropped: collections.Counter[tuple[Any, ...]] = collections.Counter()
        self._window = 0

    def watch(
        self, listener: int, *, label: Label, pid: int, asked_by: int | None, by_host: bool
    ) -> None:
        """Read this listener until the last program under it has ended."""
        seccomp.prefer_fast_wake_up(listener)
        state = _Listener(label, launched_by_host=pid if by_host else 0)
        if asked_by is not None:
            state.parents[pid] = asked_by
        self._listeners[listener] = state
        self._loop.add_reader(listener, self._on_readable, listener)

    def relabel(self, label: Label) -> None:
        """Everything that runs under the witness is from now on counted as this actor's."""
        for listener in self._listeners.values():
            listener.label = label
        for program in self._programs.values():
            program.label = label

    def ended(self, pid: int, status: int | None) -> None:
        """A process has ended with this status; negative is a signal, None is not known."""
        program = self._programs.pop(pid, None)
        if program is None:
            return
        self._forget_pidfd(program)
        data: dict[str, Any] = {"pid": pid, "status": status, "argv": list(program.argv)}
        if not program.acknowledged:
            data["acknowledged"] = False
        self._link.event("exec.exited", program.label, data)

    # --- notifications -------------------------------------------------------------------------

    def _on_readable(self, listener: int) -> None:
        for _ in range(_BATCH):
            if not self._has_notification(listener):
                return
            if self._link.congested or self._tokens_left() < 1:
                self._pause(listener)
                return
            notification = seccomp.receive(listener)
            if notification is not None:
                self._decide(listener, notification)

    def _has_notification(self, listener: int) -> bool:
        poller = select.poll()
        poller.register(listener, select.POLLIN)
        events = poller.poll(0)
        if not events:
            return False
        if events[0][1] & select.POLLIN:
            return True
        self._loop.remove_reader(listener)  # hung up: nobody is under it any more
        del self._listeners[listener]
        seccomp.close(listener)
        return False

    def _decide(self, listener: int, notification: seccomp.Notification) -> None:
        abi = seccomp.ABIS.get(notification.arch)
        waits = False
        if abi is None:
            pass
        elif notification.nr in abi.exit_group:
            self._on_exit_group(notification)
        elif notification.nr in abi.kill:
            waits = self._on_kill_all(listener, notification)
        else:
            waits = self._on_exec(listener, notification)
        if not waits:
            seccomp.let_continue(listener, notification.id)

    def _on_exit_group(self, notification: seccomp.Notification) -> None:
        if notification.tid in self._programs:
            pid = notification.tid
        else:
            status = procfs.read_status(notification.tid)
            pid = status.pid if status is not None else -1
        self.ended(pid, notification.args[0] & 0xFF)

    def _on_kill_all(self, listener: int, notification: seccomp.Notification) -> bool:
        status = procfs.read_status(notification.tid)
        if status is None:
            return False
        data = {
            "pid": status.pid,
            "uid": status.uid,
            "signal": notification.args[1] & _SIGNAL_MASK,
            "argv": procfs.read_argv(status.pid),
        }
        label = self._listeners[listener].label

        def go_on(_acknowledged: Acknowledged) -> None:
            seccomp.let_continue(listener, notification.id)

        self._link.acknowledged_event("exec.kill_all", label, data, go_on)
        return True

    def _on_exec(self, listener: int, notification: seccomp.Notification) -> bool:
        """Report an exec; True if it waits for the host's acknowledgement."""
        status = procfs.read_status(notification.tid)
        if status is None:
            return False
        cwd = procfs.read_link(f"/proc/{status.pid}/cwd")
        wanted = pending_exec.read(notification, status.pid, cwd)
        if wanted is None or not seccomp.is_valid(listener, notification.id):
            return False
        state = self._listeners[listener]
        if self._is_repeat((wanted.exe, wanted.argv, cwd, status.uid)):
            return False
        ppid = state.parents.pop(status.pid, status.ppid)
        data: dict[str, Any] = {
            "pid": status.pid, "ppid": ppid, "uid": status.uid, "cwd": cwd,
            "argv": list(wanted.argv), "exe": wanted.exe,
        }  # fmt: skip
        if wanted.truncated:
            data["argv_truncated"] = True
        self._tokens -= 1
        label = "setup" if status.pid == state.launched_by_host else state.label
        program = self._remember(status.pid, wanted.argv, label)
        if label == "setup":
            self._link.event("exec.started", "setup", data)
            return False

        def go_on(acknowledged: Acknowledged) -> None:
            program.acknowledged = acknowledged == "known"
            seccomp.let_continue(listener, notification.id)

        self._link.acknowledged_event("exec.started", state.label, data, go_on)
        return True

    # --- programs ------------------------------------------------------------------------------

    def _remember(self, pid: int, argv: tuple[str, ...], label: Label) -> _Program:
        previous = self._programs.get(pid)
        if previous is not None:  # the same process becomes another program
            previous.argv, previous.label = argv, label
            return previous
        try:
            pidfd = kernel.pidfd_open(pid)
        except OSError:
            pidfd = -1
        program = self._programs[pid] = _Program(argv, label, pidfd)
        if pidfd >= 0:
            self._loop.add_reader(pidfd, self._on_pidfd, pid, pidfd)
        return program

    def _on_pidfd(self, pid: int, pidfd: int) -> None:
        """The process is dead; who waits for it may not have taken its status yet."""
        self._loop.remove_reader(pidfd)
        program = self._programs.get(pid)
        if program is None or program.pidfd != pidfd:
            return
        if _is_child(pid):
            return  # the supervisor's own wait will say more
        wait_status = procfs.wait_status_of_zombie(pid)
        if wait_status is None:
            wait_status = kernel.exit_code_of(pidfd)
        self.ended(pid, None if wait_status is None else procfs.exit_status(wait_status))

    def _forget_pidfd(self, program: _Program) -> None:
        if program.pidfd >= 0:
            self._loop.remove_reader(program.pidfd)
            os.close(program.pidfd)
            program.pidfd = -1

    # --- floods --------------------------------------------------------------------------------

    def _tokens_left(self) -> float:
        now = time.monotonic()
        self._tokens = min(_TOKENS, self._tokens + (now - self._token_time) * _TOKENS_PER_S)
        self._token_time = now
        return self._tokens

    def _pause(self, listener: int) -> None:
        """Leave this listener's processes waiting in the kernel for a moment."""
        self._loop.remove_reader(listener)
        self._loop.call_later(0.02, self._resume, listener)

    def _resume(self, listener: int) -> None:
        if listener in self._listeners:
            self._loop.add_reader(listener, self._on_readable, listener)

    def _is_repeat(self, command: tuple[Any, ...]) -> bool:
        """Whether this very command was reported a thousand times within these seconds."""
        window = int(time.monotonic()) // _REPEAT_WINDOW_S
        if window != self._window:
            self._window = window
            self._repeats.clear()
        self._repeats[command] += 1
        if self._repeats[command] <= _REPEATS:
            return False
        self._dropped[command] += 1
        return True

    def flush(self) -> None:
        """Report what was counted instead of told."""
        for (_exe, argv, _cwd, uid), count in self._dropped.items():
            data = {"which": "exec_repeats", "argv": list(argv), "uid": uid, "dropped": count}
            self._link.event("system.limit", "agent", data)
        self._dropped.clear()


def _is_child(pid: int) -> bool:
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except OSError:
        return False
