"""What the kernel counts for a container: memory in use, and how often it met its limits."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from riosim.errors import SandboxError
from riosim_envs.engine import Engine

__all__ = ["LimitHits", "limit_hits", "memory_bytes"]

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


def memory_bytes(engine: Engine, container_id: str) -> int:
    """Return the memory in use, less the file cache that nobody uses; the engine must be local.

    Raises:
        SandboxError: The kernel says nothing of the container.
    """
    inspected = engine.inspect(container_id) or {}
    pid = int((inspected.get("State") or {}).get("Pid") or 0)
    folder = _folders(pid, container_id).get("memory") if pid else None
    if folder is not None:
        for usage, idle in (
            ("memory.usage_in_bytes", "total_inactive_file"),
            ("memory.current", "inactive_file"),
        ):
            if used := _read(folder / usage).strip():
                return max(int(used) - _count(folder, "memory.stat", idle), 0)
    raise SandboxError(f"The kernel's memory counter of {container_id[:12]} cannot be read.")


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
