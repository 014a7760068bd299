"""`riosim report`: what runs found."""

from pathlib import Path
from typing import Annotated

import typer

from riosim.cli.console import err, out, plain, print_json
from riosim.cli.option import AsJson, RunsFolder
from riosim.report.html import HtmlSettings, write_html
from riosim.report.terminal import RatesView, SideBySide
from riosim.runner.store import RunStore
from riosim.stats.table import rates_table

__all__ = ["report"]


def report(
    run: Annotated[
        list[str], typer.Argument(help="Run: its id or its folder; several are put side by side.")
    ],
    *,
    runs_folder: RunsFolder = Path("runs"),
    html: Annotated[
        Path | None,
        typer.Option(
            help="Where the HTML file goes; report.html in the (last) run's folder if left out."
        ),
    ] = None,
    with_html: Annotated[
        bool, typer.Option("--with-html/--no-html", help="Write the HTML file.")
    ] = True,
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Put screenshots into the HTML file.")
    ] = True,
    picture_width: Annotated[
        int, typer.Option(min=80, max=3840, help="Width of the screenshots, in pixels.")
    ] = 720,
    max_mb: Annotated[
        int, typer.Option(min=1, help="Room for screenshots in the HTML file, in megabytes.")
    ] = 60,
    as_json: AsJson = False,
) -> None:
    """Print the rates of runs and write one HTML file that holds everything."""
    stores = _distinct([RunStore.find(reference, runs_folder) for reference in run])
    tables = [rates_table(store.records()) for store in stores]
    if as_json:
        runs = [
            {"run": str(store.path), **table.to_json()}
            for store, table in zip(stores, tables, strict=True)
        ]
        print_json(runs[0] if len(runs) == 1 else runs)
    elif len(stores) == 1:
        out.print(RatesView(tables[0]))
    else:
        out.print(SideBySide(list(zip(_short_names(stores), tables, strict=True))))
    if not with_html:
        return
    path = html or stores[-1].path / "report.html"
    settings = HtmlSettings(
        picture_width_px=picture_width,
        max_picture_bytes=max_mb * 1_000_000,
        with_pictures=pictures,
    )
    write_html(stores, path, settings)
    err.print(plain(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB)"))


def _distinct(stores: list[RunStore]) -> list[RunStore]:
    """Return each run once, in the order in which they were named."""
    return list({store.path.resolve(): store for store in stores}.values())


def _short_names(stores: list[RunStore]) -> list[str]:
    """Return the runs' ids, or their whole paths where two have the same id."""
    ids = [store.path.name for store in stores]
    return ids if len(set(ids)) == len(ids) else [str(store.path) for store in stores]
