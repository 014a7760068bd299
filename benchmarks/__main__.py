"""`python -m benchmarks`: measures, keeps the samples, writes `docs/benchmarks.md`."""

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.status import Status

from benchmarks import actions, embedded, images, link, memory, resets, trees, world
from benchmarks.desk import CLOCK
from benchmarks.figure import Figure, Size, Tell
from benchmarks.table import load, machine, page, save, table
from riosim.errors import RiosimError
from riosim_envs.engine import Engine


def _local_model(size: Size, tell: Tell) -> list[Figure]:
    from benchmarks import local_model  # only here: torch may not be installed

    return local_model.measure(size, tell)


_ROOT: Final = Path(__file__).resolve().parent.parent
_GROUPS: Final[dict[str, Callable[[Size, Tell], list[Figure]]]] = {
    "link": link.measure,
    "actions": actions.measure,
    "trees": trees.measure,
    "resets": resets.measure,
    "world": world.measure,
    "embedded": embedded.measure,
    "memory": memory.measure,
    "images": images.measure,
    "local_model": _local_model,
}
_QUIET_LOAD: Final = 0.5


def main(argv: list[str] | None = None) -> int:
    """Measure what was asked for; a missed target is a figure, not a failure."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", help=f"which figures (all: {', '.join(_GROUPS)})")
    how_much = parser.add_mutually_exclusive_group()
    how_much.add_argument(
        "--effort", type=float, default=1.0, help="share of the samples that are taken (all: 1)"
    )
    how_much.add_argument(
        "--quick", action="store_true", help="a few samples of each, shown and not kept"
    )
    options = parser.parse_args(argv)
    unknown = sorted(set(options.groups) - set(_GROUPS))
    if unknown:
        parser.error(f"no group is {unknown[0]!r}; known: {', '.join(_GROUPS)}")
    err = Console(stderr=True, highlight=False)
    load_now = os.getloadavg()[0]
    if load_now > _QUIET_LOAD:
        err.print(f"The machine is busy (load {load_now:.1f}); the figures will be too high.")
    size = Size(0.0 if options.quick else options.effort)
    folder = _ROOT / "benchmarks" / "results"
    try:
        facts = {**machine(), "engine": _engine(), "load": round(load_now, 1)}
        for group in options.groups or _GROUPS:
            begun = CLOCK.monotonic()
            with err.status(group) as status:
                took = _GROUPS[group](size, partial(_tell, status, group))
            err.print(f"{group}: {CLOCK.monotonic() - begun:.0f} s")
            print(table(took))
            if not options.quick:
                save(folder, group, took, facts)
    except RiosimError as exc:
        err.print(f"[bold red]error:[/] {exc}", markup=True)
        return exc.exit_code
    except KeyboardInterrupt:
        err.print("interrupted; the groups above are kept")
        return 130
    if not options.quick:
        document = _ROOT / "docs" / "benchmarks.md"
        document.write_text(page(load(folder, list(_GROUPS))))
        err.print(f"written: {document.relative_to(_ROOT)} and benchmarks/results/")
    return 0


def _tell(status: Status, group: str, line: str) -> None:
    status.update(f"{group}: {line}")


def _engine() -> str:
    engine = Engine.connect()
    try:
        facts = engine.facts
        return f"Docker {facts.version.partition('+')[0]}, cgroup version {facts.cgroup_version}"
    finally:
        engine.close()


if __name__ == "__main__":
    sys.exit(main())
