"""The worker processes of one run: who plays what, and what happens when one of them dies."""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final, Protocol, Self

from riosim.choice import SandboxChoice
from riosim.errors import RiosimError, SandboxError, UsageError
from riosim.record import EpisodeRecord
from riosim.runner.job import Job
from riosim.runner.meter import Spent
from riosim.runner.worker import Done, Failed, Play, Ready, Refused, Said, Step, Stop, work

__all__ = ["Attempt", "Crew", "Outcome", "Watcher"]

_TICK_S: Final = 0.5
_CLEAN_UP_S: Final = 90.0
_DEATHS_IN_A_ROW: Final = 3


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at an episode."""

    job: Job
    number: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt.

    `record` is None if the worker died (`problem` says how) or if the episode cannot be played at
    all (`is_refused`); `spent` is what it had cost by then.
    """

    attempt: Attempt
    record: EpisodeRecord | None = None
    problem: str = ""
    is_refused: bool = False
    spent: Spent = field(default_factory=Spent)


class Watcher(Protocol):
    """Is told what goes on; shows progress."""

    def began(self, worker: int, attempt: Attempt) -> None:
        """Worker number WORKER began an attempt."""
        ...

    def stepped(self, worker: int, number: int, kind: str, spent: Spent) -> None:
        """Carried out one decision of its episode."""
        ...

    def said(self, worker: int, text: str) -> None:
        """Its agent, or a library, said something to whoever watches: a warning, a link."""
        ...

    def ended(self, worker: int, outcome: Outcome) -> None:
        """Ended the attempt."""
        ...

    def closing(self, n_running: int) -> None:
        """The runner was interrupted; machines are being thrown away."""
        ...


@dataclass
class _Member:
    """One worker process as the runner knows it."""

    number: int
    process: BaseProcess
    connection: Connection
    is_ready: bool = False
    attempt: Attempt | None = None
    spent: Spent = field(default_factory=Spent)


