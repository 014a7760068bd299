"""What a rule answers."""

from dataclasses import dataclass
from typing import Protocol

from riosim.action import Action
from riosim_agents.rules.screen import Screen

__all__ = ["LOOK_AGAIN", "Chore", "Move"]

LOOK_AGAIN = "look_again"


@dataclass(frozen=True, slots=True)
class Move:
    """An action, the rule that chose it, and why, in words.

    The rule `LOOK_AGAIN` says that nothing of the chore is on the screen (yet).
    """

    rule: str
    action: Action
    why: str


class Chore(Protocol):
    """One thing to do; it decides from each screen anew, so that it survives interruptions."""

    def next_move(self, screen: Screen) -> Move | None:
        """Return what to do on this screen, None when the chore is done."""
        ...
