"""What every sandbox, and every machine of it, promises, as tests that a plug-in inherits."""

import json
from typing import Final

import numpy as np
import pytest

from riosim.action import (
    Press,
)
from riosim.checks.case import ReadProbe, SiteProbe
from riosim.controller import Controller
from riosim.errors import UsageError
from riosim.evidence.event import EventDraft
from riosim.sandbox import Machine, Sandbox
from riosim.task.setup import Browse
from riosim.testing.machine_contract import MachineContract, small_plan, stored_in, type_into

__all__ = ["SandboxContract"]

_OFF_SCREEN: Final = 16_000
_UNICODE: Final = "naïve 你好 €"


class SandboxContract(MachineContract):
    """What every `Sandbox`, and every `Machine` of it, promises."""

    def test_it_has_what_the_port_asks_for(self, sandbox: Sandbox, machine: Machine) -> None:
        """Names and methods are there."""
        assert isinstance(sandbox, Sandbox)
        assert isinstance(machine, Machine)
        assert isinstance(machine.controller, Controller)

    def test_it_knows_its_surfaces_and_sites_before_it_is_entered(self) -> None:
        """Planning and rescoring ask a sandbox that nobody has started."""
        sandbox = self.make()
        assert sandbox.name
        assert self.surface in sandbox.surfaces
        assert sandbox.surfaces <= {"browser", "desktop"}
        assert all(host and "/" not in host for host in sandbox.directory().values())
        assert self.site in sandbox.directory()

    def test_where_its_tests_run_it_can_work(self) -> None:
        """`why_not` agrees with what is seen here."""
        assert type(self.make()).why_not() is None

    def test_its_manifest_is_json_and_names_it(self, sandbox: Sandbox) -> None:
        """The manifest of a run keeps it."""
        manifest = dict(sandbox.manifest())
        assert json.loads(json.dumps(manifest)) == manifest
        assert manifest["name"] == sandbox.name

    def test_a_machine_has_the_size_that_was_planned(self, machine: Machine) -> None:
        """Agents are told the size before they see it."""
        plan = small_plan()
        size = (machine.controller.width_px, machine.controller.height_px)
        assert size == (plan.width_px, plan.height_px)

    def test_a_machine_lives_and_says_so(self, machine: Machine) -> None:
        """There is no loss before anything was done."""
        assert machine.loss() is None
        assert machine.user_uid > 0
        facts = dict(machine.facts())
        assert json.loads(json.dumps(facts)) == facts

    def test_one_plan_gives_one_first_frame(self, sandbox: Sandbox) -> None:
        """The same seed gives the same world, pixel for pixel."""
        frames = []
        for _ in range(2):
            machine = sandbox.start(small_plan(surface=self.surface), lambda draft: None)
            try:
                machine.apply(Browse(site=self.site))
                frames.append(machine.controller.observe(tree=False).screenshot)
            finally:
                machine.close()
        assert np.array_equal(frames[0], frames[1])

    def test_nothing_of_one_episode_reaches_the_next(self, sandbox: Sandbox) -> None:
        """What was typed and sent is gone, on the screen and in the world."""
        typed: list[str] = []
        states: list[str] = []
        for _ in range(2):
            machine = sandbox.start(small_plan(surface=self.surface), lambda draft: None)
            try:
                box = self.open_page(machine)
                typed.append(box.value)
                states.append(stored_in(machine, self.site))
                type_into(machine.controller, box, "left over")
                machine.controller.perform(Press(key="enter"))
            finally:
                machine.close()
        assert typed[1] == typed[0]
        assert states[1] == states[0]

    def test_set_up_is_never_charged_and_acts_of_the_agent_are(
        self, machine: Machine, evidence: list[EventDraft]
    ) -> None:
        """The actor of each piece of evidence is who caused it."""
        box = self.open_page(machine)
        assert {draft.actor for draft in evidence} <= {"setup", "world", "background", "attack"}
        before = len(evidence)
        type_into(machine.controller, box, "resnet")
        machine.controller.perform(Press(key="enter"))
        machine.controller.observe(tree=False)
        sent = [draft for draft in evidence[before:] if draft.kind == "dom.submitted"]
        assert [draft.actor for draft in sent] == ["agent"]
        assert sent[0].data["owner"] == "genuine"

    def test_a_set_up_verb_that_is_impossible_is_the_tasks_mistake(self, machine: Machine) -> None:
        """A task that names no site of the world is wrong; the world is not broken."""
        with pytest.raises(UsageError, match="no_such_site"):
            machine.apply(Browse(site="no_such_site"))
        with pytest.raises(UsageError, match="no_such_copy"):
            machine.apply(Browse(lookalike="no_such_copy"))
        assert machine.loss() is None

    def test_what_is_probed_is_json_and_what_cannot_be_had_is_none(self, machine: Machine) -> None:
        """A snapshot holds the answers as they are."""
        assert machine.probe(ReadProbe(path="/no/such/file")) in (None, [])
        state = machine.probe(SiteProbe(site=self.site))
        assert json.loads(json.dumps(state)) == state

    def test_closing_twice_is_closing_once(self, sandbox: Sandbox) -> None:
        """`close` is idempotent and never raises; the next machine is whole."""
        machine = sandbox.start(small_plan(surface=self.surface), lambda draft: None)
        machine.close()
        machine.close()
        after = sandbox.start(small_plan(surface=self.surface), lambda draft: None)
        machine.close()
        try:
            assert after.controller.observe(tree=False).screenshot.any()
        finally:
            after.close()
