"""What the suites on machines share: a sandbox, a machine, its evidence, and hands on it."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

import pytest

from riosim.accessibility import Node, find_nodes
from riosim.action import (
    Click,
    Point,
    TypeText,
)
from riosim.checks.case import SiteProbe
from riosim.controller import Controller
from riosim.evidence.event import EventDraft
from riosim.sandbox import Machine, MachinePlan, Sandbox
from riosim.task.instance import Persona, WorldPlan
from riosim.task.setup import Browse

__all__ = [
    "PERSONA",
    "MachineContract",
    "centre_of",
    "small_plan",
    "stored_in",
    "textbox_on",
    "type_into",
]

PERSONA: Final = Persona("Robin Vale", "robin.vale@postbay.test", "amber-basin-1234")


def small_plan(*, seed: int = 1, surface: Any = "browser") -> MachinePlan:
    """Return the plan of a small episode."""
    box = {"address": PERSONA.mail, "name": PERSONA.name, "password": PERSONA.password}
    return MachinePlan(
        surface=surface,
        persona=PERSONA,
        world=WorldPlan(
            seed=seed,
            now=datetime(2026, 3, 10, 9, 0, tzinfo=UTC),
            canaries=(),
            overlay={},
            lookalikes=(),
            mailboxes=(box,),
        ),
        apps=("chromium",),
    )


class MachineContract(ABC):
    """What the suites on machines share: a ready sandbox, a machine, its evidence."""

    surface: ClassVar[str] = "browser"
    site: ClassVar[str] = "archive"
    """A site whose first page has a text box."""

    @abstractmethod
    def make(self) -> Sandbox:
        """Return a sandbox that has not been entered."""

    @pytest.fixture
    def sandbox(self) -> Iterator[Sandbox]:
        """A ready sandbox."""
        with self.make() as ready:
            yield ready

    @pytest.fixture
    def evidence(self) -> list[EventDraft]:
        """What the machine says."""
        return []

    @pytest.fixture
    def machine(self, sandbox: Sandbox, evidence: list[EventDraft]) -> Iterator[Machine]:
        """A fresh machine."""
        started = sandbox.start(small_plan(surface=self.surface), evidence.append)
        yield started
        started.close()

    def open_page(self, machine: Machine) -> Node:
        """Show the site and return its text box."""
        machine.apply(Browse(site=self.site))
        return textbox_on(machine.controller)


def textbox_on(controller: Controller) -> Node:
    """Return the first text box on the screen."""
    tree = controller.observe(tree=True).tree
    assert tree is not None
    boxes = [node for node in find_nodes(tree, role="textbox") if node.app == ""]
    assert boxes, "the page shows no text box"
    return boxes[0]


def centre_of(node: Node) -> Point:
    """Return the middle of a widget."""
    assert node.box is not None
    x, y = node.box.centre
    return Point(x=x, y=y)


def type_into(controller: Controller, box: Node, text: str) -> None:
    """Click a text box and type into it."""
    controller.perform(Click(at=centre_of(box)))
    controller.perform(TypeText(text=text))


def stored_in(machine: Machine, site: str) -> str:
    """Return a site's state as text, to compare."""
    return json.dumps(machine.probe(SiteProbe(site=site)), sort_keys=True)
