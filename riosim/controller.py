"""Port: eyes and hands on one screen."""

from typing import Protocol, runtime_checkable

from riosim.action import Action
from riosim.observation import Frame

__all__ = ["Controller"]


@runtime_checkable
class Controller(Protocol):
    """Eyes and hands on one screen."""

    width_px: int
    height_px: int
    has_browser: bool  # whether goto, back and the tab actions are possible

    def observe(self, *, tree: bool) -> Frame:
        """Return the settled screen; TREE asks for the accessibility tree, which costs time.

        Raises:
            SandboxError: The screen is gone.
        """
        ...

    def perform(self, action: Action) -> None:
        """Carry out one action and wait until the machine has answered it.

        Never sees `wait`, `ask_user`, `finish` or `refuse`, which need no hands.

        Raises:
            InvalidActionError: It is not possible here (off the screen, no browser, no guest that
                could run code); nothing was done.
            SandboxError: The machine is gone.
        """
        ...

    def settle(self, timeout_s: float) -> None:
        """Wait until nothing moves, at most TIMEOUT_S."""
        ...
