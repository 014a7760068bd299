"""`riosim doctor`: what this machine lacks."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text

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
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        for no_wrap in (True, True, False):
            table.add_column(no_wrap=no_wrap, overflow="fold")
        for check in found:
            sign, style = _SIGNS.get(check.status, (check.status, ""))
            table.add_row(plain(check.name), f"[{style}]{sign}[/]", _words(check))
        out.print(table)
    if any(check.status == "fail" for check in found):
        raise typer.Exit(1)


def _words(check: Any) -> Text:
    """Return what was found; where that is not enough, also what is needed and how to get it."""
    text = plain(check.found)
    if check.status != "ok":
        text.append_text(plain(f"\nneeded: {check.needed}"))
        if check.how:
            text.append_text(plain(f"\n{check.how}"))
    return text
