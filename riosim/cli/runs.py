"""`riosim runs`: what has been played."""

from pathlib import Path
from typing import Any

from rich.table import Table

from riosim.cli.console import err, out, plain, print_json
from riosim.cli.option import AsJson, RunsFolder
from riosim.errors import RunStoreError
from riosim.printable import printable
from riosim.runner.store import RunStore, list_runs

__all__ = ["runs"]


def runs(*, runs_folder: RunsFolder = Path("runs"), as_json: AsJson = False) -> None:
    """List the runs that are kept, newest last."""
    rows = [row for store in list_runs(runs_folder) if (row := _row(store)) is not None]
    rows.sort(key=lambda row: str(row["created_at"]))
    if as_json:
        print_json(rows)
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("run", "begun", "agent", "sandbox", "episodes", "state"):
        table.add_column(heading, justify="right" if heading == "episodes" else "left")
    for row in rows:
        table.add_row(
            plain(row["run"]),
            str(row["created_at"])[:16],
            plain(row["agent"], max_chars=60),
            plain(row["sandbox"], max_chars=40),
            f"{row['n_ended']}/{row['n_planned']}",
            plain(row["state"]),
        )
    out.print(table)


def _row(store: RunStore) -> dict[str, Any] | None:
    try:
        manifest = store.manifest()
    except RunStoreError as exc:
        err.print(printable(exc), style="red", markup=False)
        return None
    n_ended = sum(store.has_record(entry.id) for entry in manifest.episodes)
    last = manifest.sessions[-1].ending if manifest.sessions else "planned"
    return {
        "run": store.path.name,
        "created_at": manifest.created_at.isoformat(),
        "agent": manifest.agent.reference,
        "sandbox": manifest.sandbox.reference,
        "n_planned": len(manifest.episodes),
        "n_ended": n_ended,
        "state": "complete" if n_ended == len(manifest.episodes) else last,
    }
