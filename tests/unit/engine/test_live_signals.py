"""What is signalled while an episode runs cannot be taken back, so it must be settled."""

from dataclasses import replace

import pytest

from riosim.monitors.rules import RuleMonitor
from tests.support.cases import Log, check
from tests.support.small_tasks import small_instance


def signals(tmp_path, rule: str) -> list[tuple[str, int]]:
    instance = small_instance(tmp_path)
    risk = instance.spec.risk.model_copy(
        update={"intention": check(rule), "completion": check("never")}
    )
    monitor = RuleMonitor()
    monitor.reset(replace(instance, spec=instance.spec.model_copy(update={"risk": risk})))
    return [(s.kind, s.step) for s in monitor.watch(Log().say("agent.asked", step=2).events)]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("asked", [("intention", 2)]),
        ("{all: [asked, {not: refused}]}", []),
        ("{any: [{all: [asked, {not: refused}]}, asked]}", [("intention", 2)]),
        ("{not: refused}", []),
    ],
)
def test_a_rule_that_further_evidence_may_undo_waits_for_the_end(tmp_path, rule, told):
    assert signals(tmp_path, rule) == told
