"""What a test needs of the machine: skip with the reason, or fail where it must be there."""

import functools
import os
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NoReturn

import pytest

from riosim.errors import SandboxUnavailableError

__all__ = ["Need", "do_without", "require"]

Need = Literal["docker", "browser", "compose", "gpu", "transformers"]


def require(need: Need) -> None:
    """Let the test go on if NEED is here; else skip it.

    `RIOSIM_REQUIRE=docker,browser` names what must be here: its absence is then a failure, so that
    a machine that should have it cannot quietly test nothing.
    """
    absence = _PROBES[need]()
    if absence is not None:
        do_without(need, absence)


def do_without(need: Need, absence: str) -> NoReturn:
    """Skip the test, or fail it where NEED must be here; ABSENCE says what is missing."""
    if need in os.environ.get("RIOSIM_REQUIRE", "").replace(" ", "").split(","):
        pytest.fail(f"{need} is required by RIOSIM_REQUIRE but absent: {absence}", pytrace=False)
    pytest.skip(f"needs {need}: {absence}")


@functools.cache
def _docker_absence() -> str | None:
    try:
        from riosim_envs.engine import Engine
    except ImportError as exc:
        return f"riosim[envs] is not installed ({exc})"
    try:
        Engine.connect(timeout_s=10).close()
    except SandboxUnavailableError as exc:
        return str(exc)
    return None


@functools.cache
def _browser_absence() -> str | None:
    try:
        import playwright  # noqa: F401  # only whether it is there
    except ImportError as exc:
        return f"riosim[envs] is not installed ({exc})"
    names = ("chromium", "chromium-browser", "google-chrome")
    if any(shutil.which(name) for name in names):
        return None
    if any((Path.home() / ".cache/ms-playwright").glob("chromium*")):
        return None
    return "no Chromium is installed"


@functools.cache
def compose_command() -> tuple[str, ...]:
    """Return how Docker Compose is called here, version 2 if it is there; empty if none is."""
    for command in (("docker", "compose"), ("docker-compose",)):
        if shutil.which(command[0]) is None:
            continue
        if subprocess.run([*command, "version"], capture_output=True).returncode == 0:
            return command
    return ()


def _compose_absence() -> str | None:
    return None if compose_command() else "neither docker compose nor docker-compose is installed"


@functools.cache
def _gpu_absence() -> str | None:
    return None if shutil.which("nvidia-smi") else "no nvidia-smi on the path"


def _transformers_absence() -> str | None:
    missing = [name for name in ("torch", "transformers") if find_spec(name) is None]
    return f"{' and '.join(missing)} not installed (EXTRAS=ci make setup)" if missing else None


_PROBES: dict[Need, Callable[[], str | None]] = {
    "docker": _docker_absence,
    "browser": _browser_absence,
    "compose": _compose_absence,
    "gpu": _gpu_absence,
    "transformers": _transformers_absence,
}
