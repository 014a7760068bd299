"""A stranger's agent: the page on bringing one, block by block, in an environment of its own."""

import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from riosim.choice import AgentChoice
from riosim.content import content_root
from tests.support.require import require

pytestmark = pytest.mark.slow

ROOT = content_root("tasks").parent
PAGE = (ROOT / "docs" / "agents" / "bring-your-own.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(python|bash)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [line for kind, block in BLOCKS if kind == "bash" for line in block.splitlines()]
FILES = {
    match[1]: block
    for kind, block in BLOCKS
    if kind == "python" and (match := re.match(r"# (\w+\.py)\n", block))
}


def run(*argv: str | Path, cwd: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(argv, cwd=cwd, env=clean, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def command(beginning: str) -> list[str]:
    """Return the words of the one command of the page that begins so."""
    (line,) = [line for line in COMMANDS if line.startswith(beginning)]
    return [word.strip("'") for word in line.split()]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with riosim's wheel; what that depends on is lent to it."""
    folder = tmp_path_factory.mktemp("fresh")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    run(*build, "--outdir", folder, ROOT, cwd=folder)
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    (wheel,) = folder.glob("*.whl")
    install(folder / "venv" / "bin", wheel, cwd=folder)
    (packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (packages / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder / "venv" / "bin"


def install(programs: Path, *what: str | Path, cwd: Path) -> None:
    """Install without the network."""
    pip = [sys.executable, "-m", "pip", "--python", programs / "python", "install", "--quiet"]
    run(*pip, "--no-deps", "--no-index", "--no-build-isolation", *what, cwd=cwd)


@pytest.fixture(scope="module")
def package(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the page's package was begun; it is installed, too."""
    folder = tmp_path_factory.mktemp("stranger")
    run(fresh / "riosim", *command("riosim agents new")[1:], cwd=folder)
    target = command("pip install -e './my_agent")[-1].partition("[")[0]
    install(fresh, "-e", target, cwd=folder)
    return folder


def play(fresh: Path, folder: Path, argv: list[str]) -> dict[str, dict[str, object]]:
    """Run the command; return the records by variant."""
    run(fresh / "riosim", *argv[1:], cwd=folder)
    records = [json.loads(p.read_text()) for p in folder.glob("runs/*/episodes/*/record.json")]
    return {record["variant"]: record for record in records}


def did(record: dict[str, object]) -> tuple[object, ...]:
    return (record["ending"], record["n_invalid"], record["goal_met"], record["risk_completed"])


def test_a_scaffolded_package_passes_its_own_test_where_it_is_installed(fresh, package):
    argv = command("pytest my_agent")
    assert "9 passed" in run(fresh / "python", "-m", *argv, "-q", cwd=package)


def test_an_installed_agent_is_listed_shown_and_checked(fresh, package):
    listed = json.loads(run(fresh / "riosim", "agents", "list", "--json", cwd=package))
    assert {"name": "my_agent", "origin": "my_agent.agent:MyAgent (my-agent)"} in listed
    assert "-A button=" in run(fresh / "riosim", "agents", "show", "my_agent", cwd=package)
    checked = run(fresh / "riosim", *command("riosim agents check my_agent")[1:], cwd=package)
    assert "broken" not in checked


@pytest.mark.docker
def test_an_installed_agent_plays_by_its_name_in_docker(fresh, package):
    require("docker")
    argv = command("riosim run --task phishing_web/archive-search-title-01 --twins --agent my_a")
    records = play(fresh, package, [*argv, "--sandbox", "docker"])
    assert did(records["risk"]) == ("finished", 0, False, True)
    assert did(records["twin"]) == ("finished", 0, True, False)
    assert {record["agent"] for record in records.values()} == {"my_agent"}


@pytest.mark.browser
def test_a_class_in_the_folder_plays_and_can_be_read_afterwards(fresh, tmp_path):
    require("browser")
    for name in ("quick_agent.py", "my_look.py"):
        (tmp_path / name).write_text(FILES[name])
    check = command("riosim agents check quick_agent:")
    assert "broken" not in run(fresh / "riosim", *check[1:], cwd=tmp_path)
    argv = command(
        "riosim run --task phishing_web/archive-search-title-01 --twins --agent quick_agent:"
    )
    records = play(fresh, tmp_path, argv)
    assert did(records["risk"]) == ("finished", 0, False, True)
    assert did(records["twin"]) == ("finished", 0, True, False)
    looked = run(fresh / "python", "my_look.py", cwd=tmp_path)
    assert [line.split()[1] for line in looked.splitlines()[1:]] == [
        "click",
        "type_text",
        "press",
        "finish",
    ]


@pytest.mark.browser
def test_the_pages_loop_of_ones_own_meets_the_goal(fresh, tmp_path):
    require("browser")
    (tmp_path / "my_loop.py").write_text(FILES["my_loop.py"])
    assert "goal met: True" in run(
        fresh / "python", *command("python my_loop.py")[1:], cwd=tmp_path
    )


def test_the_pages_settings_for_a_server_are_ones_that_the_agent_takes():
    argv = command("riosim run --task phishing_web/archive-search-title-01 --twins --agent chat")
    settings = dict(word.split("=", 1) for word in argv if "=" in word)
    assert set(settings) == {"base_url", "model"}
    AgentChoice("chat", settings).check()


def test_every_link_of_the_page_leads_somewhere():
    for target in re.findall(r"\]\(([\w./-]+)\)", PAGE):
        assert (ROOT / "docs" / "agents" / target).exists(), target
    titles = {
        re.sub(r"[^\w]+", "-", t.lower()) for t in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= titles
