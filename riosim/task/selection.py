"""What a person names: patterns, suites, categories, or files of tasks of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from riosim.errors import TaskFileError, UsageError
from riosim.task.library import TASK_FOLDERS, TaskLibrary, default_library, root_of
from riosim.task.schema import TaskFile, TaskSpec
from riosim.task.yaml_file import load_model

__all__ = ["Selection", "open_library", "select_one", "select_tasks"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Tasks that were named, in order.

    `twins` is what the suites say, if nothing but suites was named, else None.
    """

    library: TaskLibrary
    task_ids: tuple[str, ...]
    twins: bool | None = None

    def specs(self, *, twins: bool) -> dict[str, TaskSpec]:
        """Return the composed tasks by key, twins included if wanted.

        Raises:
            TaskFileError: One of them is wrong.
        """
        keys = [*self.task_ids, *(f"{name}@twin" for name in self.task_ids if twins)]
        return {key: self.library[key] for key in keys}


def open_library(
    tasks_dirs: Sequence[Path] = (), files: Sequence[Path] = (), *, alone: bool = False
) -> TaskLibrary:
    """Return riosim's tasks with those of further folders and files; ALONE without riosim's own.

    A file below `<folder>/environmental` or `<folder>/user` brings its whole folder, so that it
    finds the chores and attacks beside it.

    Raises:
        UsageError: A folder or file does not exist.
    """
    for folder in tasks_dirs:
        if not folder.is_dir():
            raise UsageError(f"{folder} is no folder of tasks: it does not exist.")
    roots = [folder.resolve() for folder in tasks_dirs]
    roots += [root for file in files if (root := root_of(file, TASK_FOLDERS)) is not None]
    own = () if alone and roots else default_library().roots
    known = [root.resolve() for root in own]
    library = TaskLibrary([*known, *(r for r in dict.fromkeys(roots) if r not in known)])
    for file in files:
        _add(library, file)
    return library


def select_tasks(
    names: Sequence[str], tasks_dirs: Sequence[Path] = (), *, alone: bool = False
) -> Selection:
    """Return the tasks that NAMES mean: ids, patterns, categories, classes, suites, files.

    Raises:
        UsageError: A name means nothing, or a file is wrong.
    """
    files = [Path(name) for name in names if name.endswith((".yaml", ".yml"))]
    library = open_library(tasks_dirs, files, alone=alone)
    chosen: dict[str, None] = {}
    for name in names:
        if name.endswith((".yaml", ".yml")):
            chosen[_id_of(library, Path(name))] = None
        else:
            chosen.update(dict.fromkeys(library.select([name])))
    suites = [library.suites[name][1] for name in names if name in library.suites]
    twins = all(suite.twins for suite in suites) if len(suites) == len(names) else None
    return Selection(library, tuple(chosen), twins)


def select_one(name: str, tasks_dirs: Sequence[Path] = (), *, alone: bool = False) -> TaskSpec:
    """Return the task that NAME means: an id, a file, or one of them with `@twin` for its twin.

    Raises:
        UsageError: It means nothing, or more than one task.
    """
    base, _, variant = name.partition("@")
    selection = select_tasks([base], tasks_dirs, alone=alone)
    if len(selection.task_ids) != 1:
        raise UsageError(f"{base!r} names {len(selection.task_ids)} tasks; name one.")
    key = f"{selection.task_ids[0]}@{variant}" if variant else selection.task_ids[0]
    return selection.library[key]


def _add(library: TaskLibrary, file: Path) -> None:
    """Make a file that stands alone known to the library."""
    if not file.is_file():
        raise UsageError(f"{file} is no task file: it does not exist.")
    known = {path.resolve() for path, _ in library.files.values()}
    if file.resolve() in known:
        return
    task = load_model(file, TaskFile)
    if task.id in library.files:
        raise TaskFileError(f"{file}: the task {task.id} is already in {library.files[task.id][0]}")
    library.files[task.id] = (file, task)


def _id_of(library: TaskLibrary, file: Path) -> str:
    wanted = file.resolve()
    return next(i for i, (path, _) in library.files.items() if path.resolve() == wanted)
