"""Time as an argument. The only module that may sleep."""

import time
from collections.abc import Callable
from typing import Protocol

__all__ = ["Clock", "FakeClock", "SystemClock", "wait_until"]


class Clock(Protocol):
    """A source of durations and a way to let time pass."""

    def monotonic(self) -> float:
        """Return seconds since some fixed moment."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let SECONDS pass."""
        ...


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """Return seconds since some fixed moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let SECONDS pass."""
        time.sleep(max(0.0, seconds))  # noqa: TID251  # the one place


class FakeClock:
    """A clock that moves only when somebody sleeps on it; for tests."""

    def __init__(self, start: float = 0.0) -> None:
        self.now = start

    def monotonic(self) -> float:
        """Return the fake moment."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move the fake moment."""
        self.now += max(0.0, seconds)


def wait_until(
    ready: Callable[[], bool], *, clock: Clock, timeout_s: float, interval_s: float = 0.01
) -> bool:
    """Wait for a fact, at most TIMEOUT_S; return whether it came true.

    READY is asked once more after the limit, so a slow question is never unfair.
    """
    deadline = clock.monotonic() + timeout_s
    while not ready():
        if clock.monotonic() >= deadline:
            return ready()
        clock.sleep(interval_s)
    return True
