"""The sandbox without Docker: the same world in a subprocess, one headless Chromium.

A fallback and a developer's loop, not the reference. It never runs code of the agent, takes http
and https only, and shows no file or secret of the host.
"""

import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Browser, Playwright
from playwright.sync_api import Error as PlaywrightError

from riosim.errors import SandboxError, SandboxUnavailableError
from riosim.sandbox import Emit, MachinePlan
from riosim_envs.browser_controller import BrowserController
from riosim_envs.browser_surface import SURFACE_ARGUMENTS, open_surface
from riosim_envs.channel import Channel
from riosim_envs.chromium import (
    UNPRIVILEGED_ID,
    chromium_arguments,
    find_chromium,
    unprivileged_launcher,
)
from riosim_envs.embedded_machine import EmbeddedMachine
from riosim_envs.evidence_feed import EvidenceFeed
from riosim_envs.local_world import QUIET, LocalWorld
from riosim_envs.page_tracker import PageTracker
from riosim_envs.playwright_driver import playwright_driver
from riosim_envs.world_client import WorldClient
from riosim_world.directory import site_directory

__all__ = ["EmbeddedSandbox"]


class EmbeddedSandbox:
    """Plays browser tasks in this host's Chromium."""

    name = "embedded"
    surfaces = frozenset({"browser"})

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._browser: Browser | None = None
        self._channel: Channel | None = None
        self._world: WorldClient | None = None
        self._feed: EvidenceFeed | None = None
        self._hosts: dict[str, str] = {}
        self._version = ""
        self._surface: BrowserController | None = None
        self._folder = Path()

    @classmethod
    def why_not(cls) -> str | None:
        """Return why it cannot work here."""
        try:
            find_chromium(os.environ)
        except SandboxUnavailableError as exc:
            return str(exc)
        return None

    def __enter__(self) -> Self:
        """Start world and browser."""
        with ExitStack() as stack:
            self._folder = Path(stack.enter_context(_scratch_folder()))
            chromium = find_chromium(os.environ)
            world = stack.enter_context(LocalWorld(self._folder, on_event=self._on_event))
            self._channel, self._world = world.channel, world.client
            playwright = stack.enter_context(playwright_driver())
            self._browser = self._launch(playwright, chromium, world)
            stack.callback(self._browser.close)
            self._version = self._browser.version
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        """End browser and world, and remove their folder."""
        self._stack.close()

    def directory(self) -> Mapping[str, str]:
        """Return each genuine site and its host."""
        return site_directory()

    def start(self, plan: MachinePlan, emit: Emit) -> EmbeddedMachine:
        """Reset the world and open a fresh browser context."""
        if self._browser is None or self._world is None or self._channel is None:
            raise SandboxError("The embedded sandbox is not open: use it in a `with` block.")
        if self._channel.lost is not None:
            raise self._channel.lost
        tracker = PageTracker()
        feed = EvidenceFeed(emit, tracker)
        feed.applying = True
        self._close_surface()
        digest = self._world.reset(plan.world)
        self._feed = feed
        self._surface = open_surface(
            self._browser, plan, pages=tracker, pending=self._world.pending
        )
        feed.applying = False
        looks = {f"lookalike:{look['name']}": str(look["host"]) for look in plan.world.lookalikes}
        return EmbeddedMachine(
            self._surface,
            self._world,
            self._channel,
            feed,
            addresses={**site_directory(), **looks},
            facts={"chromium": self._version, "world_digest": digest},
            on_close=self._close_surface,
        )

    def manifest(self) -> Mapping[str, Any]:
        """Return what identifies the sandbox."""
        return {"name": self.name, "chromium": self._version}

    def _close_surface(self) -> None:
        surface, self._surface = self._surface, None
        self._feed = None
        if surface is not None:
            surface.close()

    def _launch(self, playwright: Playwright, chromium: Path, world: LocalWorld) -> Browser:
        as_root = os.geteuid() == 0
        home = self._folder / "home"
        home.mkdir()
        if as_root:
            os.chown(home, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
        try:
            return playwright.chromium.launch(
                executable_path=unprivileged_launcher(self._folder, chromium)
                if as_root
                else chromium,
                chromium_sandbox=True,
                headless=True,
                args=[
                    *SURFACE_ARGUMENTS,
                    *chromium_arguments(address=world.address, spki=world.spki),
                ],
                env={**QUIET, "HOME": str(home), "TMPDIR": str(home)},
                downloads_path=home,
            )
        except PlaywrightError as exc:
            raise SandboxUnavailableError(
                f"Chromium ({chromium}) did not start with its own sandbox on: "
                f"{exc.message[:400]} If user namespaces are forbidden on this host, allow them "
                "or use --sandbox docker."
            ) from exc

    def _on_event(self, event: dict[str, Any]) -> None:
        feed = self._feed
        if feed is not None:
            feed.take(event)


def _scratch_folder() -> "tempfile.TemporaryDirectory[str]":
    """Return a folder that an unprivileged Chromium may pass through."""
    folder: tempfile.TemporaryDirectory[str] = tempfile.TemporaryDirectory(
        prefix="riosim-", ignore_cleanup_errors=True
    )
    Path(folder.name).chmod(0o711)
    return folder
