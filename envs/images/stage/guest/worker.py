"""Processes of the guest that may be blocked by a frozen X server, or killed, without loss.

They are forked from one warm server, so that they start in a few milliseconds and share memory.
To a worker go tuples (number, what, value); from it come ("reply", number, value), and anything
else whenever it likes.
"""

import contextlib
import itertools
import multiprocessing
import threading
from collections.abc import Callable
from typing import Any

from channel import RefusalError

__all__ = ["Worker", "warm_up"]

_CONTEXT = multiprocessing.get_context("forkserver")
_SHARED = [
    "PIL.Image",
    "PIL.ImageDraw",
    "PIL.ImageFont",
    "Xlib.X",
    "Xlib.XK",
    "Xlib.Xatom",
    "Xlib.display",
    "Xlib.ext.res",
    "Xlib.ext.xfixes",
    "Xlib.ext.xtest",
]


def warm_up() -> None:
    """Start the process that the others are forked from."""
    _CONTEXT.set_forkserver_preload(_SHARED)
    process = _CONTEXT.Process(target=_nothing, daemon=True)
    process.start()
    process.join()


def _nothing() -> None:
    """Be a process, briefly."""


class Worker:
    """One process and the pipe to it; TARGET(pipe, *args) is what it runs."""

    def __init__(
        self, target: Callable[..., None], *args: Any, heard: Callable[[Any], None]
    ) -> None:
        self._pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=target, args=(theirs, *args), daemon=True)
        self._process.start()
        theirs.close()
        self._heard = heard
        self._numbers = itertools.count(1)
        self._replies: dict[int, Any] = {}
        self._changed = threading.Condition()
        self._ended = False
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._ended

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid or 0

    def tell(self, what: str, value: Any = None) -> None:
        """Send without waiting; a worker that is gone hears nothing."""
        self._send((None, what, value))

    def request(self, what: str, value: Any, timeout_s: float) -> Any:
        """Send and wait for the reply.

        Raises:
            TimeoutError: No reply came in time; the worker lives on.
            RefusalError: The worker died.
        """
        number = next(self._numbers)
        self._send((number, what, value))
        with self._changed:
            self._changed.wait_for(lambda: number in self._replies or self._ended, timeout_s)
            if number in self._replies:
                return self._replies.pop(number)
        if self._ended:
            raise RefusalError("failed", "The stage's helper process ended; is the X server alive?")
        raise TimeoutError(f"No reply to {what!r} within {timeout_s:g} s.")

    def stop(self) -> None:
        """End the process, at once."""
        self._ended = True
        self._process.kill()
        self._process.join(2.0)

    def _send(self, message: tuple[int | None, str, Any]) -> None:
        with contextlib.suppress(OSError, ValueError), self._changed:
            self._pipe.send(message)

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                message = self._pipe.recv()
                if message[0] != "reply":
                    if not self._ended:
                        self._heard(message)
                    continue
                with self._changed:
                    self._replies = dict(list(self._replies.items())[-8:])  # late ones go
                    self._replies[message[1]] = message[2]
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._pipe.close()
