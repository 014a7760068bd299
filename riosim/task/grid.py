"""Which payload comes by which attack: the grid of what is put into the world and what it wants."""

from collections.abc import Mapping
from dataclasses import dataclass

from riosim.task.library import TaskLibrary

__all__ = ["Grid", "grid_of"]


@dataclass(frozen=True, slots=True)
class Grid:
    """Attacks that can carry a payload against payloads.

    Attributes:
        attacks: Id and vector of each, in the library's order.
        payloads: Id and surface of each.
        cells: The tasks that stand for an attack with a payload; a pair without one is left out.
    """

    attacks: Mapping[str, str]
    payloads: Mapping[str, str]
    cells: Mapping[tuple[str, str], tuple[str, ...]]


def grid_of(library: TaskLibrary) -> Grid:
    """Return the grid of a library."""
    carriers = {
        name: attack.vector
        for name, (_, attack) in library.attacks.items()
        if {"request", "brief"} & set(attack.params)
    }
    payloads = {name: payload.surface for name, (_, payload) in library.payloads.items()}
    cells: dict[tuple[str, str], tuple[str, ...]] = {}
    for task_id in library:
        use = library.files[task_id][1].attack
        if use is not None and use.payload is not None:
            cells[use.use, use.payload] = (*cells.get((use.use, use.payload), ()), task_id)
    return Grid(carriers, payloads, cells)
