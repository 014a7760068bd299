"""When a desktop has answered an action: the applications first, the frame second.

Four facts are asked for, none is guessed from time alone: the world has no request in hand and no
page that has not painted; the desktop's processes use no processor time; no window is coming or
going; the frame buffer has not changed. The processor tells what a still frame cannot: an
application that is about to draw. Where more programs want to run than there are processors, an
application draws in fits and starts, and still means still for longer.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from riosim.clock import Clock
from riosim_envs.desktop import Desktop
from riosim_envs.stage import Stage

__all__ = ["SettleSettings", "Settled", "crowding", "settle"]

_LOAD: Final = Path("/proc/loadavg")
_ROOMY: Final = 2.0  # programs for each processor that do not yet hold each other up
_MOST_CROWDED: Final = 8.0


@dataclass(frozen=True, slots=True)
class SettleSettings:
    """How still is still."""

    damage_quiet_ms: float = 30.0  # no change of the frame for so long
    page_quiet_ms: float = 120.0  # the same after a page: a browser's own signs follow late
    window_quiet_ms: float = 30.0
    busy_share: float = 0.12  # of one processor, by the desktop's own processes
    idle_looks: int = 2  # in a row
    look_s: float = 0.012
    timeout_s: float = 8.0


@dataclass(frozen=True, slots=True)
class Settled:
    """Whether it came to rest, and how long ago the frame last changed."""

    still: bool
    waited_s: float
    since_damage_ms: float


def crowding() -> float:
    """Return how many times as long as on a free machine a program waits for its turn."""
    try:
        running = _LOAD.read_text(encoding="ascii").split()[3].partition("/")[0]
    except (OSError, IndexError):  # no Linux: the engine has a machine of its own
        return 1.0
    share = int(running) / (_ROOMY * (os.cpu_count() or 1))
    return min(max(share, 1.0), _MOST_CROWDED)


def settle(
    stage: Stage,
    desktop: Desktop | None,
    *,
    settings: SettleSettings,
    clock: Clock,
    timeout_s: float | None = None,
    crowd: Callable[[], float] = crowding,
    has_painted: Callable[[], bool] = lambda: False,
) -> Settled:
    """Wait until the screen is at rest, at most TIMEOUT_S.

    Without a desktop (it is lost) only the frame is looked at. HAS_PAINTED tells whether a page
    came since the action: a browser goes on to draw signs of its own, the tab's picture and name.
    """
    begun = clock.monotonic()
    limit_s = settings.timeout_s if timeout_s is None else timeout_s
    meter = _Meter(desktop, clock)
    n_idle, stretch, quiet_ms = 0, 1.0, settings.damage_quiet_ms
    while True:
        stretch += (crowd() - stretch) / 2  # programs come and go from one look to the next
        quiet = stage.quiet()
        if quiet.n_requests or quiet.n_pages or has_painted():
            quiet_ms = max(quiet_ms, settings.page_quiet_ms)
        idle = meter.share() < settings.busy_share
        still = (
            idle
            and quiet.n_requests == 0
            and quiet.n_pages == 0
            and quiet.since_damage_ms >= quiet_ms * stretch
            and quiet.since_window_change_ms >= settings.window_quiet_ms * stretch
        )
        n_idle = n_idle + 1 if still else 0
        waited_s = clock.monotonic() - begun
        if n_idle >= settings.idle_looks:
            return Settled(still=True, waited_s=waited_s, since_damage_ms=quiet.since_damage_ms)
        if waited_s >= limit_s:
            return Settled(still=False, waited_s=waited_s, since_damage_ms=quiet.since_damage_ms)
        clock.sleep(settings.look_s)


class _Meter:
    """The share of one processor that the desktop used since the last look."""

    def __init__(self, desktop: Desktop | None, clock: Clock) -> None:
        self._desktop = desktop
        self._clock = clock
        self._last: tuple[float, int] | None = None

    def share(self) -> float:
        """Return the share; 1 at the first look, for nothing is known yet."""
        if self._desktop is None or self._desktop.channel.lost is not None:
            return 0.0
        usage = self._desktop.usage()
        now, used_us = self._clock.monotonic(), usage.cpu_us - usage.own_cpu_us
        last, self._last = self._last, (now, used_us)
        if last is None:
            return 1.0
        elapsed_us = max((now - last[0]) * 1e6, 1.0)
        return (used_us - last[1]) / elapsed_us
