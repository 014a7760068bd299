"""`riosim image`: what the Docker sandbox is made of."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import typer

from riosim.cli.console import err, out, plain, print_json
from riosim.cli.option import AsJson
from riosim.printable import printable
from riosim.registry import Registry

__all__ = ["image_app"]

image_app = typer.Typer(help="Images of the Docker sandbox.", no_args_is_help=True)


@image_app.callback()
def _image() -> None:
    """Images of the Docker sandbox."""


@image_app.command("build")
def build(*, as_json: AsJson = False) -> None:
    """Build what is missing or of another version; takes minutes the first time."""
    build_images: Callable[..., list[Any]] = Registry[Any]("tool")["build_images"]
    done = build_images(
        on_progress=lambda line: err.print(printable(line), markup=False, style="dim")
    )
    if as_json:
        print_json([asdict(status) for status in done])
        return
    for status in done:
        size = f"{status.size_bytes / 1e6:.0f} MB" if status.size_bytes else "–"
        out.print(plain(f"{status.name:<14} {status.state:<8} {size:>9}  {status.tag}"))
