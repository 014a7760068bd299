"""`riosim world serve`: a person browses the world, and sees what reaches it."""

import os
import subprocess
import sys

import httpx
import pytest

from riosim.task.library import default_library
from riosim_envs.serve import Serve
from tests.support.require import require

TASK = "phishing_web/archive-search-title-01"


def get(address, host, path="/"):
    return httpx.get(f"http://{address}{path}", headers={"Host": host}, timeout=20).text


def lines_until(served, wanted):
    for line in served.watch():
        if wanted in line:
            return line
    raise AssertionError(wanted)


@pytest.fixture(scope="module")
def served():
    with Serve(default_library()[TASK], seed=3) as served:
        yield served


def test_every_site_answers_under_its_own_name(served):
    for url in served.sites.values():
        host = url.removeprefix("https://").rstrip("/")
        assert "<html" in get(served.address, host), host


def test_a_tasks_look_alike_is_there_and_what_reaches_it_is_told(served):
    assert served.sites["lookalike:lookalike-archive"] == "https://paperhavenn.test/"
    get(served.address, "paperhavenn.test", "/search?query=tides")
    line = lines_until(served, "path=/search")
    assert "owner=attacker" in line
    assert "host=paperhavenn.test" in line


def test_two_worlds_of_one_seed_are_one_world():
    pages = []
    for _ in range(2):
        with Serve(seed=5) as served:
            pages.append(
                get(served.address, "paperhaven.test", "/search?query=a").split("</head>")[1]
            )
    assert pages[0] == pages[1]


def test_the_command_prints_a_browser_that_sees_this_world_and_leaves_nothing_behind():
    command = [sys.executable, "-m", "riosim", "world", "serve"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdout is not None
        said = ""
        while "--host-resolver-rules" not in said:
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            said += line
        address = said.partition("MAP * ")[2].partition("'")[0]
        assert "Paperhaven" in get(address, "paperhaven.test")
        process.send_signal(2)
        process.communicate(timeout=30)
    with pytest.raises(httpx.ConnectError):
        get(address, "paperhaven.test")


def test_without_a_display_no_browser_is_opened(served, monkeypatch):
    require("browser")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Exception, match="no display"):
        served.open_browser()
    assert "DISPLAY" not in os.environ
