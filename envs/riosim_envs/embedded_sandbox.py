"""The sandbox without Docker: the same world in a subprocess, one headless Chromium.

A fallback and a developer's loop, not the reference. It never runs code of the agent, takes http
and https only, and shows no file or secret of the host.
"""

import base64
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
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
from riosim_envs.page_tracker import PageTracker
from riosim_envs.playwright_driver import playwright_driver
from riosim_envs.stream import PipeStream
from riosim_envs.world_client import WorldClient
from riosim_world.directory import site_directory

__all__ = ["EmbeddedSandbox"]

_WORLD_OPTIONS: Final = (
    *("--sniff-port", "0"),
    *("--bind", "127.0.0.1"),
    *("--address", "127.0.0.1"),
    *("--only", ""),
)
_QUIET: Final[Mapping[str, str]] = {"LANG": "en_US.UTF-8", "PATH": "/usr/bin:/bin"}


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
            port = self._start_world(stack)
            playwright = stack.enter_context(playwright_driver())
            self._browser = self._launch(playwright, chromium, port)
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

    def _start_world(self, stack: ExitStack) -> int:
        """Start the world's process; return the port that takes http and https."""
        argv = [sys.executable, "-m", "riosim_world", *_WORLD_OPTIONS]
        environment = {**_QUIET, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        process = subprocess.Popen(  # noqa: S603  # our own module, with arguments of ours
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=self._folder,
            start_new_session=True,  # Ctrl-C is for us to handle
        )
        stack.callback(_end, process)
        pipes = (process.stdout, process.stdin, process.stderr)
        if any(pipe is None for pipe in pipes):
            raise SandboxError("The world's process has no pipes.")
        read_fd, write_fd, error_fd = (os.dup(pipe.fileno()) for pipe in pipes if pipe)
        for pipe in pipes:
            if pipe is not None:
                pipe.close()
        channel = Channel(
            PipeStream(read_fd, write_fd, error_fd), name="The world", on_event=self._on_event
        )
        stack.callback(channel.close)
        self._channel = channel
        self._world = WorldClient(
            lambda op, args, timeout_s: channel.request(op, dict(args), timeout_s=timeout_s)
        )
        return int(self._world.hello()["ports"]["sniff"])

    def _launch(self, playwright: Playwright, chromium: Path, port: int) -> Browser:
        if self._world is None:
            raise SandboxError("The world has not been started.")
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
                    *chromium_arguments(
                        address=f"127.0.0.1:{port}", spki=_spki(self._world.ca_pem)
                    ),
                ],
                env={**_QUIET, "HOME": str(home), "TMPDIR": str(home)},
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


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the world: closing its input is enough, unless it hangs."""
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _spki(ca_pem: bytes) -> str:
    """Return the digest by which Chromium is told to trust an authority."""
    key = x509.load_pem_x509_certificate(ca_pem).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(sha256(der).digest()).decode()
