"""Results as files, and as the page `docs/benchmarks.md`."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure
from riosim.version import __version__

__all__ = ["load", "machine", "page", "save", "table"]

_HEAD = """# Benchmarks

Made by `make bench` (`python -m benchmarks`), which takes about 45 minutes and wants a machine that
does nothing else. The samples behind each row lie in `benchmarks/results/`. Beside each figure
stands the target of the design; a target that is missed is said to be. Times are wall-clock times
as a caller sees them.
"""


def machine() -> dict[str, Any]:
    """Return what the figures depend on, and nothing that names this very machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count() or 0,
        "memory_gib": round(memory / 2**30),
        "architecture": platform.machine(),
        "kernel": platform.release().partition("-")[0],
        "python": platform.python_version(),
        "riosim": __version__,
    }


def save(folder: Path, group: str, figures: Sequence[Figure], facts: Mapping[str, Any]) -> None:
    """Write the figures of one group."""
    folder.mkdir(parents=True, exist_ok=True)
    data = {"group": group, "machine": dict(facts), "figures": [f.to_json() for f in figures]}
    (folder / f"{group}.json").write_text(json.dumps(data, indent=1) + "\n")


def load(folder: Path, groups: Sequence[str]) -> dict[str, tuple[dict[str, Any], list[Figure]]]:
    """Return the stored figures with the machine of each group; what is absent is left out."""
    found = {}
    for group in groups:
        path = folder / f"{group}.json"
        if path.is_file():
            data = json.loads(path.read_text())
            figures = [Figure.from_json(one) for one in data["figures"]]
            found[group] = dict(data["machine"]), figures
    return found


def page(results: Mapping[str, tuple[Mapping[str, Any], Sequence[Figure]]]) -> str:
    """Return the page: a table for each group, under the machine that it was measured on."""
    parts = [_HEAD]
    shown = ""
    for group, (facts, figures) in results.items():
        where = _sentence(facts)
        if where != shown:
            parts.append(where)
            shown = where
        parts.append(f"## {group.replace('_', ' ').capitalize()}\n\n{table(figures)}")
    return "\n".join(parts)


def table(figures: Sequence[Figure]) -> str:
    """Return a Markdown table."""
    rows = ["| what | measured | target | | n |", "| --- | --- | --- | --- | --- |"]
    for one in figures:
        target = "" if one.target is None else f"≤ {_number(one.target)} {one.unit}"
        what = f"{one.what} ({one.note})" if one.note else one.what
        value = f"{one.of} {_number(one.value)} {one.unit}"
        rows.append(f"| {what} | {value} | {target} | {one.verdict} | {one.n} |")
    return "\n".join(rows) + "\n"


def _sentence(facts: Mapping[str, Any]) -> str:
    load_now = facts.get("load", 0.0)
    busy = f" Other work ran meanwhile (load {load_now:g} before)." if load_now > 1 else ""
    size = f"{facts['cores']} cores, {facts['memory_gib']} GiB, {facts['architecture']}"
    engine = facts.get("engine", "no engine")
    return (
        f"Machine: {size}, Linux {facts['kernel']}, {engine}, Python {facts['python']}, "
        f"riosim {facts['riosim']}.{busy}\n"
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