class Crew:
    """Plays attempts on N processes. Leaving it ends them all; nothing outlives it.

    Args:
        sandbox: What every worker makes for itself.
        n_workers: How many episodes run at once.
        folder_for: Makes and returns the folder of an attempt.
        watcher: Is told what goes on.
        why_stop: Asked at least twice a second with what the running episodes have cost; a text
            ends them as `stopped` and begins no more.
    """

    def __init__(
        self,
        sandbox: SandboxChoice,
        n_workers: int,
        *,
        folder_for: Callable[[Attempt], Path],
        watcher: Watcher,
        why_stop: Callable[[Spent], str | None] = lambda spent: None,
    ) -> None:
        self._sandbox = sandbox
        self._n_workers = n_workers
        self._folder_for = folder_for
        self._watcher = watcher
        self._why_stop = why_stop
        self._members: list[_Member] = []
        self._queue: deque[Attempt] = deque()
        self._n_deaths = 0
        self.manifest: dict[str, Any] = {}
        self.stopped_because: str | None = None

    def __enter__(self) -> Self:
        """Start nothing yet; workers come with the first attempts."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc: object) -> None:
        """End all workers: their machines are thrown away first. A second Ctrl-C kills them."""
        n_running = sum(member.attempt is not None for member in self._members)
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self._watcher.closing(n_running)
        try:
            for member in self._members:
                member.connection.close()
            for member in self._members:
                member.process.join(_CLEAN_UP_S)
        finally:
            for member in self._members:
                if member.process.is_alive():
                    member.process.kill()
                member.process.join(5)
            self._members.clear()

    def play(self, attempts: Sequence[Attempt]) -> Iterator[Outcome]:
        """Play these attempts, and those that `add` brings, and yield each as it ends.

        Raises:
            UsageError: The sandbox or the agent cannot work here.
            SandboxError: Workers die before they can play.
        """
        self._queue.extend(attempts)
        while True:
            self._look_whether_to_stop()
            self._hand_out()
            if not any(member.attempt for member in self._members):
                return
            for member in self._with_news():
                yield from self._hear(member)

    def add(self, attempt: Attempt) -> None:
        """Play this attempt next; for another try at a broken episode."""
        self._queue.appendleft(attempt)

    def _look_whether_to_stop(self) -> None:
        if self.stopped_because is not None:
            return
        running = Spent()
        for member in self._members:
            running.add(member.spent)
        reason = self._why_stop(running)
        if reason is not None:
            self.stopped_because = reason
            self._queue.clear()
            for member in self._members:
                _send(member, Stop(reason))

    def _hand_out(self) -> None:
        """Give each idle worker an attempt; start workers while there is work for them."""
        if self.stopped_because is not None:
            return
        idle = [member for member in self._members if member.attempt is None]
        while self._queue:
            if not idle:
                if len(self._members) >= self._n_workers:
                    return
                idle.append(self._start())
            member = idle.pop(0)
            attempt = self._queue.popleft()
            member.attempt = attempt
            member.spent = Spent()
            folder = self._folder_for(attempt)
            self._watcher.began(member.number, attempt)
            _send(member, Play(attempt.job, folder, attempt.number))

    def _start(self) -> _Member:
        """Start one worker, with SIGINT held back until it has left the terminal's group."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        taken = {member.number for member in self._members}
        number = next(n for n in range(1, self._n_workers + 1) if n not in taken)
        process = context.Process(
            target=work, args=(theirs, self._sandbox), name=f"riosim worker {number}"
        )
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
            member = _Member(number, process, ours)
            self._members.append(member)
        finally:
            theirs.close()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        return member

    def _with_news(self) -> list[_Member]:
        """Wait, a tick at most, and return the workers that said something or died."""
        by_connection = {member.connection: member for member in self._members}
        ready = wait(list(by_connection), timeout=_TICK_S)
        return [by_connection[item] for item in ready if isinstance(item, Connection)]

    def _hear(self, member: _Member) -> Iterator[Outcome]:
        """Take one message of a worker; a closed connection is its death."""
        try:
            message = member.connection.recv()
        except (EOFError, OSError):
            yield from self._bury(member)
            return
        match message:
            case Ready(manifest=manifest):
                member.is_ready = True
                self._n_deaths = 0
                self.manifest = manifest
            case Step(number=number, kind=kind, spent=spent):
                member.spent = spent
                self._watcher.stepped(member.number, number, kind, spent)
            case Said(text=text):
                self._watcher.said(member.number, text)
            case Done(record=record):
                yield from self._end(member, record=record)
            case Refused(message=text):
                yield from self._end(member, problem=text, is_refused=True)
            case Failed(message=text, exit_code=code):
                raise _error_of(code)(text)

    def _end(
        self,
        member: _Member,
        *,
        record: EpisodeRecord | None = None,
        problem: str = "",
        is_refused: bool = False,
    ) -> Iterator[Outcome]:
        if member.attempt is not None:
            outcome = Outcome(member.attempt, record, problem, is_refused, member.spent)
            member.attempt = None
            member.spent = Spent()
            self._watcher.ended(member.number, outcome)
            yield outcome

    def _bury(self, member: _Member) -> Iterator[Outcome]:
        """A worker died: only its episode is lost. Too many before their first one is an error."""
        self._members.remove(member)
        member.connection.close()
        member.process.join(5)
        how = _how_it_died(member.process.exitcode)
        if not member.is_ready:
            self._n_deaths += 1
            if self._n_deaths >= _DEATHS_IN_A_ROW:
                raise SandboxError(
                    f"{self._n_deaths} workers in a row died before their sandbox stood; the last "
                    f"one {how}. What they printed is above; `riosim doctor` may say more."
                )
        yield from self._end(member, problem=f"The worker process {how}.")


def _how_it_died(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        try:
            return f"was ended by {signal.Signals(-exit_code).name}"
        except ValueError:
            return f"was ended by signal {-exit_code}"
    return f"ended with status {exit_code}"


def _error_of(exit_code: int) -> type[RiosimError]:
    return SandboxError if exit_code == SandboxError.exit_code else UsageError


def _send(member: _Member, message: object) -> None:
    """Tell a worker; one that has died is noticed when its connection is read."""
    with suppress(OSError):
        member.connection.send(message)
