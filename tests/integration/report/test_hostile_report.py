"""The HTML report, opened from disk: whatever agents, tasks and models say is text in it."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from tests.support.command import riosim
from tests.support.screen_in_browser import browser_page
from tests.support.small_tasks import ASKED, ATTACKED, ENVIRONMENTAL, USER, write_tasks
from tests.support.worlds import HostileAgent

HOSTILE = HostileAgent.TEXT.replace("\ud800", "")
TAGS = "</script><img src=x onerror=alert(1)>"
FAKE = "riosim.testing.fakes:FakeSandbox"


def hostile_tasks(folder):
    """Write the small tasks with hostile text wherever a task has text."""
    texts = {}
    for name, text in (
        ("environmental/phishing_web/search-01", ENVIRONMENTAL.replace("TRIGGER", "start")),
        ("user/social_media/post-01", USER),
    ):
        data = yaml.safe_load(text)
        for key in ("label", "note", "cue", "reply"):
            data[key] = f"{HOSTILE} {key}"
        data["risk"]["goal"] = f"{HOSTILE} goal"
        if "instruction" in data:
            data["instruction"] = f"{TAGS} {{{{ 7*7 }}}} {{% raw %}} instruction"
        texts[name] = yaml.safe_dump(data).replace("${7*7}", "$(7*7)")
    return write_tasks(folder, **texts)


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """A report of three runs: by an agent that says code, one that raises code, a gullible one."""
    folder = tmp_path_factory.mktemp("report")
    tasks = hostile_tasks(folder / "tasks")
    for run, agent in (
        ("one", "tests.support.worlds:HostileAgent"),
        ("two", "gullible"),
        ("three", "tests.support.worlds:CrashingAgent"),
    ):
        said = riosim(
            "run", "--agent", agent, "--sandbox", FAKE, "--tasks-dir", tasks, "--no-own-tasks",
            "--task", "*", "--out", folder / "runs", "--id", run,
        )  # fmt: skip
        assert said.code == 0, said.err
    path = folder / "report.html"
    said = riosim("report", "one", "two", "three", "--out", folder / "runs", "--html", path)
    assert said.code == 0, said.err
    assert str(path) in "".join(said.err.split("\n"))
    return path


def test_the_file_is_plain_utf_8_without_control_characters(reported):
    text = reported.read_bytes().decode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


class Attributes(HTMLParser):
    """Collects each tag with its attributes, as a browser would see them."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found += [(tag, name, value or "") for name, value in attrs] or [(tag, "", "")]


def test_nothing_is_named_that_would_be_fetched(reported):
    found = Attributes(reported.read_text()).found
    assert not {tag for tag, _, _ in found} & {"link", "iframe", "object", "embed", "base", "form"}
    fetched = {value[:11] for _, name, value in found if name in {"src", "srcset", "action"}}
    assert fetched == {"data:image/"}
    assert not [value for _, name, value in found if name == "href" and not value.startswith("#")]
    assert not [name for _, name, _ in found if name.startswith("on")]


def test_the_data_is_inert_json_that_holds_every_record(reported):
    text = reported.read_text()
    (block,) = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert "<" not in block
    runs = json.loads(block)
    assert [run["manifest"]["run_id"] for run in runs] == ["one", "two", "three"]
    assert TAGS in runs[2]["episodes"][0]["reason"]
    assert {e["task_id"] for run in runs for e in run["episodes"]} == {ATTACKED, ASKED}


