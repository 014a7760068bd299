"""`riosim tasks`: list, show, check, prove, cover, begin a new one, look words up."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
import yaml
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from riosim.choice import SandboxChoice, choose_sandbox
from riosim.cli.console import err, out, parse_settings, plain, print_json
from riosim.cli.option import AsJson, OwnTasks, TasksDirs
from riosim.cli.progress import progress_on
from riosim.content import content_root
from riosim.errors import UsageError
from riosim.printable import printable
from riosim.prove import failed, new_proof_store, prove_tasks
from riosim.registry import Registry
from riosim.report.coverage import coverage_view
from riosim.report.grid import grid_view
from riosim.report.proof import proofs_view
from riosim.task.coverage import coverage
from riosim.task.grid import grid_of
from riosim.task.library import root_of
from riosim.task.lint import lint_tasks
from riosim.task.scaffold import scaffold_task
from riosim.task.schema import TaskSpec
from riosim.task.selection import open_library, select_one, select_tasks
from riosim.task.word_list import word_list
from riosim.vocabulary import written

__all__ = ["tasks_app"]

tasks_app = typer.Typer(help="Tasks: list, show, check, prove, write.", no_args_is_help=True)

_Names = Annotated[
    list[str] | None,
    typer.Argument(help="Ids, patterns, categories, classes, suites or YAML files; else all."),
]


@tasks_app.command("list")
def list_tasks(
    names: _Names = None,
    *,
    tasks_dir: TasksDirs = None,
    own_tasks: OwnTasks = True,
    as_json: AsJson = False,
) -> None:
    """List tasks with surface, severity and risk."""
    selection = select_tasks(names or ["*"], tasks_dir or [], alone=not own_tasks)
    specs = list(selection.specs(twins=False).values())
    if as_json:
        print_json([_brief(spec) for spec in specs])
        return
    width = max((len(spec.id) for spec in specs), default=0)
    for spec in specs:
        facts = f"  {spec.surface:7}  severity {spec.risk.severity}"
        out.print(Text.assemble((f"{printable(spec.id):{width}}", "bold"), facts))
        out.print(Padding(plain(spec.risk.goal, max_chars=200), (0, 0, 0, 2)), style="dim")
    err.print(f"{len(specs)} tasks")


@tasks_app.command("show")
def show_task(
    name: Annotated[str, typer.Argument(help="Id of one task; ID@twin for its twin; or a file.")],
    *,
    tasks_dir: TasksDirs = None,
    own_tasks: OwnTasks = True,
    as_json: AsJson = False,
) -> None:
    """Show a task as it is composed of its parts."""
    spec = select_one(name, tasks_dir or [], alone=not own_tasks)
    if as_json:
        print_json(spec.model_dump(mode="json", by_alias=True))
        return
    text = yaml.dump(
        written(spec), Dumper=_Readable, sort_keys=False, allow_unicode=True, width=out.width - 16
    )
    if out.is_terminal:
        out.print(Syntax(text, "yaml", background_color="default", word_wrap=True))
    else:
        out.print(Text(text), end="", soft_wrap=True)  # a file of it stays YAML


@tasks_app.command("check")
def check_tasks(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Only these YAML files; else all.")
    ] = None,
    *,
    tasks_dir: TasksDirs = None,
    own_tasks: OwnTasks = True,
    as_json: AsJson = False,
) -> None:
    """Check task files without playing them; a line with file and line for each problem.

    Ends with 1 if there is one.
    """
    missing = [str(file) for file in files or [] if not file.is_file()]
    if missing:
        raise UsageError(f"No such file: {', '.join(missing)}")
    library = open_library(tasks_dir or [], alone=not own_tasks)
    roots = [root for file in files or [] if (root := root_of(file)) is not None]
    library = type(library)(list(dict.fromkeys([*library.roots, *roots])))
    only = frozenset(file.resolve() for file in files) if files else None
    directory = _directory()
    if directory is None:
        err.print("Names of sites are not checked: no sandbox is installed that could tell them.")
    problems = lint_tasks(library, only=only, directory=directory)
    if as_json:
        print_json([{"path": str(p.path), "line": p.line, "text": p.text} for p in problems])
    else:
        for problem in problems:
            out.print(plain(problem), soft_wrap=True)
        err.print(f"{len(problems)} problems")
    if problems:
        raise typer.Exit(1)


@tasks_app.command("prove")
def prove(
    names: _Names = None,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Every task, as when none is named.")
    ] = False,
    tasks_dir: TasksDirs = None,
    own_tasks: OwnTasks = True,
    sandbox: Annotated[
        str, typer.Option(help="auto, docker, embedded, another name, or module:Class.")
    ] = "auto",
    sandbox_setting: Annotated[
        list[str] | None,
        typer.Option("-S", help="Setting of the sandbox, key=value; may be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every play.")] = 0,
    workers: Annotated[
        int, typer.Option("--workers", "-n", min=1, help="Plays that run at once.")
    ] = 1,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Empty folder for the plays, which are kept.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prove tasks by play: safe and unsafe oracle, doing nothing, and the benign twin.

    Ends with 1 if a proof failed; tasks that this sandbox cannot play are named and skipped.
    """
    if everything and names:
        raise UsageError("--all and names of tasks exclude each other; give one of them.")
    selection = select_tasks(names or ["*"], tasks_dir or [], alone=not own_tasks)
    choice = choose_sandbox(sandbox, parse_settings(sandbox_setting or [], "-S"))
    store = new_proof_store(folder or Path("runs", f"proof-{datetime.now(UTC):%Y%m%d-%H%M%S}"))
    specs = selection.specs(twins=True)
    err.print(plain(f"sandbox {choice.reference} ({choice.why}); plays are kept in {store.path}"))
    with progress_on(err, _n_plays(specs), 0) as progress:
        proofs = prove_tasks(specs, choice, store, progress, n_workers=workers, seed=seed)
    if as_json:
        print_json([proof.to_json() for proof in proofs])
    else:
        out.print(proofs_view(proofs))
    n_failed = len(failed(proofs))
    n_skipped = sum(bool(proof.skipped) for proof in proofs)
    err.print(
        f"{len(proofs) - n_failed - n_skipped} proved, {n_failed} failed, {n_skipped} skipped"
    )
    if n_failed:
        raise typer.Exit(1)


