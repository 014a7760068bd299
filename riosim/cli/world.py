"""`riosim world`: the internet that agents see, for a person."""

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

__all__ = ["world_app"]

world_app = typer.Typer(help="The internet that agents see.", no_args_is_help=True)


@world_app.callback()
def _world() -> None:
    """The internet that agents see."""


@world_app.command("serve")
def serve(
    *,
    task: Annotated[
        str | None,
        typer.Option(help="Id of a task whose world it is, attack included; or a file."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the world.")] = 1,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Loopback port; 0 takes a free one.")
    ] = 0,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open a Chromium that sees this world alone.")
    ] = False,
    tasks_dir: TasksDirs = None,
    own_tasks: OwnTasks = True,
    as_json: AsJson = False,
) -> None:
    """Serve the world's sites on this machine, to browse them, until Ctrl-C.

    Prints how to open a browser on them, and then what reaches them.
    """
    spec: TaskSpec | None = None
    if task is not None:
        spec = select_one(task, tasks_dir or [], alone=not own_tasks)
    kind: Callable[..., Any] = Registry[Any]("tool")["serve"]
    with kind(spec, seed=seed, port=port) as served:
        _say(served, as_json=as_json)
        if open_browser:
            served.open_browser()
        with suppress(KeyboardInterrupt):
            for line in served.watch():
                err.print(plain(line), style="dim")


def _say(served: Any, *, as_json: bool) -> None:
    persona = served.persona
    if as_json:
        facts = {"address": served.address, "browser": served.browser_command}
        print_json({**facts, "sites": dict(served.sites), "persona": asdict(persona)})
    else:
        width = max(map(len, served.sites))
        for name, url in served.sites.items():
            out.print(plain(f"{name:<{width}}  {url}"))
        out.print(plain(f"\n{served.browser_command}"), soft_wrap=True)
        err.print(plain(f"The world of {persona.name} <{persona.mail}>, {persona.password}"))
    err.print("Open a browser with the command above, or --open. Ctrl-C ends it.", style="dim")
