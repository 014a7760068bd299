"""The desktop's session: started in two waves, without a session manager, and watched."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
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
_GROUND: tuple[tuple[str, ...], ...] = (
    ("/usr/libexec/at-spi-bus-launcher", "--launch-immediately", "--a11y=1"),
    ("xfsettingsd", "--disable-daemon"),
)
_FACE: tuple[tuple[str, ...], ...] = (  # drawn in the fonts that xfsettingsd tells
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
        TimeoutError: Window manager or panel did not show a window, or the settings were not told.
    """
    bus = session.env["DBUS_SESSION_BUS_ADDRESS"]
    _start_part(session, processes, (*_SESSION_BUS, f"--address={bus}"), on_lost)
    await machine.wait_for_file(bus.removeprefix("unix:path="), _BUS_TIMEOUT_S)
    x = await x11.XConnection.open(session.env["DISPLAY"])
    try:
        await x.watch_root()
        ground = _start_parts(session, processes, _GROUND, on_lost)
        if "xfsettingsd" in ground:
            await _await(x, lambda: x11.has_settings(x), "settings")
        face = _start_parts(session, processes, _FACE, on_lost)
        wanted = {_SIGNS[name] for name in face}

        async def stands() -> bool:
            return wanted <= await x11.window_types(x)

        await _await(x, stands, f"{' and '.join(sorted(wanted))} window")
    finally:
        x.close()


async def _await(x: x11.XConnection, is_so: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until the X server shows it."""
    try:
        async with asyncio.timeout(_WINDOWS_TIMEOUT_S):
            while not await is_so():
                await x.changed()
    except TimeoutError:
        raise TimeoutError(
            f"The session showed no {what} within "
            f"{_WINDOWS_TIMEOUT_S:g} s; running: "
            f"{', '.join(str(p['argv'][:1]) for p in procfs.list_processes())[:500]}."
        ) from None


def _start_parts(
    session: Session,
    processes: Processes,
    parts: Sequence[tuple[str, ...]],
    on_lost: Callable[[str], None],
) -> list[str]:
    """Start the parts that this image has; return their names."""
    there = [part for part in parts if machine.program_exists(part[0], session.env["PATH"])]
    for part in there:
        _start_part(session, processes, part, on_lost)
    return [part[0] for part in there]


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
