"""A warm pool of slots: the next desktop starts while an episode runs elsewhere.

A slot's one screen belongs to one desktop at a time, so a desktop is prepared only after the last
one of its slot is gone. For `n` episodes at once that never wait, take `n + 1` slots.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Final, NoReturn, Self

from riosim.clock import Clock, SystemClock
from riosim.errors import RiosimError, SandboxError, SandboxNotReadyError
from riosim_envs.engine import Engine
from riosim_envs.slot import Slot, SlotSettings

__all__ = ["Pool"]

Prepare = Callable[[Slot], None]
_MAX_BUILDERS: Final = 4
_ACQUIRE_TIMEOUT_S: Final = 120.0


class Pool:
    """Slots ready to be used, each with a fresh desktop; safe to use from several threads.

    `prepare` is called on a background thread for each fresh desktop, before the slot is handed
    out: it starts screen and session, so that `acquire` finds them running.
    """

    def __init__(
        self,
        engine: Engine,
        settings: SlotSettings,
        *,
        size: int,
        prepare: Prepare | None = None,
        clock: Clock | None = None,
    ) -> None:
        if size < 1:
            raise ValueError(f"A pool has at least one slot, not {size}.")
        self.size = size
        self._engine = engine
        self._settings = settings
        self._prepare = prepare
        self._clock = clock or SystemClock()
        self._changed = threading.Condition()
        self._ready: deque[Slot] = deque()
        self._out: set[Slot] = set()
        self._n_building = 0
        self._failure: BaseException | None = None
        self._closed = False
        self._builders = ThreadPoolExecutor(min(size, _MAX_BUILDERS), "pool")

    def __enter__(self) -> Self:
        """Begin to fill the pool; returns at once."""
        with self._changed:
            self._fill()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove every slot."""
        self.close()

    def acquire(self, *, timeout_s: float = _ACQUIRE_TIMEOUT_S) -> Slot:
        """Return a slot that nobody else has, its desktop fresh and prepared.

        Raises:
            SandboxNotReadyError: None became free in time.
            SandboxError: Slots cannot be made; the last reason.
        """
        deadline = self._clock.monotonic() + timeout_s
        with self._changed:
            while True:
                slot = self._take()
                if slot is not None:
                    self._out.add(slot)
                    return slot
                if self._failure is None:
                    self._fill()
                elif not self._n_building:
                    self._raise_failure(self._failure)
                left_s = deadline - self._clock.monotonic()
                if left_s <= 0:
                    raise SandboxNotReadyError(
                        f"No slot became free within {timeout_s:g} s: {len(self._out)} of "
                        f"{self.size} in use, {self._n_building} being made."
                    )
                self._changed.wait(left_s)

    def release(self, slot: Slot) -> None:
        """Give a slot back; its desktop ends at once, the next one starts in the background."""
        with self._changed:
            if self._closed or slot not in self._out:
                return  # twice, or after the pool was closed
            self._out.remove(slot)
            self._build(slot)

    def close(self) -> None:
        """Remove every slot, those in use as well; the second call does nothing."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
        self._builders.shutdown(wait=True, cancel_futures=True)
        with self._changed, ExitStack() as stack:
            for slot in (*self._ready, *self._out):
                stack.callback(slot.close)
            self._ready.clear()
            self._out.clear()

    # all below: with the lock held, but for `_make` and `_settle`

    def _take(self) -> Slot | None:
        if self._closed:
            raise SandboxError("The pool is closed.")
        while self._ready:
            slot = self._ready.popleft()
            if slot.is_well:
                return slot
            self._build(slot)  # it died while it waited
        return None

    def _raise_failure(self, failure: BaseException) -> NoReturn:
        """Say why slots cannot be made; the next `acquire` tries again."""
        self._failure = None
        if isinstance(failure, RiosimError):
            raise failure
        raise SandboxError(f"A slot could not be made: {failure!r}") from failure

    def _fill(self) -> None:
        while len(self._ready) + len(self._out) + self._n_building < self.size:
            self._build(None)

    def _build(self, old: Slot | None) -> None:
        self._n_building += 1
        future = self._builders.submit(self._make, old)
        future.add_done_callback(lambda done: self._settle(done, old))

    def _make(self, old: Slot | None) -> Slot:
        """Return OLD made fresh, or a new slot in its place."""
        if old is not None:
            renewed = self._renewed(old)
            if renewed is not None:
                return renewed
        with ExitStack() as stack:
            slot = Slot.open(self._engine, self._settings)
            stack.callback(slot.close)
            if self._prepare is not None:
                self._prepare(slot)
            stack.pop_all()
        return slot

    def _renewed(self, old: Slot) -> Slot | None:
        """Return OLD with a fresh desktop, or None after it has been removed."""
        with ExitStack() as stack:
            stack.callback(old.close)
            try:
                old.renew()
                if self._prepare is not None:
                    self._prepare(old)
            except SandboxError:
                return None  # its stage did not survive: replaced
            stack.pop_all()
        return old

    def _settle(self, done: "Future[Slot]", old: Slot | None) -> None:
        with self._changed:
            self._n_building -= 1
            self._changed.notify_all()
            slot: Slot | None = None
            if done.cancelled():
                slot = old  # the pool was closed before this began
            elif done.exception() is not None:
                self._failure = done.exception()
            else:
                slot = done.result()
            if slot is not None and not self._closed:
                self._ready.append(slot)
                return
        if slot is not None:
            slot.close()
