"""What lies between an agent that waits and the page on which a person decides."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from riosim.action import Action
from riosim.clock import Clock, SystemClock
from riosim.errors import RiosimError

__all__ = ["Answer", "Desk", "Phase", "Turn"]

Phase = Literal["starting", "your_turn", "working", "over", "closed"]

_ENDS: Final = frozenset({"finish", "refuse"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One observation as the page shows it.

    `max_steps` is None where nobody said how many decisions the task allows. The picture is PNG.
    """

    instruction: str
    step: int
    max_steps: int | None
    surface: str
    message: str
    url: str
    tabs: tuple[str, ...]
    tree: str | None
    width_px: int
    height_px: int
    picture: bytes

    @property
    def is_last(self) -> bool:
        """Whether the task allows no decision after this one."""
        return self.max_steps is not None and self.step + 1 >= self.max_steps


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person decided, and the seconds that they took."""

    action: Action
    thought: str
    took_s: float


class Desk:
    """Takes one turn after the other to one person; safe to use from several threads.

    Each page that is open has a seat of its own name. One of them holds the desk; the others are
    told so, and get it when the first leaves or when the person takes it over.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._changed = threading.Condition()
        self._listeners: list[Callable[[], None]] = []
        self._phase: Phase = "starting"
        self._is_closed = False
        self._episode = 0
        self._number = 0  # of the turn, over all episodes
        self._instruction = ""
        self._turn: Turn | None = None
        self._since = 0.0
        self._patience_s = 0.0
        self._answer: Answer | None = None
        self._why_over = ""
        self._seats: list[str] = []  # in the order in which they came
        self._holder: str | None = None

    # The agent's side.

    def begin(self, instruction: str) -> None:
        """Clear the desk for a new episode."""
        with self._changed:
            if self._is_closed:
                raise RiosimError("The page for the person is closed; make a new agent.")
            self._phase = "starting"
            self._episode += 1
            self._instruction = instruction
            self._turn = None
            self._answer = None
        self._tell()

    def ask(self, turn: Turn, *, patience_s: float) -> Answer:
        """Show a turn and wait for what the person decides.

        Raises:
            RiosimError: They did not within PATIENCE_S, or the desk was closed.
        """
        with self._changed:
            if self._is_closed:
                raise RiosimError("The page for the person is closed; make a new agent.")
            self._turn, self._answer, self._phase = turn, None, "your_turn"
            self._number += 1
            self._since, self._patience_s = self._clock.monotonic(), patience_s
        self._tell()
        with self._changed:
            self._changed.wait_for(lambda: self._phase != "your_turn", timeout=patience_s)
            answer = self._answer
            if answer is not None:
                return answer
            if self._is_closed:
                raise RiosimError("The page was closed while it waited for a decision.")
            self._phase = "over"
            self._why_over = f"Nobody decided within {patience_s:g} s at step {turn.step + 1}."
        self._tell()
        raise RiosimError(
            f"{self._why_over} The agent's setting patience_s says how long it waits."
        )

    def close(self) -> None:
        """Tell every page that there is nothing more to decide. Idempotent."""
        with self._changed:
            self._phase, self._is_closed = "closed", True
            self._changed.notify_all()
        self._tell()

    @property
    def has_guest(self) -> bool:
        """Whether some page is open."""
        with self._changed:
            return bool(self._seats)

    # The page's side.

    def sit(self, seat: str) -> None:
        """A page was opened; it holds the desk if nobody does."""
        with self._changed:
            self._seats.append(seat)
            if self._holder is None:
                self._holder = seat
        self._tell()

    def leave(self, seat: str) -> None:
        """A page was closed; the one that waits longest holds the desk next."""
        with self._changed:
            if seat in self._seats:
                self._seats.remove(seat)
            if self._holder == seat and seat not in self._seats:
                self._holder = self._seats[0] if self._seats else None
        self._tell()

    def take(self, seat: str) -> bool:
        """Give the desk to this open page; False if it is not open."""
        with self._changed:
            is_open = seat in self._seats
            if is_open:
                self._holder = seat
        self._tell()
        return is_open

    def answer(self, seat: str, number: int, action: Action, thought: str) -> str | None:
        """Take a decision on turn NUMBER; return why it is not taken, None if it is."""
        with self._changed:
            if seat != self._holder:
                return "This task is being played on another page."
            if self._phase != "your_turn" or number != self._number or self._turn is None:
                return "This was decided on a picture that is no longer shown; look and try again."
            problem = _off_screen(action, self._turn)
            if problem is not None:
                return problem
            self._answer = Answer(action, thought, self._clock.monotonic() - self._since)
            is_end = action.kind in _ENDS
            self._phase = "over" if is_end or self._turn.is_last else "working"
            self._why_over = (
                "You ended the task."
                if is_end
                else f"That was step {self._turn.step + 1}, the last one that the task allows."
            )
            self._changed.notify_all()
        self._tell()
        return None

    def picture(self, number: int) -> bytes | None:
        """Return the picture of a turn, None if it is no longer shown."""
        with self._changed:
            shown = self._turn if number == self._number else None
        return shown.picture if shown is not None else None

    def tree(self, number: int) -> str | None:
        """Return the accessibility tree of a turn, None if there is none."""
        with self._changed:
            shown = self._turn if number == self._number else None
        return shown.tree if shown is not None else None

    def state(self, seat: str) -> dict[str, Any]:
        """Return all that the page of this seat shows, as JSON; pictures are asked for apart."""
        with self._changed:
            if not self._is_closed and seat != self._holder:
                return {"phase": "taken"}
            turn = self._turn
            state: dict[str, Any] = {
                "phase": self._phase,
                "episode": self._episode,
                "instruction": turn.instruction if turn is not None else self._instruction,
                "why_over": self._why_over if self._phase == "over" else "",
            }
            if turn is None:
                return state
            left_s = self._patience_s - (self._clock.monotonic() - self._since)
            return state | {
                "number": self._number,
                "step": turn.step,
                "max_steps": turn.max_steps,
                "surface": turn.surface,
                "message": turn.message,
                "url": turn.url,
                "tabs": list(turn.tabs),
                "has_tree": turn.tree is not None,
                "width_px": turn.width_px,
                "height_px": turn.height_px,
                "left_s": round(max(0.0, left_s), 1),
            }

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call LISTENER, on any thread, whenever a state changes; return what ends that."""
        with self._changed:
            self._listeners.append(listener)

        def end() -> None:
            with self._changed:
                self._listeners.remove(listener)

        return end

    def _tell(self) -> None:
        with self._changed:
            listeners = list(self._listeners)
        for listener in listeners:
            listener()


def _off_screen(action: Action, turn: Turn) -> str | None:
    for name in ("at", "start", "end"):
        point = getattr(action, name, None)
        if point is not None and not (point.x < turn.width_px and point.y < turn.height_px):
            return (
                f"({point.x}, {point.y}) is not on the screen of "
                f"{turn.width_px}×{turn.height_px} pixels."
            )
    return None
