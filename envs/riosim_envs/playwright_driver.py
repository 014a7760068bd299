"""Playwright's driver: one for each thread, shared by all who use it there.

Playwright refuses a second driver on a thread, so two sandboxes in one program could not both have
a browser. The driver starts with its first user and ends with its last.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Playwright, sync_playwright

from riosim.errors import SandboxUnavailableError

__all__ = ["playwright_driver"]


@dataclass(slots=True)
class _Shared:
    """A driver that runs, and how many use it."""

    playwright: Playwright
    pid: int  # a forked child finds its parent's driver here and must not touch it
    n_users: int = 0


class _OfThisThread(threading.local):
    shared: _Shared | None = None


_here = _OfThisThread()


@contextmanager
def playwright_driver() -> Iterator[Playwright]:
    """Hold this thread's driver; enter and leave on the same thread.

    Raises:
        SandboxUnavailableError: It does not start.
    """
    shared = _here.shared
    if shared is None or shared.pid != os.getpid():
        shared = _here.shared = _Shared(_start(), os.getpid())
    shared.n_users += 1
    try:
        yield shared.playwright
    finally:
        shared.n_users -= 1
        if shared.n_users == 0:
            if _here.shared is shared:
                _here.shared = None
            shared.playwright.stop()


def _start() -> Playwright:
    try:
        return sync_playwright().start()
    except PlaywrightError as exc:
        raise SandboxUnavailableError(
            f"Playwright does not start: {exc.message[:300]} In a notebook or another program that "
            "runs an asyncio loop, use riosim on a thread of its own."
        ) from exc
