"""The tasks of a stored run as they are today."""

from pathlib import Path

from riosim.errors import UnknownNameError
from riosim.runner.manifest import RunManifest
from riosim.task.schema import TaskSpec
from riosim.task.selection import open_library

__all__ = ["specs_of"]


def specs_of(manifest: RunManifest, *, missing_ok: bool = False) -> dict[str, TaskSpec]:
    """Return the tasks of a run by key; with MISSING_OK without those that are gone.

    Raises:
        UsageError: A task is gone or wrong.
    """
    files = [Path(name) for name in manifest.selection if name.endswith((".yaml", ".yml"))]
    library = open_library(
        [Path(folder) for folder in manifest.tasks_dirs if not missing_ok or Path(folder).is_dir()],
        [file for file in files if not missing_ok or file.is_file()],
        alone=not manifest.own_tasks,
    )
    specs: dict[str, TaskSpec] = {}
    for entry in manifest.tasks:
        key = entry.id if entry.variant == "risk" else f"{entry.id}@twin"
        try:
            specs[key] = library[key]
        except UnknownNameError:
            if not missing_ok:
                raise
    return specs
