"""What every sandbox, controller, agent and monitor promises, as tests that a plug-in inherits.

```python
class TestMySandbox(SandboxContract):
    def make(self) -> Sandbox:
        return MySandbox()
```

pytest collects what is inherited; nothing else is needed. A sandbox that is slow to start can
override the fixture `sandbox` by one that is shared. The suites need pytest (`riosim[testing]`).
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

import numpy as np
import pytest

from riosim.accessibility import Node, find_nodes
from riosim.action import (
    BROWSER_KINDS,
    Action,
    Back,
    Click,
    CloseTab,
    Drag,
    Goto,
    Move,
    NewTab,
    Point,
    Press,
    RunPython,
    Scroll,
    SwitchTab,
    TypeText,
)
from riosim.checks.case import ReadProbe, SiteProbe
from riosim.controller import Controller
from riosim.errors import InvalidActionError, SandboxError, UsageError
from riosim.evidence.event import Event, EventDraft
from riosim.monitor import Monitor, RiskSignal
from riosim.sandbox import Machine, MachinePlan, Sandbox
from riosim.task.instance import Persona, TaskInstance, WorldPlan
from riosim.task.setup import Browse
from riosim.testing.agent_contract import AgentContract

__all__ = ["AgentContract", "ControllerContract", "MonitorContract", "SandboxContract"]

_PERSONA: Final = Persona("Robin Vale", "robin.vale@postbay.test", "amber-basin-1234")
_OFF_SCREEN: Final = 16_000
_UNICODE: Final = "naïve 你好 €"


def _plan(*, seed: int = 1, surface: Any = "browser") -> MachinePlan:
    """Return the plan of a small episode."""
    box = {"address": _PERSONA.mail, "name": _PERSONA.name, "password": _PERSONA.password}
    return MachinePlan(
        surface=surface,
        persona=_PERSONA,
        world=WorldPlan(
            seed=seed,
            now=datetime(2026, 3, 10, 9, 0, tzinfo=UTC),
            canaries=(),
            overlay={},
            lookalikes=(),
            mailboxes=(box,),
        ),
        seed=seed,
        apps=("chromium",),
    )


class _WithSandbox(ABC):
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
        started = sandbox.start(_plan(surface=self.surface), evidence.append)
        yield started
        started.close()

    def open_page(self, machine: Machine) -> Node:
        """Show the site and return its text box."""
        machine.apply(Browse(site=self.site))
        return _textbox(machine.controller)


class SandboxContract(_WithSandbox):
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
        plan = _plan()
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
            machine = sandbox.start(_plan(surface=self.surface), lambda draft: None)
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
            machine = sandbox.start(_plan(surface=self.surface), lambda draft: None)
            try:
                box = self.open_page(machine)
                typed.append(box.value)
                states.append(_stored(machine, self.site))
                _type_into(machine.controller, box, "left over")
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
        _type_into(machine.controller, box, "resnet")
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
        machine = sandbox.start(_plan(surface=self.surface), lambda draft: None)
        machine.close()
        machine.close()
        after = sandbox.start(_plan(surface=self.surface), lambda draft: None)
        machine.close()
        try:
            assert after.controller.observe(tree=False).screenshot.any()
        finally:
            after.close()


class ControllerContract(_WithSandbox):
    """What every `Controller` promises, on a machine of its sandbox."""

    def test_a_frame_has_the_screens_shape(self, machine: Machine) -> None:
        """(height_px, width_px, 3), uint8, RGB."""
        eyes = machine.controller
        frame = eyes.observe(tree=False)
        assert frame.screenshot.shape == (eyes.height_px, eyes.width_px, 3)
        assert frame.screenshot.dtype == np.uint8
        assert frame.tree is None

    def test_a_settled_screen_stays_as_it_is(self, machine: Machine) -> None:
        """Two looks without an action between them show the same."""
        self.open_page(machine)
        first = machine.controller.observe(tree=False).screenshot
        assert np.array_equal(first, machine.controller.observe(tree=False).screenshot)

    def test_a_frame_that_was_handed_out_never_changes(self, machine: Machine) -> None:
        """An agent may keep it."""
        box = self.open_page(machine)
        frame = machine.controller.observe(tree=False).screenshot
        kept = frame.copy()
        _type_into(machine.controller, box, "changes the screen")
        later = machine.controller.observe(tree=False).screenshot
        assert np.array_equal(frame, kept)
        assert not np.array_equal(later, kept)

    def test_what_the_tree_shows_lies_on_the_screen(self, machine: Machine) -> None:
        """A box is a place that can be clicked."""
        box = self.open_page(machine)
        assert box.box is not None
        x, y = box.box.centre
        assert 0 <= x < machine.controller.width_px
        assert 0 <= y < machine.controller.height_px

    def test_any_text_is_typed_as_it_is(self, machine: Machine) -> None:
        """Every letter arrives, whatever the keyboard has."""
        box = self.open_page(machine)
        _type_into(machine.controller, box, _UNICODE)
        assert _textbox(machine.controller).value == _UNICODE

    @pytest.mark.parametrize(
        "action",
        [
            Click(at=Point(x=_OFF_SCREEN, y=1)),
            Move(at=Point(x=1, y=_OFF_SCREEN)),
            Scroll(at=Point(x=_OFF_SCREEN, y=_OFF_SCREEN), dy=3),
            Drag(start=Point(x=_OFF_SCREEN, y=1), end=Point(x=1, y=1)),
        ],
        ids=lambda action: str(action.kind),
    )
    def test_what_is_off_the_screen_is_invalid_and_does_nothing(
        self, machine: Machine, action: Action
    ) -> None:
        """An invalid step is told to the agent; the world stays as it was."""
        self.open_page(machine)
        before = machine.controller.observe(tree=False).screenshot
        with pytest.raises(InvalidActionError, match="screen"):
            machine.controller.perform(action)
        assert np.array_equal(before, machine.controller.observe(tree=False).screenshot)

    def test_a_drag_that_would_leave_the_screen_never_presses(self, machine: Machine) -> None:
        """A button that was pressed for nothing would make the next move a drag."""
        box = self.open_page(machine)
        _type_into(machine.controller, box, "some words to select")
        start = _centre(box)
        away = Move(at=Point(x=1, y=start.y))  # over the words
        machine.controller.perform(away)
        still = machine.controller.observe(tree=False).screenshot
        with pytest.raises(InvalidActionError, match="screen"):
            machine.controller.perform(Drag(start=start, end=Point(x=1, y=_OFF_SCREEN)))
        machine.controller.perform(away)
        assert np.array_equal(still, machine.controller.observe(tree=False).screenshot)

    def test_the_browsers_actions_are_there_exactly_where_it_says_so(
        self, machine: Machine
    ) -> None:
        """`has_browser` is what the action space is made from."""
        url = machine.controller.observe(tree=False).url
        actions: tuple[Action, ...] = (NewTab(), SwitchTab(index=0), Back(), CloseTab())
        assert {a.kind for a in actions} | {"goto"} == BROWSER_KINDS
        if machine.controller.has_browser:
            machine.controller.perform(NewTab())
            machine.controller.perform(CloseTab())
            assert machine.controller.observe(tree=False).url == url
        else:
            for action in (*actions, Goto(url="https://home.test/")):
                with pytest.raises(InvalidActionError, match=action.kind):
                    machine.controller.perform(action)

    def test_code_is_run_where_there_is_a_guest_and_refused_elsewhere(
        self, machine: Machine
    ) -> None:
        """A browser surface never runs code of the agent, least of all on the host."""
        if machine.controller.has_browser:
            with pytest.raises(InvalidActionError, match="code"):
                machine.controller.perform(RunPython(code="raise SystemExit"))
        else:
            machine.controller.perform(RunPython(code="raise SystemExit"))
        assert machine.loss() is None

    def test_a_closed_machine_shows_and_does_nothing_more(self, sandbox: Sandbox) -> None:
        """Else a stale controller could see, or touch, the next episode."""
        machine = sandbox.start(_plan(surface=self.surface), lambda draft: None)
        machine.close()
        after = sandbox.start(_plan(surface=self.surface), lambda draft: None)
        try:
            with pytest.raises((SandboxError, InvalidActionError)):
                machine.controller.perform(Press(key="a"))
            with pytest.raises(SandboxError):
                machine.controller.observe(tree=False)
        finally:
            after.close()


class MonitorContract(ABC):
    """What every `Monitor` promises."""

    @abstractmethod
    def make(self) -> Monitor:
        """Return a new monitor."""

    @abstractmethod
    def instance(self) -> TaskInstance:
        """Return a task whose risk `evidence` completes."""

    @abstractmethod
    def evidence(self) -> list[Event]:
        """Return the evidence of an episode in which the threat was seen and did harm."""

    def watch(self, *batches: list[Event]) -> list[RiskSignal]:
        """Return everything that a fresh monitor says of these events."""
        monitor = self.make()
        monitor.reset(self.instance())
        return [signal for batch in batches for signal in monitor.watch(batch)]

    def test_it_has_what_the_port_asks_for(self) -> None:
        """Names and methods are there."""
        assert isinstance(self.make(), Monitor)

    def test_without_evidence_it_says_nothing(self) -> None:
        """An episode that has not begun is harmless."""
        assert self.watch([], []) == []
        assert list(self.make().watch([])) == []

    def test_it_says_when_harm_was_meant_and_done(self) -> None:
        """The claim names evidence that exists, at a step that was reached."""
        events = self.evidence()
        signals = self.watch(events)
        assert "completion" in {signal.kind for signal in signals}
        known = {event.seq: event.step for event in events}
        for signal in signals:
            assert signal.kind in {"exposure", "intention", "completion"}
            assert set(signal.events) <= set(known)
            assert 0 <= signal.step <= max(known.values())
            assert json.loads(json.dumps(signal.to_json())) == signal.to_json()

    def test_evidence_that_comes_in_pieces_says_the_same(self) -> None:
        """It is asked after each step, but nothing hangs on when."""
        events = self.evidence()
        piecemeal = self.watch(*([event] for event in events))
        assert _claims(piecemeal) == _claims(self.watch(events))

    def test_it_says_each_thing_once(self) -> None:
        """Further evidence of the same is no further risk."""
        signals = self.watch(self.evidence(), [], [])
        assert len(_claims(signals)) == len(signals)

    def test_reset_forgets_the_last_episode(self) -> None:
        """One instance watches many episodes, one at a time."""
        monitor = self.make()
        monitor.reset(self.instance())
        first = list(monitor.watch(self.evidence()))
        monitor.reset(self.instance())
        assert list(monitor.watch([])) == []
        assert list(monitor.watch(self.evidence())) == first


def _claims(signals: list[RiskSignal]) -> set[tuple[str, int]]:
    return {(signal.kind, signal.step) for signal in signals}


def _textbox(controller: Controller) -> Node:
    tree = controller.observe(tree=True).tree
    assert tree is not None
    boxes = [node for node in find_nodes(tree, role="textbox") if node.app == ""]
    assert boxes, "the page shows no text box"
    return boxes[0]


def _centre(node: Node) -> Point:
    assert node.box is not None
    x, y = node.box.centre
    return Point(x=x, y=y)


def _type_into(controller: Controller, box: Node, text: str) -> None:
    controller.perform(Click(at=_centre(box)))
    controller.perform(TypeText(text=text))


def _stored(machine: Machine, site: str) -> str:
    return json.dumps(machine.probe(SiteProbe(site=site)), sort_keys=True)
