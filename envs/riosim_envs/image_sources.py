"""What an image needs from outside, fetched by the host's own tools so that its proxy and CA count.

Everything is cached under the user's cache folder by the digest of what was asked for, and enters
the build context from there: a build itself reaches nothing but Debian's mirror.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from riosim.errors import SandboxError, UsageError

__all__ = ["Progress", "bootstrap_base", "cache_folder", "fetch_node_packages", "fetch_wheels"]

Progress = Callable[[str], None]

_PYTHON = "3.11"  # of Debian bookworm
_GLIBCS = ("manylinux2014", "manylinux_2_17", "manylinux_2_28", "manylinux_2_34")
_DEBIAN_SUITE = "bookworm"


def cache_folder() -> Path:
    """Return riosim's cache folder of this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "riosim"


def fetch_wheels(requirements: Path, *, machine: str, on_progress: Progress) -> Path:
    """Return a folder with one wheel for each line of REQUIREMENTS, for Debian's Python.

    Args:
        requirements: Exact pins, complete; nothing is resolved.
        machine: The engine's architecture, for example `x86_64`.
        on_progress: Gets one line per package.

    Raises:
        SandboxError: pip failed; the message holds its last lines.
    """
    pins = [line for line in _lines(requirements) if "==" in line]
    folder = _cached("wheels", [*pins, machine, _PYTHON])
    if folder.is_dir():
        on_progress(f"wheels: {len(pins)} cached in {folder}")
        return folder
    with _filled_later(folder) as partial:
        for pin in pins:
            on_progress(f"wheels: {pin}")
            _fetch_wheel(pin, partial, machine)
    return folder


def fetch_node_packages(packages: Path, *, on_progress: Progress) -> Path:
    """Return a `node_modules` folder with the npm PACKAGES and VS Code's own dependencies.

    No install script runs here: native parts are compiled inside the image, against its libc.

    Raises:
        UsageError: There is no npm on this machine.
        SandboxError: npm failed; the message holds its last lines.
    """
    pins = _lines(packages)
    folder = _cached("node", pins)
    modules = folder / "node_modules"
    if folder.is_dir():
        on_progress(f"npm: {len(pins)} packages cached in {folder}")
        return modules
    if shutil.which("npm") is None:
        raise UsageError(
            "The desktop image needs npm on this machine to fetch VS Code (code-server), and there "
            "is none. Install it (Debian: apt-get install npm) and build again."
        )
    with _filled_later(folder) as partial:
        on_progress(f"npm: {' '.join(pins)}")
        _npm(["install", "--prefix", str(partial), *pins], cwd=partial)
        code = partial / "node_modules/code-server/lib/vscode"
        for inner in (code, code / "extensions"):
            on_progress(f"npm: dependencies in {inner.relative_to(partial)}")
            _npm(["install", "--omit=dev"], cwd=inner)
    return modules


def bootstrap_base(out: Path, *, on_progress: Progress) -> None:
    """Write a minimal Debian root file system to OUT, a tar, with mmdebstrap.

    Raises:
        UsageError: mmdebstrap is not installed.
        SandboxError: It failed; the message holds its last lines.
    """
    if shutil.which("mmdebstrap") is None:
        raise UsageError(
            "The image debian:bookworm-slim is neither here nor can it be pulled, and mmdebstrap, "
            "which can make one, is missing. Install it (Debian: apt-get install mmdebstrap) and "
            "build again."
        )
    on_progress(f"base: mmdebstrap {_DEBIAN_SUITE}")
    command = ["mmdebstrap", "--variant=minbase", "--include=ca-certificates", _DEBIAN_SUITE]
    _run([*command, str(out)], "making the Debian base")


def _fetch_wheel(pin: str, folder: Path, machine: str) -> None:
    """Download the wheel of PIN, or build one from its sources if there is none."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    platforms = [f"--platform={libc}_{machine}" for libc in _GLIBCS]
    target = [f"--python-version={_PYTHON}", "--implementation=cp", *platforms]
    ready = [*pip, "download", "--no-deps", "--only-binary=:all:", *target, "-d", str(folder), pin]
    if _call(ready).returncode == 0:
        return
    before = set(folder.iterdir())
    _run([*pip, "wheel", "--no-deps", "-w", str(folder), pin], f"building a wheel of {pin}")
    for wheel in set(folder.iterdir()) - before:
        if not wheel.name.endswith("-none-any.whl"):
            raise SandboxError(
                f"{pin} has no wheel for Debian's Python {_PYTHON} on {machine}, and the one built "
                f"here, {wheel.name}, fits this machine only. Pin a release that has one."
            )


def _npm(arguments: Sequence[str], *, cwd: Path) -> None:
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _run(["npm", *arguments, *quiet], "fetching VS Code with npm", cwd=cwd)


def _run(command: Sequence[str], doing: str, *, cwd: Path | None = None) -> None:
    done = _call(command, cwd=cwd)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-800:]
        raise SandboxError(
            f"{command[0]} failed while {doing} (status {done.returncode}). It said: {said}"
        )


def _call(command: Sequence[str], *, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own words and pins of our own files, no shell
        command, capture_output=True, text=True, check=False, cwd=cwd
    )


def _lines(path: Path) -> list[str]:
    """Return the lines of PATH without comments and blanks."""
    lines = (line.strip() for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _cached(kind: str, asked: Sequence[str]) -> Path:
    digest = hashlib.sha256("\n".join(asked).encode()).hexdigest()[:16]
    return cache_folder() / kind / digest


@contextlib.contextmanager
def _filled_later(folder: Path) -> Iterator[Path]:
    """Yield a folder that takes its name only when the block that fills it has succeeded."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".partial-") as scratch:
        inside = Path(scratch) / "content"
        inside.mkdir()
        yield inside
        if not folder.exists():
            inside.rename(folder)
