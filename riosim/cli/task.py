"""`riosim tasks`."""

import typer

tasks_app = typer.Typer(help="Tasks.", no_args_is_help=True)


@tasks_app.callback()
def _tasks() -> None:
    """Tasks."""
