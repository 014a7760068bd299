"""`riosim agents`: who can play."""

from typing import Any

import typer

from riosim.cli.console import out, plain, print_json
from riosim.cli.option import AsJson
from riosim.registry import Registry

__all__ = ["agents_app"]

agents_app = typer.Typer(help="Agents that can play.", no_args_is_help=True)


@agents_app.callback()
def _agents() -> None:
    """Agents that can play."""


@agents_app.command("list")
def list_agents(*, as_json: AsJson = False) -> None:
    """List the agents; none is imported for it."""
    registry = Registry[Any]("agent")
    if as_json:
        print_json([{"name": name, "origin": registry.origin(name)} for name in registry])
        return
    for name in registry:
        out.print(plain(f"{name:<12} {registry.origin(name)}"))
