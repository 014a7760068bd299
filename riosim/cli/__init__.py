"""The command `riosim`: parses, calls one function, prints."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Final

import typer

from riosim.cli.agent import agents_app
from riosim.cli.console import err, print_error
from riosim.cli.doctor import doctor
from riosim.cli.image import image_app
from riosim.cli.report import report
from riosim.cli.rescore import rescore
from riosim.cli.run import run
from riosim.cli.runs import runs
from riosim.cli.sandbox import sandbox_app
from riosim.cli.task import tasks_app
from riosim.cli.world import world_app
from riosim.errors import RiosimError
from riosim.version import __version__

__all__ = ["app", "main"]

_INTERRUPTED: Final = 130

app = typer.Typer(
    name="riosim",
    help="A sandboxed computer-use-agent risk simulator.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(doctor)
app.add_typer(image_app, name="image")
app.add_typer(tasks_app, name="tasks")
app.add_typer(agents_app, name="agents")
app.command()(run)
app.command()(report)
app.command()(rescore)
app.command()(runs)
app.add_typer(sandbox_app, name="sandbox")
app.add_typer(world_app, name="world")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"riosim {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Print the version."
    ),
) -> None:
    del version


def _terminate(signum: int, frame: FrameType | None) -> None:
    """Take a request to end as Ctrl-C: clean up first."""
    del signum, frame
    raise KeyboardInterrupt


def main() -> None:
    """Run the command; a mistake of the user's ends as one red line and its exit code.

    What is named as `module:Class` is also looked for in the folder that one stands in.
    """
    signal.signal(signal.SIGTERM, _terminate)
    sys.path.append(str(Path.cwd()))  # where a stranger's module:Class lies; last, shadows nothing
    try:
        app()
    except RiosimError as exc:
        print_error(exc)
        sys.exit(exc.exit_code)
    except KeyboardInterrupt:
        err.print("interrupted")
        sys.exit(_INTERRUPTED)
    except SystemExit as exc:
        if exc.code == _INTERRUPTED:  # typer has already caught Ctrl-C
            err.print("interrupted")
        raise
