"""What is wrong with task files, beyond what their schema refuses: one problem a line."""

import fnmatch
import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from typing_extensions import override

from riosim.errors import RiosimError, TaskFileError, UnknownNameError
from riosim.task.compose import compose, compose_twin
from riosim.task.coverage import LABELS_FILE, read_catalogue
from riosim.task.instance import instantiate
from riosim.task.library import FOLDERS, Suite, TaskLibrary, parts_of, with_params
from riosim.task.schema import Attack, Chore, Payload, TaskFile, TaskSpec
from riosim.task.yaml_file import load_model, read_yaml

__all__ = ["Problem", "lint_tasks"]

_MAILBOXES: Final = "mail"  # stands for the mailboxes where a check asks for a site
_RESERVED: Final = (".test", ".example", ".invalid", ".localhost")
_RESERVED_HOSTS: Final = {"localhost", "example.com", "example.org", "example.net"}
_DOCUMENTATION: Final = tuple(
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
)
_URL_HOST = re.compile(r"https?://(?:[^\s/@]*@)?([A-Za-z0-9.-]+)")
_MAIL_HOST = re.compile(r"[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
_BARE_HOST = re.compile(
    r"(?<![\w.@/-])((?:[a-z0-9-]+\.)+(?:com|net|org|io|gov|edu|info|biz|cn|ru|de|uk))(?![\w-])",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w+-])\+?\d[\d ()-]{7,}\d(?![\w-])")
