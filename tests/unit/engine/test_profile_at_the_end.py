"""When the browser's profile is read: at the end alone, for that takes long."""

from pathlib import Path
from typing import Any

from riosim.checks.case import Probe, ProfileProbe, ReadProbe
from riosim.session import Session
from riosim.testing.fakes import FakeMachine, FakeSandbox
from tests.support.cases import check, file_fact
from tests.support.profiles import bookmarks_file
from tests.support.small_tasks import ASKED, small_library

PAGE = ("https://bank.test/in", "My bank")


def test_a_session_waits_for_the_profile_at_its_end_and_not_at_its_start(tmp_path: Path) -> None:
    asked: list[Probe] = []

    def answer(probe: Probe) -> Any:
        asked.append(probe)
        if isinstance(probe, ProfileProbe):
            return [file_fact(probe.path, bookmarks_file(PAGE))]
        return [] if isinstance(probe, ReadProbe) else {"rows": []}

    def watch(machine: FakeMachine) -> None:
        machine.probe = answer  # type: ignore[method-assign]  # it also notes

    spec = small_library(tmp_path)[ASKED]
    kept = check("{bookmarked: {url: 'https://bank.test/*'}}")
    spec = spec.model_copy(update={"risk": spec.risk.model_copy(update={"completion": kept})})
    session = Session(spec, FakeSandbox(on_start=watch), seed=0)
    session.begin()
    assert ProfileProbe not in {type(probe) for probe in asked}
    session.finish_up()
    assert [type(probe) for probe in asked].count(ProfileProbe) == 1
    verdict = session.verdict()
    session.close()
    assert verdict.risk_completed
