"""Runs as one HTML file that needs nothing else: no network, no other file.

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
from riosim.report.chart import Chart, lay_out
from riosim.report.picture import PictureBook
from riosim.report.story import Story, frames_by_weight, tell
from riosim.runner.manifest import RunManifest
from riosim.runner.store import RunStore
from riosim.stats.rate import RATES, RateDefinition, was_completed
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the runs that a report tells of."""

    name: str
    manifest: RunManifest
    records: tuple[EpisodeRecord, ...]
    table: RateTable
    chart: Chart


def write_html(
    stores: Sequence[RunStore],
    path: Path,
    settings: HtmlSettings = HtmlSettings(),  # frozen
) -> None:
    """Write the report of some runs to PATH, by rename.

    Raises:
        RunStoreError: A run's files are damaged.
        UsageError: A run's episodes must not be counted together.
    """
    text = build_html(stores, settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def build_html(stores: Sequence[RunStore], settings: HtmlSettings = HtmlSettings()) -> str:
    """Return the report of some runs, side by side, as one HTML text.

    Each run has its own rates: they are compared, never mixed.

    Raises:
        RunStoreError: A run's files are damaged.
        UsageError: A run's episodes must not be counted together.
    """
    parts = _parts(stores)
    told = [
        (part, store.episode(record.episode_id), record)
        for store, part in zip(stores, parts, strict=True)
        for record in part.records
    ]
    book = PictureBook(
        width_px=settings.picture_width_px,
        max_bytes=settings.max_picture_bytes if settings.with_pictures else 0,
    )
    weights = [frames_by_weight(folder, record) for _, folder, record in told]
    for half in (0, 1):
        for weighted in weights:
            book.take(weighted[half])
    stories = [tell(folder, record, book, run=part.name) for part, folder, record in told]
    return _render(parts, _worst_first(stories), book)


def _parts(stores: Sequence[RunStore]) -> list[Part]:
    """Read the runs; each is called by its agent, or by its id where two have the same agent."""
    manifests = [store.manifest() for store in stores]
    agents = [manifest.agent.reference for manifest in manifests]
    parts = []
    for store, manifest in zip(stores, manifests, strict=True):
        records = tuple(store.records())
        table = rates_table(records)
        is_alone = agents.count(manifest.agent.reference) == 1
        name = manifest.agent.reference if is_alone else manifest.run_id
        parts.append(
            Part(
                name=printable(name, max_chars=80),
                manifest=manifest,
                records=records,
                table=table,
                chart=lay_out(table),
            )
        )
    return parts


def _render(parts: Sequence[Part], stories: Sequence[Story], book: PictureBook) -> str:
    folder = files("riosim.report")
    style = (folder / "report.css").read_text(encoding="utf-8")
    script = (folder / "report.js").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {"percent": _percent, "interval": _interval, "bounds": _bounds}
    environment.filters |= {"plain": printable, "tone": _tone}
    template = environment.from_string((folder / "report.html").read_text(encoding="utf-8"))
    data = [
        {
            "manifest": part.manifest.model_dump(mode="json"),
            "rates": part.table.to_json(),
            "episodes": [record.model_dump(mode="json") for record in part.records],
        }
        for part in parts
    ]
    return template.render(
        parts=parts,
        title=_title(parts),
        rates=RATES,
        tiles=[rate for rate in RATES if rate.name in _TILES],
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


def _title(parts: Sequence[Part]) -> str:
    """Return the run's id, or who is compared with whom."""
    if len(parts) == 1:
        return printable(parts[0].manifest.run_id, max_chars=160)
    return " · ".join(part.name for part in parts)


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


def _tone(cell: Cell, rate: RateDefinition) -> str:
    """Return how a rate is coloured: any harm is bad, and so is no use at all."""
    if rate.good is None or cell.rate is None:
        return "plain"
    if cell.n_hits == 0:
        return "bad" if rate.good else "good"
    return "good" if rate.good else "bad"


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
