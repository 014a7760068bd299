"""Machines of the real sandboxes, and how to look behind them."""

from datetime import UTC, datetime
from typing import Any

from riosim.sandbox import Emit, Machine, MachinePlan
from riosim.task.instance import Persona, WorldPlan
from riosim_envs.docker_sandbox import DockerSandbox
from riosim_envs.slot import Slot

__all__ = ["Noting", "plan_for", "slot_of"]

_PERSONA = Persona("Robin Vale", "robin.vale@postbay.test", "amber-basin-1234")


def plan_for(surface: Any, *, seed: int = 1) -> MachinePlan:
    """Return the plan of an episode without attack."""
    box = {"address": _PERSONA.mail, "name": _PERSONA.name, "password": _PERSONA.password}
    now = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    return MachinePlan(surface, _PERSONA, WorldPlan(seed, now, (), {}, (), (box,)))


def slot_of(machine: Machine) -> Slot:
    """Return the slot of a Docker machine, which nobody but a test needs to see."""
    slot: Slot = machine.slot  # type: ignore[attr-defined]  # of DockerMachine
    return slot


class Noting(DockerSandbox):
    """Keeps the plans and machines of its episodes, and what they emitted."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.plans: list[MachinePlan] = []
        self.machines: list[Machine] = []

    def start(self, plan: MachinePlan, emit: Emit) -> Any:
        machine = super().start(plan, emit)
        self.plans.append(plan)
        self.machines.append(machine)
        return machine
