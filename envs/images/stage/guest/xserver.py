"""The X server of the stage: one Xvfb, started and replaced in place."""

import os
import select
import signal
import subprocess
import time
from pathlib import Path

from channel import RefusalError
from reaper import wait_for_it_ourselves

__all__ = ["DISPLAY", "XServer"]

DISPLAY = ":0"
_FRAME_FOLDERS = ("/dev/shm", "/tmp")  # memory first; what Docker gives may be read-only
_START_LIMIT_S = 10.0


class XServer:
    """Xvfb on the shared socket, with its frame buffer in a file that we map.

    No MIT-SHM (its segments belong to another user), no GLX (it costs 50 MB and nothing here needs
    it), no drawn cursor (the pointer is put onto captures by us), no abstract socket (another
    network namespace could not see it anyway).
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.width_px = 0
        self.height_px = 0

    @property
    def frame_file(self) -> Path:
        """Where the server keeps its frame buffer."""
        return Path(_frame_folder()) / "Xvfb_screen0"

    @property
    def alive(self) -> bool:
        """Whether the server runs."""
        return self._process is not None and self._process.poll() is None

    def start(self, width_px: int, height_px: int) -> None:
        """Start the server and wait until it takes clients.

        Raises:
            RefusalError: It did not come up within its limit.
        """
        self.stop()
        self.width_px, self.height_px = width_px, height_px
        read_fd, write_fd = os.pipe()
        try:
            self._process = subprocess.Popen(
                [
                    *("Xvfb", DISPLAY, "-displayfd", str(write_fd)),
                    *("-screen", "0", f"{width_px}x{height_px}x24"),
                    *("-fbdir", _frame_folder(), "-dpi", "96", "-ac", "-nocursor", "-noreset"),
                    *("-nolisten", "tcp", "-nolisten", "local"),
                    *("-extension", "MIT-SHM", "-extension", "GLX", "-s", "0"),
                ],
                pass_fds=[write_fd],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            wait_for_it_ourselves(self._process.pid)
        finally:
            os.close(write_fd)
        told = _read_line(read_fd, _START_LIMIT_S)
        os.close(read_fd)
        if not told.endswith(b"\n"):
            self.stop()
            raise RefusalError(
                "failed",
                f"Xvfb did not start on {DISPLAY} within {_START_LIMIT_S:g} s; "
                "is /tmp/.X11-unix writable for the stage's user?",
            )

    def stop(self) -> None:
        """End the server, at once, and remove what it leaves behind."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._process = None
        number = DISPLAY.removeprefix(":")
        lock, socket = Path(f"/tmp/.X{number}-lock"), Path(f"/tmp/.X11-unix/X{number}")
        for left in (lock, socket, self.frame_file):
            left.unlink(missing_ok=True)


def _read_line(fd: int, limit_s: float) -> bytes:
    """Read to the end of a line; a server whose line is cut short dies of it."""
    line, deadline = b"", time.monotonic() + limit_s
    while not line.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            break
        part = os.read(fd, 16)
        if not part:
            break
        line += part
    return line


def _frame_folder() -> str:
    return next((f for f in _FRAME_FOLDERS if os.access(f, os.W_OK)), _FRAME_FOLDERS[-1])
