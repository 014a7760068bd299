"""All tasks that are known: files of one or more folders, composed when first asked for."""

import fnmatch
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Protocol, TypeVar

from pydantic import Field, ValidationError
from typing_extensions import override

from riosim.content import content_root
from riosim.errors import TaskFileError, UnknownNameError
from riosim.task.compose import Parts, compose, compose_twin, substitute
from riosim.task.schema import Attack, Chore, Payload, TaskFile, TaskSpec
from riosim.task.yaml_file import load_model
from riosim.vocabulary import Spec

__all__ = [
    "FOLDERS",
    "TASK_FOLDERS",
    "Shelf",
    "Suite",
    "TaskLibrary",
    "default_library",
    "parts_of",
    "root_of",
    "with_params",
]


class Suite(Spec):
    """A named selection of tasks: shell patterns over ids, in order."""

    id: str
    title: str
    tasks: Annotated[tuple[str, ...], Field(min_length=1)]
    twins: bool = True  # whether the benign twins belong to a run of it


TASK_FOLDERS: Final = ("environmental", "user")
FOLDERS: Final[Mapping[str, type[Spec]]] = {
    "chores": Chore,
    "attacks": Attack,
    "payloads": Payload,
    **dict.fromkeys(TASK_FOLDERS, TaskFile),
    "suites": Suite,
}
"""The folders below a root of tasks, and what a file of each is read into."""

_Any = TypeVar("_Any")
_Item = TypeVar("_Item", Chore, Attack, Payload, TaskFile, Suite)


