"""The world by itself, as a process of this host: its start, its reset in place, its memory."""

import http.client
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.desk import CLOCK, timed
from benchmarks.figure import Figure, Size, Tell, figure_of
from riosim_envs.local_world import LocalWorld
from riosim_envs.plain_world import plain_world
from riosim_world.directory import site_directory

__all__ = ["measure"]

_ROUNDS: Final = 20
_CLIENT: Final = "127.0.0.1"


def measure(size: Size, tell: Tell) -> list[Figure]:
    """Start it, visit every site, reset it, and read what the kernel counts for it."""
    n_times = size.pick(10, 2)
    starts, resets, memory = [], [], []
    for number in range(n_times):
        tell(f"{number + 1} of {n_times}")
        begun = CLOCK.monotonic()
        with _world() as world:
            world.client.reset(plain_world(number))
            starts.append(CLOCK.monotonic() - begun)
            for seed in range(_ROUNDS):
                _visit_all(world)
                resets.append(1_000 * timed(partial(world.client.reset, plain_world(seed))))
            memory.append(_resident_mb())
    visited = f"after a visit to each of {len(site_directory())} sites"
    return [
        figure_of("World, start to its first reset", starts, "s", target=1.0),
        figure_of("World, reset in place", resets, "ms", target=50.0, note=visited),
        figure_of("World, reset in place", resets, "ms", of="p95", note=visited),
        figure_of("World, memory", memory, "MB", target=120.0, note=f"{_ROUNDS} times so"),
    ]


@contextmanager
def _world() -> Iterator[LocalWorld]:
    with (
        tempfile.TemporaryDirectory(prefix="riosim-") as folder,
        LocalWorld(Path(folder), on_event=lambda event: None) as world,
    ):
        yield world


def _visit_all(world: LocalWorld) -> None:
    for host in site_directory().values():
        line = http.client.HTTPConnection(_CLIENT, world.port, timeout=10)
        try:
            line.request("GET", "/", headers={"Host": host})
            line.getresponse().read()
        finally:
            line.close()


def _resident_mb() -> float:
    """Return the resident memory of this process's children: the world and what it started."""
    parents: dict[int, int] = {}
    pages: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int(
                (folder / "stat").read_text().rpartition(")")[2].split()[1]
            )
            pages[int(folder.name)] = int((folder / "statm").read_text().split()[1])
        except (OSError, IndexError):
            continue  # it ended meanwhile
    ours = {os.getpid()}
    for pid in sorted(parents):
        if parents[pid] in ours:
            ours.add(pid)
    ours.discard(os.getpid())
    return sum(pages[pid] for pid in ours) * os.sysconf("SC_PAGE_SIZE") / 1e6
