"""A desktop to measure on, through the same sandbox as an episode's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from riosim.accessibility import Node
from riosim.clock import SystemClock, wait_until
from riosim.errors import SandboxNotReadyError
from riosim.sandbox import MachinePlan
from riosim.task.instance import Persona, WorldPlan
from riosim.task.setup import App, Browse, Open
from riosim_envs.desktop import Desktop
from riosim_envs.docker_machine import DockerMachine
from riosim_envs.docker_sandbox import DockerSandbox
from riosim_envs.slot import Slot
from riosim_envs.stage import Stage, Window

__all__ = ["CLOCK", "PLAN", "Desk", "open_desk", "timed"]

CLOCK: Final = SystemClock()
_PERSONA: Final = Persona("Robin Vale", "robin.vale@postbay.test", "ember-willow-4417")
_MAILBOX: Final = {
    "address": _PERSONA.mail,
    "name": _PERSONA.name,
    "password": _PERSONA.password,
}
_WORLD: Final = WorldPlan(1, datetime(2026, 3, 10, 9, tzinfo=UTC), (), {}, (), (_MAILBOX,))
PLAN: Final = MachinePlan("desktop", _PERSONA, _WORLD)
"""An empty desktop before a world in which nothing has happened."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One machine and its parts."""

    machine: DockerMachine
    slot: Slot

    @property
    def stage(self) -> Stage:
        """The stage."""
        return self.slot.stage

    @property
    def desktop(self) -> Desktop:
        """The desktop."""
        return self.slot.desktop

    def open(self, app: App, path: str | None = None) -> None:
        """Start an application and wait until its window is at rest."""
        self.machine.apply(Open(app=app, path=path))

    def browse(self, site: str) -> None:
        """Show the front page of a site."""
        self.machine.apply(Browse(site=site))

    def find(self, wanted: Callable[[Node], bool]) -> list[Node]:
        """Return the nodes on the screen that are wanted."""
        return [node for node in self.desktop.tree().walk() if node.box and wanted(node)]

    def programs(self) -> set[str]:
        """Return the ids of the windows that belong to applications."""
        return {window.id for window in self.stage.windows() if _is_program(window)}

    def wait(self, ready: Callable[[], bool], what: str, *, timeout_s: float = 40.0) -> None:
        """Wait for a fact.

        Raises:
            SandboxNotReadyError: It did not come true.
        """
        if not wait_until(ready, clock=CLOCK, timeout_s=timeout_s, interval_s=0.05):
            raise SandboxNotReadyError(f"{what} within {timeout_s:g} s")


@contextmanager
def open_desk(sandbox: DockerSandbox) -> Iterator[Desk]:
    """Take a settled, empty desktop from a sandbox and give it back."""
    machine = sandbox.start(PLAN, lambda draft: None)
    try:
        machine.controller.observe(tree=False)
        yield Desk(machine, machine.slot)
    finally:
        machine.close()


def timed(do: Callable[[], Any]) -> float:
    """Return how long something takes, in seconds."""
    begun = CLOCK.monotonic()
    do()
    return CLOCK.monotonic() - begun


def _is_program(window: Window) -> bool:
    _, _, width, height = window.box
    return (
        window.mapped
        and window.owner == "session"
        and width > 200
        and height > 100
        and window.app not in {"xfdesktop", "xfce4-panel"}
    )
