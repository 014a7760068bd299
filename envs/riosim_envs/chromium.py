"""Finding a Chromium on the host, and starting it with its own sandbox on.

Chromium's sandbox does not work as root. Then it is started as an unprivileged user, through a
small script of ours; there is no other way in this file.
"""

import os
import shutil
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from riosim.errors import SandboxUnavailableError

__all__ = ["UNPRIVILEGED_ID", "chromium_arguments", "find_chromium", "unprivileged_launcher"]

UNPRIVILEGED_ID: Final = 64_917  # in no range that Debian or systemd hand out
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")


def find_chromium(environment: Mapping[str, str]) -> Path:
    """Return the browser to use: `RIOSIM_CHROMIUM`, one on PATH, else Playwright's own.

    Raises:
        SandboxUnavailableError: There is none.
    """
    given = environment.get("RIOSIM_CHROMIUM")
    if given:
        if os.access(given, os.X_OK):
            return Path(given)
        raise SandboxUnavailableError(f"RIOSIM_CHROMIUM names {given!r}, which is no program.")
    for name in _NAMES:
        found = shutil.which(name, path=environment.get("PATH"))
        if found:
            return Path(found)
    given = environment.get("PLAYWRIGHT_BROWSERS_PATH")
    cache = Path(given) if given else Path.home() / ".cache/ms-playwright"
    for path in sorted(cache.glob("chromium-*/chrome-linux*/chrome"), reverse=True):
        if os.access(path, os.X_OK):
            return path
    raise SandboxUnavailableError(
        "No Chromium was found. Install one (Debian: apt-get install chromium; anywhere: "
        "playwright install chromium), or name it with RIOSIM_CHROMIUM."
    )


def unprivileged_launcher(folder: Path, chromium: Path) -> Path:
    """Write a script that gives up root for good, then becomes Chromium; return its path."""
    script = folder / "chromium-unprivileged"
    script.write_text(
        f"#!{sys.executable} -I\n"
        "import os, sys\n"
        "for word in sys.argv[1:]:\n"
        "    if word.startswith('--user-data-dir='):\n"
        f"        os.chown(word.partition('=')[2], {UNPRIVILEGED_ID}, {UNPRIVILEGED_ID})\n"
        "os.setgroups([])\n"
        f"os.setresgid({UNPRIVILEGED_ID}, {UNPRIVILEGED_ID}, {UNPRIVILEGED_ID})\n"
        f"os.setresuid({UNPRIVILEGED_ID}, {UNPRIVILEGED_ID}, {UNPRIVILEGED_ID})\n"
        f"os.execv({str(chromium)!r}, [{str(chromium)!r}, *sys.argv[1:]])\n"
    )
    script.chmod(stat.S_IRUSR | stat.S_IXUSR)
    return script


def chromium_arguments(*, address: str, spki: str) -> list[str]:
    """Return the switches: every name, literal and loopback address leads to the world.

    ADDRESS is host and port of the world; SPKI is the digest of its authority's key, the only one
    that is trusted besides the built-in ones, which no host of the world can use.
    """
    return [
        f"--host-resolver-rules=MAP * {address}",
        f"--ignore-certificate-errors-spki-list={spki}",
        "--no-proxy-server",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    ]
