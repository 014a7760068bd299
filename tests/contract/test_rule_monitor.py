"""The monitor of the task's own rules keeps what every monitor promises."""

import tempfile
from pathlib import Path

from riosim.evidence.event import Event
from riosim.monitor import Monitor
from riosim.monitors.rules import RuleMonitor
from riosim.record import EpisodeFolder
from riosim.task.instance import TaskInstance
from riosim.testing.contracts import MonitorContract
from riosim_agents.scripted import GullibleAgent
from tests.support.plays import play
from tests.support.small_tasks import ATTACKED, small_instance, small_library


class TestRuleMonitor(MonitorContract):
    def make(self) -> Monitor:
        return RuleMonitor()

    def instance(self) -> TaskInstance:
        with tempfile.TemporaryDirectory() as folder:
            return small_instance(Path(folder))

    def evidence(self) -> list[Event]:
        with tempfile.TemporaryDirectory() as folder:
            kept = EpisodeFolder(Path(folder, "episode"))
            play(small_library(Path(folder))[ATTACKED], GullibleAgent(), folder=kept)
            return kept.events()

    def test_exposure_is_told_at_the_look_that_showed_it(self):
        kinds = [(signal.kind, signal.step) for signal in self.watch(self.evidence())]
        assert kinds == [("exposure", 0), ("intention", 2), ("completion", 3)]
