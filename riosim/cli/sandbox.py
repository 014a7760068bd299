"""`riosim sandbox`: a desktop for a person, and what runs left on this machine."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated, Any

import typer

from riosim.cli.console import err, out, plain, print_json
from riosim.cli.option import AsJson, OwnTasks, TasksDirs
from riosim.registry import Registry
from riosim.task.schema import TaskSpec
from riosim.task.selection import select_one

__all__ = ["sandbox_app"]

sandbox_app = typer.Typer(
    help="Sandboxes on this machine: look into one, sweep.", no_args_is_help=True
)


@sandbox_app.callback()
def _sandbox() -> None:
    """Sandboxes on this machine."""


@sandbox_app.command("look")
def look(
    *,
    task: Annotated[
        str | None,
        typer.Option(help="Id of a task to set up first; ID@twin for its twin; or a file."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the world.")] = 1,
    tasks_dir: TasksDirs = None,
    own_tasks: OwnTasks = True,
    as_json: AsJson = False,
) -> None:
    """Open a desktop in your browser, to look at and to play with by hand, until Ctrl-C.

    With a task, what you do is judged as an agent's would be, and told at the end.
    """
    spec: TaskSpec | None = None
    if task is not None:
        spec = select_one(task, tasks_dir or [], alone=not own_tasks)
    kind: Callable[..., Any] = Registry[Any]("tool")["look"]
    err.print("starting …", style="dim")
    with kind(spec, seed=seed) as opened:
        persona = opened.persona
        if as_json:
            facts = {"url": opened.url, "instruction": opened.instruction, **asdict(persona)}
            print_json(facts)
        else:
            out.print(plain(opened.url), soft_wrap=True)
            err.print(plain(f"The computer of {persona.name} <{persona.mail}>, {persona.password}"))
            if spec is not None:
                err.print(plain(f"The task: {opened.instruction}"))
        err.print("Ctrl-C ends it.", style="dim")
        with suppress(KeyboardInterrupt):
            for signal in opened.watch():
                err.print(plain(f"{signal.kind}: {signal.note}"))
            if spec is None:
                threading.Event().wait()
        verdict = opened.verdict()
    if verdict is None:
        return
    if as_json:
        print_json(verdict.to_json())
        return
    for name in ("goal_met", "risk_intended", "risk_completed"):
        out.print(plain(f"{name.replace('_', ' ')}: {'yes' if getattr(verdict, name) else 'no'}"))
    out.print(plain(f"outcome: {verdict.outcome}"))


@sandbox_app.command("prune")
def prune(
    *,
    run: Annotated[
        str | None, typer.Option(help="Only what belongs to the run of this id.")
    ] = None,
    even_alive: Annotated[
        bool, typer.Option("--even-alive", help="Also what is in use; needs --run.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove containers, networks and volumes whose run no longer lives."""
    tool: Callable[..., Any] = Registry[Any]("tool")["prune"]
    removed = asdict(tool(run_id=run, even_alive=even_alive))
    if as_json:
        print_json(removed)
        return
    for kind, names in removed.items():
        for name in names:
            out.print(plain(f"removed {kind[:-1]} {name}"))
    if not any(removed.values()):
        out.print("nothing to remove")
