"""Running programs for the host and collecting what they say, with a limit on everything."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

import procfs
from launch import Launcher, LaunchSpec
from witness import Witness

OUTPUT_BYTES = 1 << 20
_GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended."""

    status: int
    stdout: bytes
    stderr: bytes
    timed_out: bool


class Processes:
    """The supervisor's children: started here, reaped here."""

    def __init__(
        self, launcher: Launcher, witness: Witness, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._launcher, self._witness, self._loop = launcher, witness, loop
        self._waiting: dict[int, Callable[[int], None]] = {}
        loop.add_signal_handler(signal.SIGCHLD, self.reap)

    def start(
        self,
        spec: LaunchSpec,
        stdio: tuple[int, int, int],
        *,
        asked_by: int | None = None,
        on_exit: Callable[[int], None] | None = None,
    ) -> int:
        """Start a program; `on_exit` gets its status, negative if a signal ended it.

        Raises:
            OSError: It cannot be started.
        """
        launched = self._launcher.launch(spec, stdio)
        if on_exit is not None:
            self._waiting[launched.pid] = on_exit
        if launched.listener is not None:
            self._witness.watch(
                launched.listener, label=spec.label, pid=launched.pid, asked_by=asked_by,
                by_host=spec.by_host,
            )  # fmt: skip
        return launched.pid

    def start_silent(self, spec: LaunchSpec, on_exit: Callable[[int], None] | None = None) -> int:
        """Start a program that reads nothing and whose output nobody keeps."""
        null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        try:
            return self.start(spec, (null, null, null), on_exit=on_exit)
        finally:
            os.close(null)

    def reap(self) -> None:
        """Take the status of every ended child and orphan."""
        while True:
            try:
                pid, wait_status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            status = procfs.exit_status(wait_status)
            self._witness.ended(pid, status)
            callback = self._waiting.pop(pid, None)
            if callback is not None:
                callback(status)

    async def run(self, spec: LaunchSpec, stdin: bytes, timeout_s: float) -> Finished:
        """Run a program to its end, or kill it and all below it when its time is over.

        Raises:
            OSError: It cannot be started.
        """
        ended: asyncio.Future[int] = self._loop.create_future()
        with contextlib.ExitStack() as stack:
            pipes = [os.pipe() for _ in range(3)]
            ours = (pipes[0][1], pipes[1][0], pipes[2][0])
            theirs = (pipes[0][0], pipes[1][1], pipes[2][1])
            try:
                pid = self.start(spec, theirs, on_exit=lambda status: settle(ended, status))
            except OSError:
                for fd in ours:
                    os.close(fd)
                raise
            finally:
                for fd in theirs:
                    os.close(fd)
            feed = _Feed(self._loop, ours[0], stdin)
            out, err = _Collect(self._loop, ours[1]), _Collect(self._loop, ours[2])
            for part in (feed, out, err):
                stack.callback(part.close)
            timed_out = await self._await_end(pid, ended, timeout_s)
            if not timed_out:  # what it said last may still be in the pipe
                await asyncio.wait([out.done, err.done], timeout=0.05)
            status = ended.result() if ended.done() else -int(signal.SIGKILL)
            return Finished(status, bytes(out.data), bytes(err.data), timed_out)

    async def _await_end(self, pid: int, ended: "asyncio.Future[int]", timeout_s: float) -> bool:
        await asyncio.wait([ended], timeout=timeout_s)
        if ended.done():
            return False
        kill_all_below(pid)
        await asyncio.wait([ended], timeout=_GRACE_S)
        return True


def settle(future: "asyncio.Future[int]", status: int) -> None:
    """Give a future its result, unless nobody waits for it any more."""
    if not future.done():
        future.set_result(status)


def kill_all_below(pid: int) -> None:
    """Kill a process, its group, and every living descendant, stopped first so that none forks."""
    family = procfs.descendants(pid)
    for number in (signal.SIGSTOP, signal.SIGKILL):
        with contextlib.suppress(OSError):
            os.killpg(pid, number)
        for each in family:
            with contextlib.suppress(OSError):
                os.kill(each, number)
        family = procfs.descendants(pid)


class _Feed:
    """Writes what a program reads."""

    def __init__(self, loop: asyncio.AbstractEventLoop, fd: int, data: bytes) -> None:
        self._loop, self._fd, self._left = loop, fd, memoryview(data)
        os.set_blocking(fd, False)
        self._open = True
        if data:
            loop.add_writer(fd, self._write)
        else:
            self.close()

    def _write(self) -> None:
        try:
            written = os.write(self._fd, self._left[:65536])
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        self._left = self._left[written:]
        if not self._left:
            self.close()

    def close(self) -> None:
        if self._open:
            self._open = False
            self._loop.remove_writer(self._fd)
            os.close(self._fd)


class _Collect:
    """Keeps the first megabyte of what a program writes, and reads on so that it is not held up."""

    def __init__(self, loop: asyncio.AbstractEventLoop, fd: int) -> None:
        self._loop, self._fd = loop, fd
        self.data = bytearray()
        self.done: asyncio.Future[None] = loop.create_future()
        os.set_blocking(fd, False)
        loop.add_reader(fd, self._read)

    def _read(self) -> None:
        try:
            part = os.read(self._fd, 65536)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            self.close()
            return
        self.data += part[: OUTPUT_BYTES - len(self.data)]

    def close(self) -> None:
        if not self.done.done():
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self.done.set_result(None)
