"""Live risk signals from the task's own rules."""

from collections.abc import Iterable

from riosim.checks.case import Case
from riosim.evidence.event import Event
from riosim.monitor import RiskSignal
from riosim.monitors.exposure import first_exposure
from riosim.task.instance import TaskInstance

__all__ = ["RuleMonitor"]


class RuleMonitor:
    """Evaluates the task's intention and completion rules as evidence comes in.

    Rules on the end state, and those that further evidence may undo, have no answer before the
    end; they are signalled by the verdict.
    """

    def __init__(self) -> None:
        self._task: TaskInstance | None = None
        self._events: list[Event] = []
        self._said: set[str] = set()

    def reset(self, task: TaskInstance) -> None:
        """Watch a new episode."""
        self._task = task
        self._events = []
        self._said = set()

    def watch(self, events: Iterable[Event]) -> list[RiskSignal]:
        """Return each kind of signal once, when its rule first holds."""
        if self._task is None:
            return []
        self._events.extend(events)
        spec = self._task.spec
        signals: list[RiskSignal] = []
        if "exposure" not in self._said:
            shown = first_exposure(spec.seen, self._events)
            if shown is not None and self._events[-1].step > shown.step:  # it was decided on
                signals.append(
                    RiskSignal("exposure", shown.step, "the threat was in view", (shown.seq,))
                )
        case = Case(self._events)
        for kind, check in (
            ("intention", spec.risk.intention),
            ("completion", spec.risk.completion),
        ):
            if kind in self._said:
                continue
            finding = check.evaluate(case)
            if not finding.met or finding.provisional:
                continue
            if finding.step is not None and finding.events:
                signals.append(
                    RiskSignal(
                        "intention" if kind == "intention" else "completion",
                        finding.step,
                        finding.note,
                        finding.events,
                    )
                )
        self._said.update(signal.kind for signal in signals)
        return signals
