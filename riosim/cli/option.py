"""Options that more than one command has."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AsJson", "OwnTasks", "RunsFolder", "TasksDirs"]

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
RunsFolder = Annotated[Path, typer.Option("--out", help="Folder in which runs are kept.")]
TasksDirs = Annotated[
    list[Path] | None,
    typer.Option("--tasks-dir", help="Folder with further tasks of your own; may be repeated."),
]
OwnTasks = Annotated[
    bool,
    typer.Option("--own-tasks/--no-own-tasks", help="Know riosim's tasks besides those folders'."),
]
