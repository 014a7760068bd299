"""A door for a person: a fresh desktop, or a task's, in their own browser while it plays on."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final, Self

from riosim.action import Wait
from riosim.errors import SandboxError, SandboxUnavailableError
from riosim.monitor import RiskSignal
from riosim.monitors.verdict import Verdict
from riosim.sandbox import Machine, MachinePlan
from riosim.session import MachineLostError, Session
from riosim.task.instance import Persona
from riosim.task.schema import TaskSpec
from riosim_envs.docker_machine import DockerMachine
from riosim_envs.docker_sandbox import DockerSandbox
from riosim_envs.plain_world import PERSONA, plain_world

__all__ = ["Look"]

_LOOK_S: Final = 1.0


class Look:
    """One machine that a person sees and uses; `with` starts and removes it.

    With a task it is set up as for an agent, and whatever the person does is judged as if an agent
    had done it.

    Attributes:
        url: Where a browser on this host finds the screen; holds the token.
        persona: Whose computer it is.
    """

    url: str
    persona: Persona

    def __init__(self, spec: TaskSpec | None = None, *, seed: int = 1) -> None:
        self._spec = spec
        self._seed = seed
        self._stack = ExitStack()
        self._session: Session | None = None

    def __enter__(self) -> Self:
        """Start the machine and open the door.

        Raises:
            SandboxUnavailableError: There is no Docker engine, or no image.
            SandboxError: The machine could not be made ready.
            UsageError: The task's set-up is impossible.
        """
        reason = DockerSandbox.why_not()
        if reason is not None:
            raise SandboxUnavailableError(f"Only the Docker sandbox has a desktop to see: {reason}")
        with ExitStack() as stack:
            sandbox = stack.enter_context(DockerSandbox(slots=1))
            machine = self._start(sandbox, stack)
            if not isinstance(machine, DockerMachine):
                raise SandboxError(f"A {type(machine).__name__} has no door.")
            token = secrets.token_urlsafe(18)
            host, port = machine.open_door(token)
            path = f"vnc.html?autoconnect=1&resize=scale&path=websockify%3Ftoken%3D{token}"
            self.url = f"http://{host}:{port}/{path}"
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        """Throw the machine away."""
        self._stack.close()

    @property
    def instruction(self) -> str:
        """What the task asks for; empty without a task."""
        return self._session.spec.instruction if self._session is not None else ""

    def watch(self) -> Iterator[RiskSignal]:
        """Yield what the monitors see, about once a second; ends when the machine is lost.

        Each look counts as a step, so a trigger of `step: 3` comes after three of them.
        """
        if self._session is None:
            return
        while True:
            try:
                result = self._session.advance(Wait(seconds=_LOOK_S))
            except MachineLostError as exc:
                self._session.record_loss(exc.loss)
                return
            yield from result.signals

    def verdict(self) -> Verdict | None:
        """Return the verdict on what has happened so far; None without a task."""
        if self._session is None:
            return None
        self._session.finish_up()
        return self._session.verdict()

    def _start(self, sandbox: DockerSandbox, stack: ExitStack) -> Machine:
        if self._spec is not None:
            # A person needs the browser's window; a browser task's own screen is the page alone.
            spec = self._spec.model_copy(update={"surface": "desktop"})
            session = Session(spec, sandbox, seed=self._seed)
            stack.callback(session.close)
            session.begin()
            self._session, self.persona = session, session.instance.persona
            return session.machine
        self.persona = PERSONA
        plan = MachinePlan("desktop", PERSONA, plain_world(self._seed))
        machine = sandbox.start(plan, _forget)
        stack.callback(machine.close)
        return machine


def _forget(draft: Any) -> None:
    """Take evidence that nobody asked for."""
    del draft
