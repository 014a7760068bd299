"""The desktop's session: started in parallel, without a session manager, and watched."""

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import machine
import procfs
import x11
from accounts import Account
from commands import Processes
from launch import Identity, LaunchSpec

_BUS_TIMEOUT_S = 30.0
_WINDOWS_TIMEOUT_S = 60.0
_SESSION_BUS = ("dbus-daemon", "--session", "--nofork", "--nopidfile")
_PARTS: tuple[tuple[str, ...], ...] = (
    ("/usr/libexec/at-spi-bus-launcher", "--launch-immediately", "--a11y=1"),
    ("xfsettingsd", "--disable-daemon"),
    ("xfwm4", "--compositor=off"),
    ("xfce4-panel", "--disable-wm-check"),
    ("xfdesktop", "--disable-wm-check"),
)
_VITAL = ("xfwm4", "xfce4-panel")
_SIGNS = {"xfwm4": "wm", "xfce4-panel": "dock", "xfdesktop": "desktop"}


@dataclass(frozen=True, slots=True)
class Session:
    """What a program needs to be part of the session."""

    account: Account
    env: Mapping[str, str]

    @property
    def identity(self) -> Identity:
        """The user's numbers."""
        return Identity(self.account.uid, self.account.gid, self.account.groups)


async def start(session: Session, processes: Processes, on_lost: Callable[[str], None]) -> None:
    """Start bus, accessibility, settings, window manager, panel and desktop.

    Raises:
        OSError: The X server or the bus cannot be reached.
        TimeoutError: Window manager or panel did not show a window.
    """
    bus = session.env["DBUS_SESSION_BUS_ADDRESS"]
    _start_part(session, processes, (*_SESSION_BUS, f"--address={bus}"), on_lost)
    await machine.wait_for_file(bus.removeprefix("unix:path="), _BUS_TIMEOUT_S)
    parts = [part for part in _PARTS if machine.program_exists(part[0], session.env["PATH"])]
    for part in parts:
        _start_part(session, processes, part, on_lost)
    wanted = {_SIGNS[part[0]] for part in parts if part[0] in _SIGNS}
    try:
        async with asyncio.timeout(_WINDOWS_TIMEOUT_S):
            await _await_windows(session.env["DISPLAY"], wanted)
    except TimeoutError:
        raise TimeoutError(
            f"The session showed no {' and '.join(sorted(wanted))} window within "
            f"{_WINDOWS_TIMEOUT_S:g} s; running: "
            f"{', '.join(str(p['argv'][:1]) for p in procfs.list_processes())[:500]}."
        ) from None


def _start_part(
    session: Session,
    processes: Processes,
    argv: tuple[str, ...],
    on_lost: Callable[[str], None],
) -> None:
    name = os.path.basename(argv[0])

    def ended(status: int) -> None:
        if name in _VITAL:
            on_lost(f"{name} ended with status {status}")

    spec = LaunchSpec(argv, session.env, session.account.home, session.identity, label="setup")
    processes.start_silent(spec, on_exit=ended)


async def _await_windows(display: str, wanted: set[str]) -> None:
    x = await x11.XConnection.open(display)
    try:
        await x.watch_root()
        while not wanted <= await x11.window_types(x):
            await x.changed()
    finally:
        x.close()
