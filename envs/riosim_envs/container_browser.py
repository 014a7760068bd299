"""Chromium in the desktop's container, driven by Playwright over the pipes of an exec.

The browser runs as the session's user with its own sandbox on, no capability, the container's
resolver and the authority that its policy names. Nothing listens anywhere: `exec_pipe` carries the
debugging pipe, and the browser ends when that closes.
"""

import json
import os
import shlex
import stat
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Playwright
from playwright.sync_api import Error as PlaywrightError

from riosim.errors import SandboxError
from riosim_envs import exec_pipe
from riosim_envs.browser_surface import SURFACE_ARGUMENTS
from riosim_envs.desktop import Desktop
from riosim_envs.playwright_driver import playwright_driver
from riosim_envs.slot import Slot

__all__ = ["DOWNLOADS", "ContainerBrowsers", "close_browser"]

_HOME: Final = "/home/user"
DOWNLOADS: Final = f"{_HOME}/Downloads"
_PROFILE: Final = f"{_HOME}/.cache/chromium-page"  # a cache: nobody's evidence
_POLICY: Final = "/etc/chromium/policies/managed/zz-page.json"  # the last name wins
_LAUNCH_MS: Final = 60_000
_ANSWER_S: Final = 60.0  # after which a browser that says nothing at all is given up


class ContainerBrowsers:
    """Starts browsers in slots; Playwright's driver starts with the first. Used on one thread."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._driver: tuple[Playwright, Path] | None = None

    def launch(self, slot: Slot) -> Browser:
        """Start a Chromium in the slot's desktop.

        Raises:
            SandboxError: It does not start.
        """
        playwright, program = self._ready()
        _allow_pipe(slot.desktop)
        try:
            return playwright.chromium.launch(
                executable_path=program,
                chromium_sandbox=True,
                headless=True,
                args=list(SURFACE_ARGUMENTS),
                env=_environment(slot),
                timeout=_LAUNCH_MS,
            )
        except PlaywrightError as exc:
            raise SandboxError(
                f"Chromium did not start in {slot.desktop.name}: {exc.message[:600]}"
            ) from exc

    def close(self) -> None:
        """End the driver; browsers have been closed before."""
        self._driver = None
        self._stack.close()

    def _ready(self) -> tuple[Playwright, Path]:
        if self._driver is None:
            with ExitStack() as stack:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="riosim-"))
                playwright = stack.enter_context(playwright_driver())
                self._driver = playwright, _write_program(Path(folder))
                self._stack = stack.pop_all()
        return self._driver


def close_browser(browser: Browser) -> None:
    """End a browser, if it has not ended by itself."""
    try:
        browser.close()
    except PlaywrightError:
        return


def _write_program(folder: Path) -> Path:
    """Write what Playwright takes for a Chromium."""
    program = folder / "chromium"
    words = (sys.executable, "-I", exec_pipe.__file__)
    program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    program.chmod(stat.S_IRUSR | stat.S_IXUSR)
    return program


def _environment(slot: Slot) -> dict[str, str | float | bool]:
    """Return what the carrying program is told, and how it finds the engine."""
    settings = {
        "container": slot.desktop.container_id,
        "user": f"{slot.uid}:{slot.gid}",
        "environment": _session_variables(slot.desktop),
        "folder": _HOME,
        "profile": _PROFILE,
        "program": "chromium",
        "answer_s": _ANSWER_S,
    }
    carried = {name: os.environ[name] for name in exec_pipe.CARRIED if name in os.environ}
    return {**carried, exec_pipe.VARIABLE: json.dumps(settings)}


def _session_variables(desktop: Desktop) -> Mapping[str, str]:
    """Return the variables that a program of the session has."""
    said = desktop.exec("env", "-0").stdout
    return dict(row.partition("=")[::2] for row in said.split("\0") if row)


def _allow_pipe(desktop: Desktop) -> None:
    """Lift the policy that keeps a person from the developer tools: it closes the pipe as well."""
    result = desktop.exec(
        *("sh", "-c", 'cat > "$0"', _POLICY),
        user="root",
        stdin=json.dumps({"DeveloperToolsAvailability": 1}),
    )
    if result.status != 0:
        raise SandboxError(f"The browser's policy was not written: {result.stderr[-200:]!r}")
