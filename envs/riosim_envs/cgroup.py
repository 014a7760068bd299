"""How often a container ran into its limits, from the kernel's own counters."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from riosim_envs.engine import Engine

__all__ = ["LimitHits", "limit_hits"]

_MOUNT: Final = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class LimitHits:
    """Counts since the container started."""

    memory: int  # processes that the kernel killed for memory
    pids: int  # processes that the kernel refused to make


def limit_hits(engine: Engine, container_id: str) -> LimitHits:
    """Return how often the container was held at its memory and process limits.

    With an engine on another machine only the fact of a kill for memory is known.
    """
    inspected = engine.inspect(container_id) or {}
    state = inspected.get("State") or {}
    killed = 1 if state.get("OOMKilled") else 0
    pid = int(state.get("Pid") or 0)
    folders = _folders(pid, container_id) if pid else {}
    memory, pids = folders.get("memory"), folders.get("pids")
    return LimitHits(
        memory=max(
            killed,
            _count(memory, "memory.oom_control", "oom_kill"),
            _count(memory, "memory.events", "oom_kill"),
        ),
        pids=_count(pids, "pids.events", "max"),
    )


def _folders(pid: int, container_id: str) -> dict[str, Path]:
    """Return the container's folder for each controller; none if PID is not the container's."""
    found: dict[str, Path] = {}
    for line in _read(Path(f"/proc/{pid}/cgroup")).splitlines():
        _, controllers, path = line.split(":", 2)
        if container_id not in path:  # the number belongs to another machine's process
            continue
        if controllers == "":  # version 2; where both are mounted, version 1 has the limits
            found = dict.fromkeys(("memory", "pids"), _MOUNT / path.lstrip("/")) | found
        for controller in controllers.split(","):
            if controller in {"memory", "pids"}:
                found[controller] = _MOUNT / controller / path.lstrip("/")
    return found


def _count(folder: Path | None, name: str, key: str) -> int:
    if folder is None:
        return 0
    for line in _read(folder / name).splitlines():
        word, _, value = line.partition(" ")
        if word == key and value.strip().isdigit():
            return int(value)
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
