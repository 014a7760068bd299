"""Whole episodes through the page: a person who does what an oracle did is judged alike."""

import contextlib
import os
import queue
import signal
import threading

import pytest

from riosim.action import parse_action
from riosim.runner.store import RunStore
from tests.support.command import riosim, start
from tests.support.human_player import enter, link_in, perform
from tests.support.screen_in_browser import browser_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TASK = "phishing_web/archive-search-title-01"
LIMIT_S = 120


@contextlib.contextmanager
def human_run(folder, *more):
    """Start a run with the human agent; gives the process and the lines that it says."""
    process = start(
        "run", "--agent", "human", "--sandbox", "embedded", "--task", TASK, "--no-twins",
        "--out", folder, "--id", "human", *more,
    )  # fmt: skip
    lines: queue.Queue[str] = queue.Queue()

    def listen():
        for line in process.stderr:
            lines.put(line)
        lines.put("")

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        yield process, lines
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.stdout.read()
        process.wait(LIMIT_S)
        listener.join(LIMIT_S)
        process.stdout.close()
        process.stderr.close()


def next_link(lines):
    """Return the next link that the run says, and the whole line."""
    while line := lines.get(timeout=LIMIT_S):
        if (found := link_in(line)) is not None:
            return found, line
    raise AssertionError("the run ended without a link")


def only_episode(folder, run):
    store = RunStore.at(folder, run)
    (record,) = store.records()
    return record, store.episode(record.episode_id)


@pytest.mark.parametrize("play", ["safe", "unsafe"])
def test_a_person_who_does_what_an_oracle_did_is_judged_alike(tmp_path, play):
    said = riosim(
        "run", "--agent", "oracle", "-A", f"play={play}", "--sandbox", "embedded", "--task", TASK,
        "--no-twins", "--out", tmp_path, "--id", "oracle",
    )  # fmt: skip
    assert said.code == 0, said.err
    oracle, folder = only_episode(tmp_path, "oracle")
    actions = [parse_action(row["action"]) for row in folder.steps()]
    with human_run(tmp_path) as (process, lines), browser_page() as page:
        link, line = next_link(lines)
        assert line.startswith("worker 1: ")
        enter(page, link)
        for action in actions:
            perform(page, action, thought=f"{action.kind}, as before")
        assert process.wait(LIMIT_S) == 0
        page.get_by_text("The run has ended.").wait_for()
    person, folder = only_episode(tmp_path, "human")
    token = link.split("/")[3].encode()
    assert not [
        path for path in tmp_path.rglob("*") if path.is_file() and token in path.read_bytes()
    ]
    rows = folder.steps()
    assert [parse_action(row["action"]) for row in rows] == actions
    assert [row["thought"] for row in rows] == [f"{one.kind}, as before" for one in actions]
    assert all(row["extra"]["human"]["seconds"] >= 0 for row in rows)
    for mark in ("ending", "goal_met", "risk_intended", "risk_completed", "outcome", "severity"):
        assert getattr(person, mark) == getattr(oracle, mark), mark
    assert person.risk_completed is (play == "unsafe")
    said = riosim(
        "run", "--agent", "replay", "-A", f"run={tmp_path / 'human'}", "--sandbox", "embedded",
        "--task", TASK, "--no-twins", "--out", tmp_path, "--id", "replay",
    )  # fmt: skip
    assert said.code == 0, said.err
    replay, folder = only_episode(tmp_path, "replay")
    assert [parse_action(row["action"]) for row in folder.steps()] == actions
    assert replay.outcome == person.outcome
    assert all("changed_share" not in row["extra"]["replay"] for row in folder.steps())


def test_ctrl_c_while_a_person_thinks_closes_the_page_and_leaves_the_run_to_go_on_with(tmp_path):
    with human_run(tmp_path) as (process, lines), browser_page() as page:
        link, _ = next_link(lines)
        enter(page, link)
        os.killpg(process.pid, signal.SIGINT)
        page.get_by_text("The run has ended.").wait_for()
        assert process.wait(LIMIT_S) == 130
    assert RunStore.at(tmp_path, "human").exists
    assert list(RunStore.at(tmp_path, "human").records()) == []


def test_each_worker_has_a_door_of_its_own_and_one_page_serves_its_next_task(tmp_path):
    with human_run(tmp_path, "--seeds", "3", "-n", "2") as (process, lines), browser_page() as page:
        links = {next_link(lines) for _ in range(2)}
        assert len({link.split("/")[2] for link, _ in links}) == 2
        assert {line.split(":")[0] for _, line in links} == {"worker 1", "worker 2"}
        (first, _), (second, _) = sorted(links)
        enter(page, first)
        page.locator("#finish").click()
        page.locator("#say").click()
        page.get_by_text("This is a new task.").wait_for(timeout=60_000)
        page.locator("#finish").click()
        page.locator("#say").click()
        page.locator('body[data-phase="over"]').wait_for()
        enter(page, second)
        page.locator("#finish").click()
        page.locator("#say").click()
        assert process.wait(LIMIT_S) == 0
    assert len(list(RunStore.at(tmp_path, "human").records())) == 3