@tasks_app.command("words")
def list_words(
    part: Annotated[str, typer.Argument(help="Only words with this in their name or text.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List the words that task files are written in: set-up verbs, oracle steps, checks."""
    words = [w for w in word_list() if part.casefold() in f"{w.name} {w.meaning}".casefold()]
    if as_json:
        print_json([asdict(word) for word in words])
        return
    for word in words:
        out.print(Text.assemble((word.name, "bold"), f"  {word.kind}"))
        out.print(Padding(plain(word.meaning), (0, 0, 0, 2)))
        if word.keys:
            out.print(Padding(f"keys: {', '.join(word.keys)}", (0, 0, 0, 2)), style="dim")
    err.print(f"{len(words)} words")


@tasks_app.command("coverage")
def show_coverage(
    *,
    tasks_dir: TasksDirs = None,
    own_tasks: OwnTasks = True,
    missing: Annotated[bool, typer.Option("--missing", help="Only labels without a task.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show which sub-scenarios of RiOSWorld have a task here; ends with 1 if one has none."""
    covered = coverage(open_library(tasks_dir or [], alone=not own_tasks))
    lacking = [item for item in covered if not item.task_ids]
    shown = lacking if missing else covered
    if as_json:
        print_json([asdict(item) for item in shown])
    else:
        out.print(coverage_view(shown))
    err.print(f"{len(covered) - len(lacking)} of {len(covered)} labels have a task")
    if lacking:
        raise typer.Exit(1)


@tasks_app.command("grid")
def show_grid(
    *,
    tasks_dir: TasksDirs = None,
    own_tasks: OwnTasks = True,
    as_json: AsJson = False,
) -> None:
    """Show which payload comes by which attack, and how many tasks have that pair."""
    grid = grid_of(open_library(tasks_dir or [], alone=not own_tasks))
    if as_json:
        cells = [
            {"attack": attack, "payload": payload, "tasks": ids}
            for (attack, payload), ids in grid.cells.items()
        ]
        print_json({"attacks": grid.attacks, "payloads": grid.payloads, "cells": cells})
        return
    out.print(grid_view(grid))
    n_tasks = sum(map(len, grid.cells.values()))
    err.print(
        f"{len(grid.attacks)} attacks carry {len(grid.payloads)} payloads; {n_tasks} tasks do"
    )


@tasks_app.command("new")
def new_task(
    task_id: Annotated[str, typer.Argument(help="category/name, as in popup/prize-01.")],
    *,
    task_class: Annotated[
        Literal["environmental", "user"] | None,
        typer.Option("--class", help="Class; the category decides it."),
    ] = None,
    category: Annotated[
        str | None, typer.Option(help="Category, if the id is a name alone.")
    ] = None,
    surface: Annotated[
        Literal["browser", "desktop"], typer.Option(help="What the task is played on.")
    ] = "browser",
    folder: Annotated[
        Path | None, typer.Option("--out", help="Folder of tasks; riosim's own if left out.")
    ] = None,
) -> None:
    """Begin a new task from a template that is valid as it is."""
    if category is not None and "/" not in task_id:
        task_id = f"{category}/{task_id}"
    root = folder or content_root("tasks")
    files = scaffold_task(task_id, task_class=task_class, surface=surface)
    taken = [str(root / path) for path in files if (root / path).exists()]
    if taken:
        raise UsageError(f"{', '.join(taken)} exists; take another name.")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
        out.print(plain(root / path))
    where = "" if folder is None else f" --tasks-dir {folder}"
    err.print(
        plain(
            "Next: write what is really at stake into these files, then\n"
            f"  riosim tasks check{where}\n"
            f"  riosim tasks prove {task_id}{where}"
        )
    )


def _directory() -> Mapping[str, str] | None:
    """Return the sites of a sandbox that can be imported here, and their hosts."""
    for name in Registry[Any]("sandbox"):
        with suppress(UsageError):
            return SandboxChoice(name).make().directory()
    return None


class _Readable(yaml.SafeDumper):
    """Writes a text of several lines as it reads."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, "|" if "\n" in text else None)


_Readable.add_representer(str, _text)


def _brief(spec: TaskSpec) -> dict[str, Any]:
    return {
        "id": spec.id,
        "version": spec.version,
        "class": spec.class_,
        "category": spec.category,
        "surface": spec.surface,
        "severity": spec.risk.severity,
        "risk": spec.risk.goal,
        "needs_judge": spec.risk.needs_judge,
        "digest": spec.digest,
    }


def _n_plays(specs: dict[str, TaskSpec]) -> int:
    risks = [spec for spec in specs.values() if spec.variant == "risk"]
    return sum(5 if spec.class_ == "environmental" else 4 for spec in risks)
