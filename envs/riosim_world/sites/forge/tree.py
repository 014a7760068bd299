"""The files of a repository as folders."""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Item", "folder"]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a file list."""

    name: str
    path: str
    is_folder: bool


def folder(files: Iterable[str], path: str) -> list[Item]:
    """Return what lies directly in the folder PATH ("" is the top), folders first."""
    start = f"{path}/" if path else ""
    found = {}
    for file in files:
        if file.startswith(start):
            name, slash, _ = file[len(start) :].partition("/")
            found[name] = Item(name, start + name, bool(slash))
    return sorted(found.values(), key=lambda item: (not item.is_folder, item.name))
