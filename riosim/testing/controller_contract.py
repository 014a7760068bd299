"""What every controller promises, as tests that a plug-in inherits."""

from typing import Final

import numpy as np
import pytest

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
)
from riosim.errors import InvalidActionError, SandboxError
from riosim.sandbox import Machine, Sandbox
from riosim.testing.machine_contract import (
    MachineContract,
    centre_of,
    small_plan,
    textbox_on,
    type_into,
)

__all__ = ["ControllerContract"]

_OFF_SCREEN: Final = 16_000
_UNICODE: Final = "naïve 你好 €"


class ControllerContract(MachineContract):
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
        type_into(machine.controller, box, "changes the screen")
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
        type_into(machine.controller, box, _UNICODE)
        assert textbox_on(machine.controller).value == _UNICODE

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
        type_into(machine.controller, box, "some words to select")
        start = centre_of(box)
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
        machine = sandbox.start(small_plan(surface=self.surface), lambda draft: None)
        machine.close()
        after = sandbox.start(small_plan(surface=self.surface), lambda draft: None)
        try:
            with pytest.raises((SandboxError, InvalidActionError)):
                machine.controller.perform(Press(key="a"))
            with pytest.raises(SandboxError):
                machine.controller.observe(tree=False)
        finally:
            after.close()
