"""PID 1 of the desktop: serves the host over standard input and output until it closes.

`python3 /usr/lib/deskd/supervisor SOCKET` calls a host that waits at a socket instead.

Single-threaded: one loop reads the host, the witness's listeners, sudo's socket, ended children and
changed files. What might hang (the accessibility bus) is asked by a worker of its own.
"""

import asyncio
import os
import signal
import sys
from typing import TextIO

import kernel
import seccomp
from calling import call
from commands import Processes
from host_link import HostLink, take_standard_streams
from launch import Launcher
from operations import Operations
from sudo_server import SudoServer
from witness import Witness

_LOG_BYTES = 256 << 10
_OWN_OOM_SCORE = "/proc/self/oom_score_adj"
_TICK_S = 1.0


class CappedLog:
    """Standard error that stops after so many bytes."""

    def __init__(self, sink: TextIO) -> None:
        self._sink, self._left = sink, _LOG_BYTES

    def write(self, text: str) -> int:
        """Write as much as is left."""
        part = text[: self._left]
        self._left -= len(part)
        self._sink.write(part)
        return len(text)

    def flush(self) -> None:
        """Flush."""
        self._sink.flush()


def _keep_alive(launcher: Launcher, witness: Witness, oom_score: str) -> None:
    """Once a second: reserves are there, floods are reported, the root has not marked us."""
    launcher.refill()
    witness.flush()
    try:
        with open(_OWN_OOM_SCORE, "r+", encoding="ascii") as file:
            if file.read().strip() != oom_score:
                file.write(oom_score)
    except OSError as exc:
        print(f"oom_score_adj: {exc}", file=sys.stderr)


def _protect() -> str:
    """Make this process hard to hurt; returns its OOM score."""
    for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if os.getpid() != 1:
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    if os.getuid() == 0:
        kernel.protect_limits()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    kernel.rename_process("/sbin/init")
    with open(_OWN_OOM_SCORE, encoding="ascii") as file:
        return file.read().strip()


async def _serve(source: int, sink: int, oom_score: str) -> str:
    loop = asyncio.get_running_loop()
    launcher = Launcher(witness_available=seccomp.available())
    launcher.refill()
    link = HostLink(source, sink, loop)
    witness = Witness(link, loop)
    processes = Processes(launcher, witness, loop)
    SudoServer(link, processes, loop)
    operations = Operations(link, processes, witness, loop)
    link.listen(operations.request)

    def tick() -> None:
        _keep_alive(launcher, witness, oom_score)
        loop.call_later(_TICK_S, tick)

    tick()
    done, _ = await asyncio.wait(
        [link.closed, operations.finished], return_when=asyncio.FIRST_COMPLETED
    )
    return done.pop().result()


def main() -> None:
    """Serve until the host is gone."""
    oom_score = _protect()
    if sys.argv[1:]:
        call(sys.argv[1])
    source, sink = take_standard_streams()
    sys.stderr = sys.stdout = CappedLog(sys.stderr)
    reason = asyncio.run(_serve(source, sink, oom_score))
    print(f"ending: {reason}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
