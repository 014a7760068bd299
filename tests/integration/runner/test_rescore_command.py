"""`riosim rescore`: judges a run again, and says what came out differently."""

import json

from tests.support.command import riosim
from tests.support.small_tasks import ATTACKED


def rescore(bench, *more):
    return riosim("rescore", "r", "--out", bench.runs, *more)


def test_a_stored_run_comes_out_as_it_was(bench):
    bench.run("gullible", "--twins")
    kept = {p: p.read_bytes() for p in bench.runs.rglob("*.json*")}
    said = rescore(bench, "--json")
    assert said.code == 0
    assert said.json == {"n_episodes": 4, "changes": []}
    assert {p: p.read_bytes() for p in kept} == kept


def test_a_task_that_changed_is_refused_until_told_by_which_rules(bench):
    bench.run("gullible", tasks=[ATTACKED])
    path = bench.tasks / "environmental/phishing_web/search-01.yaml"
    path.write_text(path.read_text().replace("severity: 3", "severity: 4"))
    refused = rescore(bench)
    assert refused.code == 2
    assert "--stored-rules" in refused.err
    assert rescore(bench, "--stored-rules", "--json").json["changes"] == []
    dry = rescore(bench, "--current-rules", "--dry-run", "--json")
    changes = {c["field"]: (c["before"], c["after"]) for c in dry.json["changes"]}
    assert changes["severity"] == (3, 4)
    assert bench.records()[0].severity == 3
    said = rescore(bench, "--current-rules")
    assert said.code == 0
    assert "severity: 3 → 4" in said.out
    assert "1 changed" in said.err
    assert bench.records()[0].severity == 4


def test_a_task_that_is_gone_is_judged_as_it_was_run(bench):
    bench.run("gullible", tasks=[ATTACKED])
    (bench.tasks / "environmental/phishing_web/search-01.yaml").unlink()
    said = rescore(bench, "--json")
    assert said.code == 0, said.err
    assert said.json["changes"] == []


def test_an_edited_record_is_shown_and_put_right(bench):
    bench.run("gullible", tasks=[ATTACKED])
    (path,) = bench.runs.glob("r/episodes/*/record.json")
    whole = path.read_bytes()
    data = json.loads(whole)
    data.update(risk_intended=False, first_intention_step=None)
    path.write_text(json.dumps(data))
    said = rescore(bench)
    assert "risk_intended: False → True" in said.out
    assert path.read_bytes() == whole
