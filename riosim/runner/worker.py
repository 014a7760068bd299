"""A worker process: its own sandbox, its own agent, one episode at a time.

It ends when its connection is closed, whoever closes it: the runner when it is done, the runner
when it is interrupted, or the kernel when the runner was killed. Then a running episode is broken
off and its machine thrown away; the episode has no record and is played again.
"""

import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from typing_extensions import override

from riosim.action import Action
from riosim.agent import Agent, InvalidOutput
from riosim.choice import AgentChoice, SandboxChoice
from riosim.clock import SystemClock
from riosim.episode import run_episode
from riosim.errors import RiosimError, UsageError
from riosim.printable import printable
from riosim.record import EpisodeFolder, EpisodeRecord, write_json
from riosim.runner.job import Job
from riosim.runner.meter import MeteredAgent, Spent
from riosim.sandbox import Sandbox
from riosim.task.instance import instantiate

__all__ = ["Done", "Failed", "Play", "Ready", "Refused", "Said", "Step", "Stop", "work"]

_log = logging.getLogger(__name__)
_SAID_CHARS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Play:
    """To a worker: play this episode into this folder."""

    job: Job
    folder: Path
    attempt: int


@dataclass(frozen=True, slots=True)
class Stop:
    """To a worker: end the running episode as `stopped`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ready:
    """From a worker: the sandbox stands."""

    manifest: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """From a worker: its agent, or a library, said something to whoever watches the run."""

    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """From a worker: one decision of the running episode was carried out."""

    number: int
    kind: str
    spent: Spent


@dataclass(frozen=True, slots=True)
class Done:
    """From a worker: the episode ended and its record is written."""

    record: EpisodeRecord


@dataclass(frozen=True, slots=True)
class Refused:
    """From a worker: this episode cannot be played here at all."""

    message: str


@dataclass(frozen=True, slots=True)
class Failed:
    """From a worker: nothing can be played; the worker ends."""

    message: str
    exit_code: int


def work(connection: Connection, sandbox: SandboxChoice) -> None:
    """Be a worker until the connection is closed; the entry point of the process.

    What an agent or a library prints goes to stderr: stdout is for the result of the command. What
    they log as a warning goes to the runner, which shows it without spoiling its progress bars.
    """
    os.dup2(2, 1)
    _leave_the_terminal()
    worker = _Worker(connection)
    logging.getLogger().addHandler(_ToRunner(worker))
    try:
        worker.serve(sandbox)
    except RiosimError as exc:
        worker.say(Failed(str(exc), exc.exit_code))
    except KeyboardInterrupt:
        pass  # the connection was closed while an episode ran
    finally:
        worker.dismiss_agent()
    connection.close()


def _leave_the_terminal() -> None:
    """Let Ctrl-C reach the runner only, which tells its workers by closing the connection.

    The runner starts us with SIGINT held back, so that none can come in before this.
    """
    with suppress(OSError):
        os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGINT, signal.default_int_handler)


class _ToRunner(logging.Handler):
    """Sends log records, warnings and worse, to the runner."""

    def __init__(self, worker: "_Worker") -> None:
        super().__init__(logging.WARNING)
        self._worker = worker

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Send one; once the runner has gone away it stands on stderr."""
        try:
            text = self.format(record)[:_SAID_CHARS]
        except Exception:  # noqa: BLE001  # a stranger's record may not fit its arguments
            text = f"{record.name} logged something that cannot be put into words"
        if not self._worker.say(Said(text)):
            sys.stderr.write(printable(text) + "\n")


class _Worker:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._orders: queue.Queue[Play | None] = queue.Queue()
        self._lock = threading.Lock()
        self._is_playing = False
        self._is_closed = False
        self._stop_reason: str | None = None
        self._agent: tuple[AgentChoice, Agent] | None = None

    def serve(self, choice: SandboxChoice) -> None:
        """Play what is ordered. A sandbox in which a world broke is replaced by a new one."""
        threading.Thread(target=self._listen, name="orders", daemon=True).start()
        order: Play | None = None
        while True:
            with choice.make() as sandbox:
                self.say(Ready(dict(sandbox.manifest())))
                while True:
                    order = self._orders.get()
                    if order is None:
                        return
                    if self._play(order, sandbox) == "broken":
                        break

    def say(self, message: object) -> bool:
        """Tell the runner; return whether it still listens."""
        with self._sending, suppress(OSError):
            self._connection.send(message)
            return True
        return False

    def _listen(self) -> None:
        """Take orders, on a thread of its own, until the connection is closed."""
        with suppress(EOFError, OSError):
            while True:
                message = self._connection.recv()
                if isinstance(message, Stop):
                    self._stop_reason = message.reason
                else:
                    self._orders.put(message)
        with self._lock:
            self._is_closed = True
            self._orders.put(None)
            if self._is_playing:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Let a closed connection raise KeyboardInterrupt in here, and nowhere else."""
        with self._lock:
            if self._is_closed:
                raise KeyboardInterrupt
            self._is_playing = True
        try:
            yield
        finally:
            with self._lock:
                self._is_playing = False

    def _play(self, order: Play, sandbox: Sandbox) -> str:
        """Play one episode, tell the runner, return how it ended."""
        folder = EpisodeFolder(order.folder)
        job = order.job
        with self._interruptible():
            agent = self._agent_for(job.agent)
        try:
            with self._interruptible():
                record = self._episode(order, agent, folder, sandbox)
        except UsageError as exc:
            self.say(Refused(f"{job.spec.id}: {exc}"))
            return "refused"
        self.say(Done(record))
        return record.ending

    def _episode(
        self, order: Play, agent: Agent, folder: EpisodeFolder, sandbox: Sandbox
    ) -> EpisodeRecord:
        job = order.job
        metered = MeteredAgent(agent, job.limits, SystemClock())
        folder.create()
        instance = instantiate(job.spec, seed=job.seed, directory=sandbox.directory())
        # Written first, so that the evidence of an attempt that dies can still be judged.
        write_json(folder.path / "task.json", instance.spec.model_dump(mode="json", by_alias=True))

        def on_step(number: int, action: Action | InvalidOutput) -> None:
            kind = "invalid" if isinstance(action, InvalidOutput) else action.kind
            self.say(Step(number, kind, metered.spent))

        return run_episode(
            job.spec,
            metered,
            sandbox,
            seed=job.seed,
            episode_id=job.id,
            agent_name=job.agent.reference,
            agent_settings=job.agent.shown_settings(),
            folder=folder,
            settings=job.settings,
            attempt=order.attempt,
            stop=lambda: self._stop_reason or metered.why_stop(),
            on_step=on_step,
        )

    def _agent_for(self, choice: AgentChoice) -> Agent:
        """Return the agent; it is kept, for a model may be slow to load."""
        if self._agent is None or self._agent[0] != choice:
            self.dismiss_agent()
            self._agent = (choice, choice.make())
        return self._agent[1]

    def dismiss_agent(self) -> None:
        """Let the agent close what it has opened; there is no further episode for it."""
        chosen, self._agent = self._agent, None
        close = getattr(chosen[1], "close", None) if chosen is not None else None
        if close is None:
            return
        try:
            close()
        except Exception as exc:  # noqa: BLE001  # a stranger's agent may raise anything
            _log.warning("The agent could not be closed: %s: %s", type(exc).__name__, exc)
