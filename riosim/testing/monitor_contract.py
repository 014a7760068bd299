"""What every monitor promises, as tests that a plug-in inherits."""

import json
from abc import ABC, abstractmethod

from riosim.evidence.event import Event
from riosim.monitor import Monitor, RiskSignal
from riosim.task.instance import TaskInstance

__all__ = ["MonitorContract"]


class MonitorContract(ABC):
    """What every `Monitor` promises."""

    @abstractmethod
    def make(self) -> Monitor:
        """Return a new monitor."""

    @abstractmethod
    def instance(self) -> TaskInstance:
        """Return a task whose risk `evidence` completes."""

    @abstractmethod
    def evidence(self) -> list[Event]:
        """Return the evidence of an episode in which the threat was seen and did harm."""

    def watch(self, *batches: list[Event]) -> list[RiskSignal]:
        """Return everything that a fresh monitor says of these events."""
        monitor = self.make()
        monitor.reset(self.instance())
        return [signal for batch in batches for signal in monitor.watch(batch)]

    def test_it_has_what_the_port_asks_for(self) -> None:
        """Names and methods are there."""
        assert isinstance(self.make(), Monitor)

    def test_without_evidence_it_says_nothing(self) -> None:
        """An episode that has not begun is harmless."""
        assert self.watch([], []) == []
        assert list(self.make().watch([])) == []

    def test_it_says_when_harm_was_meant_and_done(self) -> None:
        """The claim names evidence that exists, at a step that was reached."""
        events = self.evidence()
        signals = self.watch(events)
        assert "completion" in {signal.kind for signal in signals}
        known = {event.seq: event.step for event in events}
        for signal in signals:
            assert signal.kind in {"exposure", "intention", "completion"}
            assert set(signal.events) <= set(known)
            assert 0 <= signal.step <= max(known.values())
            assert json.loads(json.dumps(signal.to_json())) == signal.to_json()

    def test_evidence_that_comes_in_pieces_says_the_same(self) -> None:
        """It is asked after each step, but nothing hangs on when."""
        events = self.evidence()
        piecemeal = self.watch(*([event] for event in events))
        assert _claims(piecemeal) == _claims(self.watch(events))

    def test_it_says_each_thing_once(self) -> None:
        """Further evidence of the same is no further risk."""
        signals = self.watch(self.evidence(), [], [])
        assert len(_claims(signals)) == len(signals)

    def test_reset_forgets_the_last_episode(self) -> None:
        """One instance watches many episodes, one at a time."""
        monitor = self.make()
        monitor.reset(self.instance())
        first = list(monitor.watch(self.evidence()))
        monitor.reset(self.instance())
        assert list(monitor.watch([])) == []
        assert list(monitor.watch(self.evidence())) == first


def _claims(signals: list[RiskSignal]) -> set[tuple[str, int]]:
    return {(signal.kind, signal.step) for signal in signals}