class TaskLibrary(Mapping[str, TaskSpec]):
    """Tasks by id. Files are read once, when first asked for."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self.roots = tuple(roots)

    @cached_property
    def chores(self) -> dict[str, tuple[Path, Chore]]:
        """Chores by id, with the file of each."""
        return _load(self.roots, ("chores",), Chore, "chore")

    @cached_property
    def attacks(self) -> dict[str, tuple[Path, Attack]]:
        """Attacks by id with their defaults, with the file of each."""
        return _load(self.roots, ("attacks",), Attack, "attack", prepare=with_params({}))

    @cached_property
    def payloads(self) -> dict[str, tuple[Path, Payload]]:
        """Payloads by id, with the file of each."""
        return _load(self.roots, ("payloads",), Payload, "payload")

    @cached_property
    def files(self) -> dict[str, tuple[Path, TaskFile]]:
        """Task files by id, with the file of each."""
        return _load(self.roots, TASK_FOLDERS, TaskFile, "task")

    @cached_property
    def suites(self) -> dict[str, tuple[Path, Suite]]:
        """Suites by id, with the file of each."""
        return _load(self.roots, ("suites",), Suite, "suite")

    @cached_property
    def _specs(self) -> dict[str, TaskSpec]:
        return {}

    @override
    def __getitem__(self, task_id: str) -> TaskSpec:
        """Return the task with its risk; `ID@twin` gives its benign twin."""
        if task_id not in self._specs:
            name, _, variant = task_id.partition("@")
            if name not in self.files or variant not in {"", "twin"}:
                raise UnknownNameError("task", task_id, self.files)
            path, file = self.files[name]
            make = compose_twin if variant else compose
            try:
                self._specs[task_id] = make(parts_of(file, self))
            except (TaskFileError, UnknownNameError, ValidationError) as exc:
                raise TaskFileError(f"{path}: {exc}") from exc
        return self._specs[task_id]

    @override
    def __iter__(self) -> Iterator[str]:
        """Iterate over the ids, sorted."""
        return iter(sorted(self.files))

    @override
    def __len__(self) -> int:
        """Return the number of tasks, twins not counted."""
        return len(self.files)

    def select(self, patterns: Sequence[str]) -> list[str]:
        """Return the ids that the patterns name: ids, shell patterns, categories or suites.

        Raises:
            UnknownNameError: A pattern names nothing.
        """
        chosen: dict[str, None] = {}
        for pattern in patterns:
            if pattern in self.suites:
                hits = self.select(self.suites[pattern][1].tasks)
            else:
                hits = [
                    task_id
                    for task_id in self
                    if fnmatch.fnmatchcase(task_id, pattern)
                    or pattern in (self.files[task_id][1].category, self.files[task_id][1].class_)
                ]
            if not hits:
                raise UnknownNameError("task", pattern, [*self.files, *self.suites])
            chosen.update(dict.fromkeys(hits))
        return list(chosen)


class Shelf(Protocol):
    """Chores, attacks and payloads by id, with the file of each."""

    @property
    def chores(self) -> Mapping[str, tuple[Path, Chore]]:
        """Chores by id."""

    @property
    def attacks(self) -> Mapping[str, tuple[Path, Attack]]:
        """Attacks by id with their defaults."""

    @property
    def payloads(self) -> Mapping[str, tuple[Path, Payload]]:
        """Payloads by id."""


def parts_of(file: TaskFile, shelf: Shelf) -> Parts:
    """Return a task file with the files that it names, the attack's parameters filled in.

    Raises:
        UnknownNameError: It names a chore, an attack, a payload or a parameter that is not there.
        TaskFileError: The parts do not fit together.
    """
    chore = None if file.chore is None else _named("chore", file.chore, shelf.chores)[1]
    if file.attack is None:
        return Parts(file, chore)
    path, attack = _named("attack", file.attack.use, shelf.attacks)
    for name in file.attack.params:
        _named(f"parameter of {attack.id}", name, attack.params)
    if file.attack.payload is None:
        payload, words = None, {}
    else:
        payload = _named("payload", file.attack.payload, shelf.payloads)[1]
        words = _words(payload, attack)
    filled = load_model(path, Attack, prepare=with_params({**words, **file.attack.params}))
    return Parts(file, chore, filled, payload)


def _words(payload: Payload, attack: Attack) -> dict[str, str]:
    """Return the words of a payload as parameters of an attack."""
    if "request" in attack.params:
        return {"request": payload.request}
    if "brief" not in attack.params:
        raise TaskFileError(
            f"the attack {attack.id} carries no payload: it has neither `request` nor `brief` "
            "among its params"
        )
    if not payload.brief:
        raise TaskFileError(
            f"the attack {attack.id} has room for one line, and the payload {payload.id} has no "
            "`brief`"
        )
    return {"brief": payload.brief}


def _named(kind: str, name: str, known: Mapping[str, _Any]) -> _Any:
    if name not in known:
        raise UnknownNameError(kind, name, known)
    return known[name]


def root_of(file: Path, folders: Iterable[str] = FOLDERS) -> Path | None:
    """Return the root of tasks that a file below one of FOLDERS belongs to, None without one."""
    known = frozenset(folders)
    for parent in file.resolve().parents:
        if parent.name in known:
            return parent.parent
    return None


def with_params(given: Mapping[str, Any]) -> Callable[[Any], Any]:
    """Return what puts the attack's defaults, and over them what is GIVEN, into its data."""

    def prepare(data: Any) -> Any:
        own = data.get("params") if isinstance(data, dict) else None
        defaults = own if isinstance(own, dict) else {}
        values = {f"with.{name}": value for name, value in {**defaults, **given}.items()}
        try:
            return substitute(data, values, prefix="with.")
        except KeyError as exc:
            name = str(exc.args[0]).removeprefix("with.")
            raise TaskFileError(
                f"{data.get('id')}: ${{with.{name}}} has no default; add it to `params`."
            ) from exc

    return prepare


def _load(
    roots: Sequence[Path],
    folders: Sequence[str],
    model: type[_Item],
    kind: str,
    *,
    prepare: Callable[[Any], Any] | None = None,
) -> dict[str, tuple[Path, _Item]]:
    found: dict[str, tuple[Path, _Item]] = {}
    for root in roots:
        for folder in folders:
            for path in sorted((root / folder).rglob("*.yaml")):
                item = load_model(path, model, prepare=prepare)
                if item.id in found:
                    raise TaskFileError(
                        f"{path}: the {kind} {item.id} is already in {found[item.id][0]}."
                    )
                found[item.id] = (path, item)
    return found


def default_library(extra: Sequence[Path] = ()) -> TaskLibrary:
    """Return riosim's own tasks and those of further folders."""
    return TaskLibrary([content_root("tasks"), *extra])
