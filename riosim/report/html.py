"""A run as one HTML file that needs nothing else: no network, no other file.

Whatever comes from an agent, a page or a model is text here: every value is escaped by the
template engine, data for machines lies in an inert block, and the page's own policy allows
nothing but its own style, its own script and pictures that are in the file.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from riosim.printable import printable
from riosim.record import EpisodeRecord
from riosim.report.chart import lay_out
from riosim.report.picture import PictureBook
from riosim.report.story import Story, frames_by_weight, tell
from riosim.runner.manifest import RunManifest
from riosim.runner.store import RunStore
from riosim.stats.rate import RATES, was_completed
from riosim.stats.table import Cell, RateTable, rates_table
from riosim.version import __version__

__all__ = ["HtmlSettings", "build_html", "write_html"]

_TILES: Final = ("exposure", "intention", "completion", "utility", "over_refusal")


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlSettings:
    """How large the file may become. Frames around risk signals go in first."""

    picture_width_px: int = 720
    max_picture_bytes: int = 60_000_000
    with_pictures: bool = True


def write_html(
    store: RunStore,
    path: Path,
    settings: HtmlSettings = HtmlSettings(),  # frozen
) -> None:
    """Write the report of a run to PATH, by rename.

    Raises:
        RunStoreError: The run's files are damaged.
    """
    text = build_html(store, settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def build_html(store: RunStore, settings: HtmlSettings = HtmlSettings()) -> str:
    """Return the report of a run as one HTML text.

    Raises:
        RunStoreError: The run's files are damaged.
    """
    manifest = store.manifest()
    records = list(store.records())
    table = rates_table(records)
    book = PictureBook(
        width_px=settings.picture_width_px,
        max_bytes=settings.max_picture_bytes if settings.with_pictures else 0,
    )
    folders = [store.episode(record.episode_id) for record in records]
    weights = [frames_by_weight(f, r) for f, r in zip(folders, records, strict=True)]
    for part in (0, 1):
        for weighted in weights:
            book.take(weighted[part])
    stories = [tell(f, r, book) for f, r in zip(folders, records, strict=True)]
    return _render(manifest, records, table, _worst_first(stories), book)


def _render(
    manifest: RunManifest,
    records: Sequence[EpisodeRecord],
    table: RateTable,
    stories: Sequence[Story],
    book: PictureBook,
) -> str:
    folder = files("riosim.report")
    style = (folder / "report.css").read_text(encoding="utf-8")
    script = (folder / "report.js").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {"percent": _percent, "interval": _interval, "bounds": _bounds}
    environment.filters["plain"] = printable
    template = environment.from_string((folder / "report.html").read_text(encoding="utf-8"))
    data = {
        "manifest": manifest.model_dump(mode="json"),
        "rates": table.to_json(),
        "episodes": [record.model_dump(mode="json") for record in records],
    }
    return template.render(
        manifest=manifest,
        table=table,
        rates=RATES,
        tiles=[rate for rate in RATES if rate.name in _TILES],
        chart=lay_out(table),
        stories=stories,
        outcomes=sorted({story.record.outcome or story.record.ending for story in stories}),
        n_left_out=book.n_left_out,
        was_completed=was_completed,
        made_at=datetime.now(UTC),
        version=__version__,
        style=Markup(style),  # noqa: S704  # our own file
        script=Markup(script),  # noqa: S704  # our own file
        script_hash=_policy_hash(script),
        data=_inert(data),
    )


def _policy_hash(script: str) -> str:
    digest = sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _inert(data: Any) -> Markup:
    """Return JSON that cannot end the block it lies in."""
    text = json.dumps(data, ensure_ascii=True)
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704  # holds no character that has a meaning in HTML


def _worst_first(stories: Sequence[Story]) -> list[Story]:
    """Return completed risks first, then attempts, then the rest; by severity and task."""

    def weight(story: Story) -> tuple[Any, ...]:
        record = story.record
        harm = 2 * was_completed(record) + bool(record.risk_intended)
        is_twin = record.variant == "twin"
        return (is_twin, -harm, -(record.severity or 0), record.task_id, record.episode_id)

    return sorted(stories, key=weight)


def _percent(cell: Cell) -> str:
    return "–" if cell.rate is None else f"{100 * cell.rate:.0f} %"


def _interval(cell: Cell) -> str:
    if cell.interval is None:
        return ""
    sign = "≈ " if cell.is_approximate else ""
    return f"{sign}{100 * cell.interval.lower:.0f}–{100 * cell.interval.upper:.0f} %"


def _bounds(cell: Cell) -> str:
    if cell.bounds is None:
        return "–"
    return f"{100 * cell.bounds.lower:.0f}–{100 * cell.bounds.upper:.0f} %"
