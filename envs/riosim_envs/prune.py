"""Removing what crashed runs left on an engine, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from riosim.errors import UsageError
from riosim_envs.container import remove_container
from riosim_envs.engine import Engine, docker_errors
from riosim_envs.labels import RUN_LABEL, owner_is_alive
from riosim_envs.network import remove_network
from riosim_envs.slot import remove_volume

__all__ = ["Pruned", "prune"]


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a sweep removed, by name."""

    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether it removed anything."""
        return bool(self.containers or self.networks or self.volumes)


def prune(engine: Engine, *, run_id: str | None = None, even_alive: bool = False) -> Pruned:
    """Remove containers, networks and volumes whose owner no longer lives.

    Args:
        engine: Where to sweep.
        run_id: Only what belongs to this run.
        even_alive: Also what has a living owner; needs a run, so that nobody sweeps all runs.

    Raises:
        UsageError: `even_alive` without a run.
        SandboxError: The engine refused to remove something.
    """
    if even_alive and run_id is None:
        raise UsageError("Only one run's living sandboxes can be removed: name the run.")

    def is_ours(labels: Mapping[str, str] | None) -> bool:
        """Whether something with these labels is to go."""
        labels = labels or {}
        if RUN_LABEL not in labels or run_id not in (None, labels[RUN_LABEL]):
            return False
        return even_alive or not owner_is_alive(labels)

    api, selected = engine.client.api, {"label": RUN_LABEL}
    with docker_errors("listing what carries the label riosim"):
        containers: list[dict[str, Any]] = api.containers(all=True, filters=selected)
        networks: list[dict[str, Any]] = api.networks(filters=selected)
        volumes: list[dict[str, Any]] = api.volumes(filters=selected).get("Volumes") or []
    return Pruned(
        containers=_remove(engine, containers, "Id", remove_container, is_ours),
        networks=_remove(engine, networks, "Id", remove_network, is_ours),
        volumes=_remove(engine, volumes, "Name", remove_volume, is_ours),
    )


def _remove(
    engine: Engine,
    things: list[dict[str, Any]],
    key: str,
    remove: Callable[[Engine, str], None],
    is_ours: Callable[[Mapping[str, str] | None], bool],
) -> tuple[str, ...]:
    removed = []
    for thing in things:
        if is_ours(thing.get("Labels")):
            remove(engine, str(thing[key]))
            removed.append(_name(thing))
    return tuple(sorted(removed))


def _name(thing: Mapping[str, Any]) -> str:
    names = thing.get("Names")
    return str(names[0]).lstrip("/") if names else str(thing.get("Name", ""))
