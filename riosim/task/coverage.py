"""Which sub-scenarios of the catalogue have a task, and which have none."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, RootModel, model_validator

from riosim.task.library import TaskLibrary
from riosim.task.schema import CATEGORIES
from riosim.task.yaml_file import load_model

__all__ = ["LABELS_FILE", "Catalogue", "Covered", "coverage", "read_catalogue"]

LABELS_FILE: Final = "labels.yaml"
_Rows = Annotated[int, Field(ge=1)]


class Catalogue(RootModel[dict[str, dict[str, _Rows]]]):
    """Labels of a folder of tasks, by category: how many rows each stands for."""

    @model_validator(mode="after")
    def _has_known_categories(self) -> "Catalogue":
        unknown = sorted(set(self.root) - set(CATEGORIES))
        if unknown:
            raise ValueError(f"no category is named {', '.join(unknown)}")
        return self

    @property
    def labels(self) -> dict[str, str]:
        """The category of each label."""
        return {label: name for name, rows in self.root.items() for label in rows}


@dataclass(frozen=True, slots=True)
class Covered:
    """One label and the tasks that stand for it.

    Attributes:
        n_rows: How many rows of the catalogue have the label.
        task_ids: Sorted; empty if no task stands for it.
    """

    category: str
    label: str
    n_rows: int
    task_ids: tuple[str, ...]


def read_catalogue(root: Path) -> Catalogue:
    """Return the labels of a folder of tasks; none if it has no `labels.yaml`.

    Raises:
        TaskFileError: The file is wrong; the message names file and line.
    """
    path = root / LABELS_FILE
    return load_model(path, Catalogue) if path.is_file() else Catalogue({})


def coverage(library: TaskLibrary) -> list[Covered]:
    """Return every label of the library's catalogues with its tasks, in the catalogue's order."""
    by_label: dict[tuple[str, str], list[str]] = {}
    for task_id in library:
        file = library.files[task_id][1]
        by_label.setdefault((file.category, file.label), []).append(task_id)
    rows: Mapping[tuple[str, str], int] = {
        (category, label): n_rows
        for root in library.roots
        for category, labels in read_catalogue(root).root.items()
        for label, n_rows in labels.items()
    }
    return [
        Covered(category, label, n_rows, tuple(by_label.get((category, label), ())))
        for (category, label), n_rows in rows.items()
    ]
