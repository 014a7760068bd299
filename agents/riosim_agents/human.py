"""A person as an agent: they play in their browser, and are judged like any agent."""

import io
import logging
import webbrowser
from typing import Final

import numpy as np
from PIL import Image

from riosim.agent import Decision
from riosim.errors import UsageError
from riosim.observation import Observation
from riosim.task.instance import TaskInstance
from riosim_agents.model.setting import number_setting, whole_setting
from riosim_agents.person.desk import Desk, Turn
from riosim_agents.person.door import Door

__all__ = ["HumanAgent"]

_log: Final = logging.getLogger(__name__)


class HumanAgent:
    """Shows each observation on a page of this machine and plays what a person does there.

    The link is told as a log message, so a run prints it, one for each worker. Nothing is served
    before the first episode; the same page serves all that follow. `close` ends it.

    Args:
        port: Loopback port of the page, or the first of 32 that are tried; 0 is any free one.
        patience_s: Seconds that a decision may take; then the episode is stopped and says so.
        open_browser: Open the link in this machine's browser, too.
    """

    def __init__(
        self, *, port: int = 0, patience_s: float = 3600.0, open_browser: bool = False
    ) -> None:
        if not isinstance(open_browser, bool):
            raise UsageError(f"open_browser is true or false, got {open_browser!r:.100}.")
        self._port = whole_setting("port", port, least=0, most=65_535)
        self._patience_s = number_setting("patience_s", patience_s, least=0.01, most=1_000_000)
        self._open_browser = open_browser
        self._surface = ""
        self._max_steps: int | None = None
        self._instruction = ""
        self._desk: Desk | None = None
        self._door: Door | None = None

    @property
    def url(self) -> str | None:
        """Where the page is, once the first episode has begun; holds the token."""
        return self._door.url if self._door is not None else None

    def prepare(self, instance: TaskInstance) -> None:
        """Know whether there are tabs, and how many decisions the task allows."""
        self._surface = instance.spec.surface
        self._max_steps = instance.spec.max_steps

    def reset(self, instruction: str, *, seed: int) -> None:
        """Open the page if it is not open, and show that a new task begins.

        Raises:
            UsageError: No port is free.
        """
        del seed
        self._instruction = instruction
        is_new = self._door is None
        if self._desk is None or self._door is None:
            desk = Desk()
            self._desk, self._door = desk, Door(desk, port=self._port)
        self._desk.begin(instruction)
        if not self._desk.has_guest:
            again = "" if is_new else "The next task waits for you. "
            _log.warning("%sPlay in your browser: %s", again, self._door.url)
        if is_new and self._open_browser and not webbrowser.open(self._door.url):
            _log.warning("No browser could be opened here; open the link yourself.")

    def act(self, observation: Observation) -> Decision:
        """Return what the person decides.

        Raises:
            RiosimError: They did not decide in time, or `reset` was not called.
        """
        if self._desk is None:
            raise UsageError("A person has no page yet: call reset() before act().")
        height_px, width_px = observation.screenshot.shape[:2]
        is_browser = bool(observation.url or observation.tabs)
        turn = Turn(
            instruction=observation.instruction or self._instruction,
            step=observation.step,
            max_steps=self._max_steps,
            surface=self._surface or ("browser" if is_browser else "desktop"),
            message=observation.message,
            url=observation.url,
            tabs=observation.tabs,
            tree=observation.accessibility_tree if observation.tree is not None else None,
            width_px=width_px,
            height_px=height_px,
            picture=_png(observation),
        )
        answer = self._desk.ask(turn, patience_s=self._patience_s)
        seconds = round(answer.took_s, 1)
        return Decision(answer.action, answer.thought, extra={"human": {"seconds": seconds}})

    def close(self) -> None:
        """Close the page. Idempotent; the next `reset` opens another one."""
        door, self._door, self._desk = self._door, None, None
        if door is not None:
            door.close()


def _png(observation: Observation) -> bytes:
    file = io.BytesIO()
    pixels = np.ascontiguousarray(observation.screenshot)
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()
