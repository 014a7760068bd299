"""When what the desktop's browser knows stands in the files of its profile.

Chromium writes a change of the bookmarks after 2.5 s, of the settings after 10 s, and ends its
transaction on the history every 10 s. Asked to end by a signal it ends so fast that all of this is
lost (tried with Chromium 156), and no file tells that something is still to come. So one waits.
"""

from pathlib import PurePosixPath
from typing import Final

from riosim.clock import Clock
from riosim_envs.desktop_facts import Process

__all__ = ["is_browser", "let_it_write"]

_PROGRAM: Final = "chromium"
_WRITTEN_S: Final = 13.0  # after a change, on a machine that is busy


def let_it_write(clock: Clock) -> None:
    """Let so much time pass that a running browser has written what it was told so far."""
    clock.sleep(_WRITTEN_S)


def is_browser(process: Process) -> bool:
    """Whether it is a browser, and none of the many processes that each of them has.

    Chromium writes its whole command line into the first argument.
    """
    words = " ".join(process.argv).split()
    return (
        bool(words)
        and PurePosixPath(words[0]).name == _PROGRAM
        and not any(word.startswith("--type=") for word in words)
    )
