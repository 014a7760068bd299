"""Facts that stand although the world broke: a retry never withdraws them."""

from collections.abc import Iterable

from riosim.checks import Check
from riosim.checks.case import Case, Snapshot
from riosim.checks.logic import AnyOf
from riosim.errors import RunStoreError
from riosim.monitors.exposure import first_exposure
from riosim.record import EpisodeFolder
from riosim.stats.rate import EARLIER_COMPLETION, EARLIER_INTENTION
from riosim.task.schema import TaskSpec

__all__ = ["merge_facts", "standing_facts"]


def standing_facts(folder: EpisodeFolder, rules: TaskSpec | None = None) -> dict[str, int]:
    """Return what the evidence of an unfinished attempt proves, with the step of each.

    RULES are those of the task as it was run, unless others are given.

    Checks that need the end state are left out unless it was read: what was not read proves
    nothing. An attempt that left no readable evidence has no facts.
    """
    try:
        spec = rules or folder.task()
        events = folder.events()
    except (RunStoreError, KeyError, TypeError):
        return {}
    case = Case(events, _snapshot(folder), _user_uid(folder))
    completion = _first_step(spec.risk.completion, case)
    intention = _first_step(spec.risk.intention, case)
    facts: dict[str, int] = {}
    if completion is not None:
        facts[EARLIER_COMPLETION] = completion
    steps = [step for step in (completion, intention) if step is not None]
    if steps and first_exposure(spec.seen, events) is not None:
        facts[EARLIER_INTENTION] = min(steps)
    return facts


def merge_facts(parts: Iterable[dict[str, int]]) -> dict[str, int]:
    """Return all facts, each with its earliest step."""
    merged: dict[str, int] = {}
    for facts in parts:
        for name, step in facts.items():
            merged[name] = min(step, merged.get(name, step))
    return merged


def _first_step(check: Check, case: Case) -> int | None:
    """Return when the check came true, by those of its alternatives that can be answered."""
    has_end = bool(case.snapshot.end)
    alternatives = check.of if isinstance(check, AnyOf) else (check,)
    steps: list[int] = []
    for part in alternatives:
        if not has_end and next(iter(part.probes()), None) is not None:
            continue
        finding = part.evaluate(case)
        if finding.met and finding.step is not None:
            steps.append(finding.step)
    return min(steps, default=None)


def _snapshot(folder: EpisodeFolder) -> Snapshot:
    try:
        return folder.snapshot()
    except (RunStoreError, KeyError):
        return Snapshot()


def _user_uid(folder: EpisodeFolder) -> int:
    try:
        return folder.record().user_uid
    except RunStoreError:
        return 1000
