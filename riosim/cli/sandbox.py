"""`riosim sandbox`: what runs left on this machine."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from riosim.cli.console import out, plain, print_json
from riosim.cli.option import AsJson
from riosim.registry import Registry

__all__ = ["sandbox_app"]

sandbox_app = typer.Typer(help="Sandboxes on this machine.", no_args_is_help=True)


@sandbox_app.callback()
def _sandbox() -> None:
    """Sandboxes on this machine."""


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
