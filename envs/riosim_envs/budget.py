"""Watching a desktop's limits: the disk budget that no engine enforces, and the two it does."""

import threading
from collections.abc import Callable
from typing import Any, Final, Literal

from riosim.errors import RiosimError
from riosim_envs.cgroup import limit_hits
from riosim_envs.desktop import Desktop

__all__ = ["BudgetWatch", "Limit"]

Limit = Literal["disk", "memory", "pids"]
_INTERVAL_S: Final = 2.0


class BudgetWatch:
    """Asks at intervals, on a thread of its own, and says once for each limit that it was met.

    `on_limit` gets the limit and figures; for `disk` the desktop is over its budget and the
    episode should end. The watch ends with the desktop's channel, or with `close`.
    """

    def __init__(
        self,
        desktop: Desktop,
        *,
        on_limit: Callable[[Limit, dict[str, Any]], None],
        interval_s: float = _INTERVAL_S,
    ) -> None:
        self._desktop = desktop
        self._on_limit = on_limit
        self._interval_s = interval_s
        self._said: set[Limit] = set()
        self._before = limit_hits(desktop.engine, desktop.container_id)
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="budget", daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Look once, now; from any thread."""
        with self._lock:
            self._look()

    def _look(self) -> None:
        desktop, limits = self._desktop, self._desktop.limits
        hits = limit_hits(desktop.engine, desktop.container_id)
        if hits.memory > self._before.memory:
            self._say("memory", kills=hits.memory, limit_bytes=limits.memory_bytes)
        if hits.pids > self._before.pids:
            self._say("pids", refusals=hits.pids, limit=limits.pids)
        used = desktop.usage().disk_bytes
        if used > limits.disk_bytes:
            self._say("disk", used_bytes=used, limit_bytes=limits.disk_bytes)

    def close(self) -> None:
        """Watch no more; the second call does nothing."""
        self._over.set()
        if self._thread is not threading.current_thread():
            self._thread.join(5.0)

    def _say(self, which: Limit, **figures: int) -> None:
        if which not in self._said:
            self._said.add(which)
            self._on_limit(which, figures)

    def _watch(self) -> None:
        while not self._over.wait(self._interval_s):
            if self._desktop.channel.lost is not None:
                return
            try:
                self.look()
            except RiosimError:
                continue  # too busy to answer, or gone: the next look tells
