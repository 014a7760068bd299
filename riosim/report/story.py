"""One episode as it is told in a report: its steps, what was seen, said and done, the evidence."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from riosim.errors import RunStoreError
from riosim.evidence.event import Event
from riosim.printable import printable
from riosim.record import EpisodeFolder, EpisodeRecord
from riosim.report.picture import PictureBook, same_picture

__all__ = ["Scene", "Story", "frames_by_weight", "tell"]

_TEXT_CHARS: Final = 4_000
_EVENT_CHARS: Final = 600
_QUIET: Final = frozenset({"screen.observed", "screen.unlooked", "action.performed"})


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of evidence behind a claim."""

    seq: int
    kind: str
    actor: str
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a rule says: exposure, intention, completion or the goal, and why."""

    kind: str
    note: str
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """One decision: what was shown before it, what was thought and done, what came of it.

    `recorded` is what the agent adds to the record: the model that answered, sampling, limits met.
    """

    step: int
    picture: str | None
    is_unchanged: bool
    url: str
    action: str
    arguments: str
    thought: str
    error: str
    recorded: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One episode; `run` names the run that it belongs to."""

    run: str
    record: EpisodeRecord
    instruction: str
    risk_goal: str
    cue: str
    scenes: tuple[Scene, ...]
    last_picture: str | None
    verdict: tuple[Claim, ...]
    problem: str = ""


def frames_by_weight(folder: EpisodeFolder, record: EpisodeRecord) -> tuple[list[Path], list[Path]]:
    """Return the frames that matter most (around risk signals, first and last), and the rest."""
    numbers = range(record.n_steps + 1)
    told = {int(signal["step"]) for signal in record.signals}
    told |= {step for step in (record.first_completion_step, record.first_intention_step) if step}
    first = {0, record.n_steps} | {max(0, step - 1) for step in told} | told
    weighty = [folder.frame_path(n) for n in numbers if n in first]
    rest = [folder.frame_path(n) for n in numbers if n not in first]
    return weighty, rest


def tell(
    folder: EpisodeFolder, record: EpisodeRecord, book: PictureBook, *, run: str = ""
) -> Story:
    """Return the episode's story; damaged files make it shorter, never fail it."""
    try:
        events = {event.seq: event for event in folder.events()}
        steps = folder.steps()
        task = folder.task()
        problem = ""
    except RunStoreError as exc:
        events, steps, task, problem = {}, [], None, printable(exc, max_chars=400)
    claims = _claims_by_step(record, events)
    urls = {
        event.step: str(event.data["url"] or "")
        for event in events.values()
        if event.kind == "screen.observed"
    }
    return Story(
        run=run,
        record=record,
        instruction=printable(task.instruction, max_chars=_TEXT_CHARS) if task else "",
        risk_goal=printable(task.risk.goal, max_chars=_TEXT_CHARS) if task else "",
        cue=printable(task.cue, max_chars=_TEXT_CHARS) if task else "",
        scenes=tuple(_scene(folder, row, claims, urls, book) for row in steps),
        last_picture=book.address(folder.frame_path(record.n_steps)),
        verdict=tuple(
            Claim(name, printable(str(f.get("note") or ""), max_chars=400), _proofs(f, events))
            for name, f in record.findings.items()
            if f.get("met")
        ),
        problem=problem,
    )


def _scene(
    folder: EpisodeFolder,
    row: Mapping[str, Any],
    claims: Mapping[int, list[Claim]],
    urls: Mapping[int, str],
    book: PictureBook,
) -> Scene:
    step = int(row.get("step", 0))
    action = dict(row.get("action") or {})
    kind = str(action.pop("kind", "?"))
    before = folder.frame_path(step - 1)
    is_unchanged = step > 1 and same_picture(before, folder.frame_path(step - 2))
    return Scene(
        step=step,
        picture=None if is_unchanged else book.address(before),
        is_unchanged=is_unchanged,
        url=printable(urls.get(step - 1, ""), max_chars=300),
        action=printable(kind, max_chars=40),
        arguments=printable(_arguments(action), max_chars=_TEXT_CHARS),
        thought=printable(row.get("thought") or "", max_chars=_TEXT_CHARS),
        error=printable(row.get("error") or "", max_chars=_TEXT_CHARS),
        recorded=printable(_recorded(row), max_chars=_TEXT_CHARS),
        claims=tuple(claims.get(step, ())),
    )


def _recorded(row: Mapping[str, Any]) -> str:
    """Return tokens, money and the agent's own facts, a line each; empty if there are none."""
    facts = {name: value for name, value in dict(row.get("usage") or {}).items() if value}
    extra = row.get("extra")
    facts |= extra if isinstance(extra, Mapping) else {}
    return "\n".join(f"{name}: {_short(value)}" for name, value in facts.items())


def _arguments(action: Mapping[str, Any]) -> str:
    """Return the action's arguments, one text alone without its key."""
    shown = {key: value for key, value in action.items() if value not in (None, [], (), "left", 1)}
    if len(shown) == 1:
        value = next(iter(shown.values()))
        if isinstance(value, str):
            return value
    return ", ".join(f"{key} {_short(value)}" for key, value in shown.items())


def _short(value: Any) -> str:
    if isinstance(value, Mapping) and set(value) == {"x", "y"}:
        return f"({value['x']}, {value['y']})"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _claims_by_step(record: EpisodeRecord, events: Mapping[int, Event]) -> dict[int, list[Claim]]:
    """Return what the rules said while it was played; exposure at step 0 is told with step 1."""
    by_step: dict[int, list[Claim]] = {}
    for signal in record.signals:
        note = printable(signal.get("note") or "", max_chars=400)
        claim = Claim(printable(signal["kind"], max_chars=40), note, _proofs(signal, events))
        by_step.setdefault(max(1, int(signal["step"])), []).append(claim)
    return by_step


def _proofs(claim: Mapping[str, Any], events: Mapping[int, Event]) -> tuple[Proof, ...]:
    numbers: Iterable[int] = (int(seq) for seq in claim.get("events") or ())
    return tuple(_proof(events[seq]) for seq in numbers if seq in events)


def _proof(event: Event) -> Proof:
    shown = {key: value for key, value in event.data.items() if value not in (None, "", [], {})}
    if event.kind in _QUIET:
        shown = {key: shown[key] for key in ("url", "action") if key in shown}
    text = json.dumps(shown, ensure_ascii=False)
    return Proof(event.seq, event.kind, event.actor, printable(text, max_chars=_EVENT_CHARS))
