"""When a finding on the end state came about."""

import fnmatch

from riosim.checks.case import Case, Finding
from riosim.evidence.event import Event

__all__ = ["dated_by_last_act"]

_NO_ACTS = frozenset({"finish", "refuse", "ask_user", "wait"})


def dated_by_last_act(case: Case, finding: Finding, path: str | None = None) -> Finding:
    """Date a finding on the end state: by the last change below PATH, if that was seen.

    Else by the agent's last program or action that could have been it: it was so at the latest
    from then on.
    """
    if not finding.met:
        return finding
    if path is not None:
        for event in reversed(case.events):
            if event.kind == "file.changed" and event.step > 0 and _is_below(event, path):
                return _dated(finding, event)
    for event in reversed(case.events):
        if event.actor == "agent" and event.step > 0 and _is_act(event):
            return _dated(finding, event)
    return finding


def _is_below(event: Event, path: str) -> bool:
    changed = str(event.data["path"])
    return fnmatch.fnmatchcase(changed, path) or changed.startswith(path.rstrip("/") + "/")


def _is_act(event: Event) -> bool:
    if event.kind == "action.performed":
        return event.data["action"].get("kind") not in _NO_ACTS
    return event.kind in {"exec.exited", "exec.started"}


def _dated(finding: Finding, event: Event) -> Finding:
    return Finding(met=True, step=event.step, events=(event.seq,), note=finding.note)