_PLACEHOLDER_SITE = re.compile(r"\$\{(?:site|host)\.([A-Za-z0-9_-]+)\}")
_KEY_OF: Final = {
    "chore": ("chore",),
    "attack": ("attack", "use"),
    "payload": ("attack", "payload"),
}
_WINDOWS_ONLY: Final = frozenset({"open", "ad", "notification"})
_BROWSER_ONLY: Final = frozenset({"goto", "back", "new_tab", "close_tab", "switch_tab"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `line` counts from 1."""

    path: Path
    line: int
    text: str

    @override
    def __str__(self) -> str:
        """Return it as an editor can jump to it."""
        return f"{self.path}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class _File:
    """A task file, and where its keys stand."""

    path: Path
    data: Any
    lines: Mapping[tuple[str | int, ...], int]

    def problem(self, text: str, *key: str | int) -> Problem:
        """Return a problem at a key, or at the nearest one above it that is written."""
        for end in range(len(key), -1, -1):
            if key[:end] in self.lines:
                return Problem(self.path, self.lines[key[:end]], text)
        return Problem(self.path, 1, text)


def lint_tasks(
    library: TaskLibrary,
    *,
    only: frozenset[Path] | None = None,
    directory: Mapping[str, str] | None = None,
) -> list[Problem]:
    """Return all problems of the library's files, by path and line.

    Args:
        library: Its roots are read anew, so that one wrong file does not hide the next.
        only: Report on these files alone.
        directory: Genuine sites and their hosts; without it every site name is taken as known.
    """
    items = _Items()
    problems: list[Problem] = list(items.read_labels(library))
    paths = [
        (folder, path, root)
        for root in library.roots
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*.yaml"))
    ]
    for folder, path, root in paths:
        problems += items.read(path, root / folder, FOLDERS[folder])
    if directory is not None:
        for file in items.files:
            problems += _lint_sites(file, file.data, directory)
    for file, task in items.tasks:
        if only is None or file.path in only:
            problems += _lint_task(file, task, items, directory)
    for suite_file, suite in items.suites:
        problems += _lint_suite(suite_file, suite, items)
    wanted = (p for p in problems if only is None or p.path in only)
    return sorted(dict.fromkeys(wanted), key=lambda p: (str(p.path), p.line, p.text))


class _Items:
    """Everything that could be read."""

    def __init__(self) -> None:
        self.files: list[_File] = []
        self.chores: dict[str, tuple[Path, Chore]] = {}
        self.attacks: dict[str, tuple[Path, Attack]] = {}
        self.payloads: dict[str, tuple[Path, Payload]] = {}
        self.tasks: list[tuple[_File, TaskFile]] = []
        self.suites: list[tuple[_File, Suite]] = []
        self._labels: dict[Path, dict[str, str]] = {}  # label → category, by folder of tasks
        self._paths: dict[tuple[str, str], Path] = {}

    def read_labels(self, library: TaskLibrary) -> Iterator[Problem]:
        """Read the catalogues of the library's folders; yield what is wrong with them."""
        for root in library.roots:
            try:
                self._labels[root] = read_catalogue(root).labels
            except TaskFileError as exc:
                yield from _schema_problems(root / LABELS_FILE, exc)

    def labels_for(self, path: Path) -> dict[str, str]:
        """Return the labels of the folder that a file lies in; empty if it has no catalogue."""
        roots = [root for root in self._labels if path.is_relative_to(root)]
        return self._labels[max(roots, key=lambda root: len(root.parts))] if roots else {}

    def read(self, path: Path, folder: Path, model: type[BaseModel]) -> Iterator[Problem]:
        """Read one file; yield what is wrong with it by itself."""
        try:
            prepare = with_params({}) if model is Attack else None
            item = load_model(path, model, prepare=prepare)
            data, lines = read_yaml(path)
        except TaskFileError as exc:
            yield from _schema_problems(path, exc)
            return
        file = _File(path, data, lines)
        self.files.append(file)
        item_id = str(getattr(item, "id", ""))
        other = self._paths.setdefault((model.__name__, item_id), path)
        if other != path:
            yield file.problem(f"the id {item_id} is already in {other}", "id")
        yield from _lint_id(file, item_id, folder)
        yield from _lint_names(file, data)
        match item:
            case Chore():
                self.chores[item_id] = (path, item)
            case Attack():
                self.attacks[item_id] = (path, item)
            case Payload():
                self.payloads[item_id] = (path, item)
            case TaskFile():
                self.tasks.append((file, item))
            case Suite():
                self.suites.append((file, item))


def _schema_problems(path: Path, error: TaskFileError) -> Iterator[Problem]:
    """Turn the loader's message, a line for each problem, into problems."""
    prefix = re.compile(rf"^{re.escape(str(path))}(?::(\d+))?: ?(.*)$", re.DOTALL)
    for line in str(error).split("\n"):
        match = prefix.match(line)
        if match:
            yield Problem(path, int(match[1] or 1), match[2])
        else:
            yield Problem(path, 1, line)


def _lint_id(file: _File, item_id: str, folder: Path) -> Iterator[Problem]:
    """The id is the path, `category/name` in `category/name.yaml`, or the file's name alone.

    Which of them it is, the schema of each kind says.
    """
    expected = file.path.relative_to(folder).with_suffix("").as_posix()
    if item_id not in (expected, file.path.stem):
        yield file.problem(f"the id is {item_id!r}, but the file's place says {expected!r}", "id")


def _lint_names(file: _File, value: Any, *key: str | int) -> Iterator[Problem]:
    """Only reserved names, addresses and numbers."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _lint_names(file, item, *key, str(name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _lint_names(file, item, *key, index)
    elif isinstance(value, str):
        hosts = {
            match[1].rstrip(".").casefold()
            for pattern in (_URL_HOST, _MAIL_HOST, _BARE_HOST)
            for match in pattern.finditer(value)
        }
        if key and key[-1] == "host" and "*" not in value and "${" not in value:
            hosts.add(value.casefold())
        for host in sorted(hosts):
            if not _is_reserved(host):
                yield file.problem(
                    f"{host} may belong to somebody; use a name that ends in .test or .example",
                    *key,
                )
        for match in _PHONE.finditer(value):
            digits = re.sub(r"\D", "", match[0])
            if match[0].startswith("+") and "555" not in digits:
                yield file.problem(f"{match[0]} may belong to somebody; use a 555 number", *key)


def _lint_sites(
    file: _File, value: Any, directory: Mapping[str, str], *key: str | int
) -> Iterator[Problem]:
    """A site that is named is one of the world's; what a site is seeded with is its own affair."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            here = (*key, str(name))
            names = list(item) if name == "sites" and isinstance(item, Mapping) else [item]
            if name in {"site", "sites"}:
                for site in names:
                    if isinstance(site, str) and site not in {*directory, _MAILBOXES}:
                        where = (*here, site) if name == "sites" else here
                        yield file.problem(str(UnknownNameError("site", site, directory)), *where)
            if name != "sites":
                yield from _lint_sites(file, item, directory, *here)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _lint_sites(file, item, directory, *key, index)


def _is_reserved(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host in _RESERVED_HOSTS or host.endswith(
            (*_RESERVED, *(f".{name}" for name in _RESERVED_HOSTS))
        )
    return (
        address.is_loopback
        or address.is_private
        or any(address in network for network in _DOCUMENTATION)
    )


def _lint_task(
    file: _File, task: TaskFile, items: _Items, directory: Mapping[str, str] | None
) -> Iterator[Problem]:
    labels = items.labels_for(file.path)
    if task.label and labels and task.label not in labels:
        yield file.problem(str(UnknownNameError("label", task.label, labels)), "label")
    elif task.label and labels.get(task.label, task.category) != task.category:
        yield file.problem(f"the label belongs to {labels[task.label]}", "label")
    try:
        parts = parts_of(task, items)
    except UnknownNameError as exc:
        yield file.problem(str(exc), *_KEY_OF.get(exc.kind, ("attack", "with")))
        return
    except RiosimError as exc:
        yield file.problem(str(exc).removeprefix(f"{task.id}: "))
        return
    for make in (compose, compose_twin):
        try:
            spec = make(parts)
            instantiate(spec, seed=0, directory=_directory_for(spec, directory))
        except RiosimError as exc:
            yield file.problem(str(exc).removeprefix(f"{task.id}: "))
            return
        yield from _lint_spec(file, spec)


def _directory_for(spec: TaskSpec, directory: Mapping[str, str] | None) -> Mapping[str, str]:
    if directory is not None:
        return directory
    names = _PLACEHOLDER_SITE.findall(spec.model_dump_json(by_alias=True))
    own = {look.name for look in spec.world.lookalikes}
    return {name: f"{name}.test" for name in names if name not in own}


def _lint_spec(file: _File, spec: TaskSpec) -> Iterator[Problem]:
    if spec.variant == "risk":
        if spec.oracle_safe == spec.oracle_unsafe:
            yield file.problem("the safe and the unsafe oracle are the same", "oracle", "unsafe")
        if spec.risk.intention == spec.goal_met or spec.risk.completion == spec.goal_met:
            yield file.problem("goal and risk have the same rule", "risk")
        if _uses(spec.risk.completion.model_dump(), "typed"):
            yield file.problem(
                "what was typed completes nothing; use `typed` in the intention only",
                "risk",
                "completion",
            )
    if spec.surface == "browser":
        placed = spec.attack.place if spec.attack is not None else ()
        for word in sorted({step.word for step in (*spec.setup, *placed)} & _WINDOWS_ONLY):
            yield file.problem(
                f"{word} is not possible in a browser task, whose screen is the page alone: make "
                "it a task with `surface: desktop`",
                "surface",
            )
    if spec.surface == "desktop":
        for side, steps in (("safe", spec.oracle_safe), ("unsafe", spec.oracle_unsafe)):
            for index, step in enumerate(steps):
                if step.word in _BROWSER_ONLY:
                    yield file.problem(
                        f"{step.word} is not possible on a desktop: use mouse and keyboard",
                        "oracle",
                        side,
                        index,
                    )
    given = file.data.get("max_steps")
    longest = max(len(spec.oracle_safe), len(spec.oracle_unsafe))
    if isinstance(given, int) and given < 2 * longest:
        yield file.problem(
            f"max_steps is {given}; the longer oracle has {longest} steps and needs twice as many",
            "max_steps",
        )


def _uses(value: Any, word: str) -> bool:
    """Whether a check holds a check of that word, or gives a key of that name, at any depth."""
    if isinstance(value, Mapping):
        is_it = value.get("word") == word or value.get(word) is not None
        return is_it or any(_uses(item, word) for item in value.values())
    return isinstance(value, (list, tuple)) and any(_uses(item, word) for item in value)


def _lint_suite(file: _File, suite: Suite, items: _Items) -> Iterator[Problem]:
    ids = [task.id for _, task in items.tasks]
    kinds = {word for _, task in items.tasks for word in (task.category, task.class_)}
    names = {other.id for _, other in items.suites} | kinds
    for index, pattern in enumerate(suite.tasks):
        if pattern not in names and not fnmatch.filter(ids, pattern):
            yield file.problem(f"{pattern!r} names no task", "tasks", index)
