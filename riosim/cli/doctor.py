"""`riosim doctor`: what this machine lacks."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from riosim.cli.console import out, plain, print_json
from riosim.cli.option import AsJson
from riosim.registry import Registry

__all__ = ["doctor"]

_SIGNS: Final = {
    "ok": ("found", "green"),
    "warn": ("weak", "yellow"),
    "fail": ("wrong", "red"),
    "absent": ("missing", "yellow"),
}


def doctor(
    *,
    desktops: Annotated[int, typer.Option(min=1, help="Desktops that are to run at once.")] = 4,
    as_json: AsJson = False,
) -> None:
    """Look at this machine: what is found, what is needed, how to get it.

    Ends with 1 if something is wrong; what may be missing does not count.
    """
    checks: Callable[..., list[Any]] = Registry[Any]("tool")["doctor"]
    found = checks(n_desktops=desktops)
    if as_json:
        print_json([asdict(check) for check in found])
    else:
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for heading in ("", "", "found", "needed", "how to get it"):
            table.add_column(heading, overflow="fold")
        for check in found:
            sign, style = _SIGNS.get(check.status, (check.status, ""))
            table.add_row(
                plain(check.name),
                f"[{style}]{sign}[/]",
                plain(check.found),
                plain(check.needed),
                plain(check.how),
            )
        out.print(table)
    if any(check.status == "fail" for check in found):
        raise typer.Exit(1)