@pytest.mark.browser
def test_opened_from_disk_it_runs_no_script_of_others_and_asks_for_nothing(reported):
    requests: list[str] = []
    alarms: list[str] = []
    with browser_page() as page:
        page.on("request", lambda request: requests.append(request.url))
        page.on("dialog", lambda dialog: alarms.append(dialog.message))
        page.on("pageerror", lambda error: alarms.append(str(error)))
        page.on("console", lambda message: alarms.append(message.text))
        page.goto(reported.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        for button in page.get_by_role("button").all():
            if button.is_visible():
                button.click()
        policy = page.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content")
        handlers = page.evaluate(
            "[...document.querySelectorAll('*')].flatMap(one => one.getAttributeNames())"
            ".filter(name => name.startsWith('on'))"
        )
        shown = page.evaluate("document.body.textContent")
        recorded = page.locator("details", has_text="recorded by the agent").last.inner_text()
        data = page.evaluate("JSON.parse(document.getElementById('run-data').textContent)")
        scripts = page.evaluate("document.querySelectorAll('script:not([type])').length")
        images = page.evaluate("[...document.images].map(one => [one.src.slice(0, 11), one.width])")
        before = list(alarms)
        page.evaluate(  # as if something had got in: the page's own policy holds
            "() => { const one = document.createElement('script'); one.text = 'window.harm = 1';"
            " document.body.append(one); }"
        )
        harm = page.evaluate("window.harm")
    assert [url for url in requests if not url.startswith(("file://", "data:"))] == []
    assert len([url for url in requests if url.startswith("file://")]) == 1
    assert before == []
    assert harm is None
    assert "default-src 'none'" in str(policy)
    assert handlers == []
    assert scripts == 1
    assert TAGS in shown
    assert f"{TAGS[:20]}: {TAGS}" in recorded
    assert "{{ 7*7 }}{% raw %}" in shown
    assert images
    assert all(source.startswith("data:image/") for source, _ in images)
    assert len(data) == 3


def test_a_report_of_one_run_goes_into_its_folder_and_its_rates_to_stdout(reported):
    runs = reported.parent / "runs"
    said = riosim("report", "two", "--out", runs, "--json")
    assert said.code == 0
    total = next(row for row in said.json["rows"] if row["kind"] == "total")
    assert total["rates"]["completion"]["n_hits"] == 2
    assert (runs / "two/report.html").is_file()
    assert "wrote" in said.err
    table = riosim("report", "one", "two", "--out", runs, "--no-html")
    assert (table.code, "wrote" in table.err) == (0, False)
    assert not re.search("[\x00-\x08\x0b-\x1a\x1c-\x1f\u202e]", table.out)


def test_two_runs_of_one_name_keep_their_own_rates(reported, tmp_path):
    runs = reported.parent / "runs"
    shutil.copytree(runs / "three", tmp_path / "two")
    given = (runs / "two", tmp_path / "two", runs / "two")
    said = riosim("report", *given, "--no-html", "--json")
    assert [Path(run["run"]) for run in said.json] == [runs / "two", tmp_path / "two"]
    hits = [
        next(row for row in run["rows"] if row["kind"] == "total")["rates"]["completion"]["n_hits"]
        for run in said.json
    ]
    assert hits == [2, 0]


def test_pictures_can_be_left_out(reported, tmp_path):
    path = tmp_path / "small.html"
    runs = reported.parent / "runs"
    riosim("report", "two", "--out", runs, "--html", path, "--no-pictures")
    assert "data:image/" in reported.read_text()
    assert "data:image/" not in path.read_text()
    assert path.stat().st_size < reported.stat().st_size


@pytest.mark.parametrize("name", ["four", "../runs", "one/episodes"])
def test_a_run_that_is_not_there_is_named_with_those_that_are(reported, name):
    said = riosim("report", name, "--out", reported.parent / "runs")
    assert said.code == 2
    assert "one, three, two" in " ".join(said.err.split())


def test_a_damaged_record_is_named_and_no_half_report_is_left(reported, tmp_path):
    runs = tmp_path / "runs"
    shutil.copytree(reported.parent / "runs", runs)
    record = next(Path(runs, "two/episodes").glob("*/record.json"))
    record.write_text("{")
    said = riosim("report", "two", "--out", runs, "--html", tmp_path / "r.html")
    assert said.code == 2
    assert "record.json cannot be read" in "".join(said.err.split("\n"))
    assert not (tmp_path / "r.html").exists()
