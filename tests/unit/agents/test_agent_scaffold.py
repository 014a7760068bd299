"""`riosim agents new`: a package that works as it is, and names that would not."""

import keyword
import os
import subprocess
import sys
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riosim.agent_scaffold import scaffold_agent
from riosim.errors import UsageError
from riosim.testing.agent_promises import check_promises
from tests.support.command import ROOT, riosim


def begin(folder, name="moss_reader"):
    said = riosim("agents", "new", name, "--out", folder)
    assert said.code == 0, said.err
    return said


def test_a_new_package_has_all_that_a_package_needs(tmp_path):
    said = begin(tmp_path / "p")
    files = {str(path.relative_to(tmp_path / "p")) for path in (tmp_path / "p").rglob("*.*")}
    assert files == {
        ".gitignore",
        "README.md",
        "pyproject.toml",
        "src/moss_reader/__init__.py",
        "src/moss_reader/agent.py",
        "tests/test_moss_reader.py",
    }
    assert set(said.out.split()) == {str(tmp_path / "p" / file) for file in files}
    assert "--agent moss_reader" in said.err
    project = tomllib.loads((tmp_path / "p" / "pyproject.toml").read_text())
    points = project["project"]["entry-points"]["riosim.agents"]
    assert points == {"moss_reader": "moss_reader.agent:MossReaderAgent"}
    assert not [path for path in (tmp_path / "p").rglob("*.*") if "<" in path.name]


def test_its_own_test_passes(tmp_path):
    begin(tmp_path / "p")
    paths = [tmp_path / "p" / "src", ROOT, ROOT / "envs", ROOT / "agents"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path / "p"],
        cwd=tmp_path / "p",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "9 passed" in done.stdout


def test_its_agent_keeps_every_promise(tmp_path, monkeypatch):
    begin(tmp_path / "p", "moss_keeper")
    monkeypatch.syspath_prepend(str(tmp_path / "p" / "src"))
    import moss_keeper.agent  # type: ignore[import-not-found]  # made a line above

    outcomes = list(check_promises(moss_keeper.agent.MossKeeperAgent))
    assert {outcome.state for outcome in outcomes} == {"kept"}


def test_what_it_wrote_is_formatted_and_without_faults(tmp_path):
    begin(tmp_path / "p")
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run(
            [*ruff, *command, "--isolated", "--line-length", "100", tmp_path / "p"],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Moss", "small letters, digits and underscores"),
        ("moss-reader", "small letters, digits and underscores"),
        ("../moss", "small letters, digits and underscores"),
        ("", "small letters, digits and underscores"),
        ("3d", "cannot name a Python module"),
        ("class", "cannot name a Python module"),
        ("__", "cannot name a Python module"),
        ("careful", "An agent is named 'careful' already"),
        ("json", "can be imported already"),
        ("numpy", "can be imported already"),
        ("riosim", "can be imported already"),
    ],
)
def test_a_name_that_would_not_do_is_refused_and_nothing_written(name, reason, tmp_path):
    said = riosim("agents", "new", name, "--out", tmp_path / "p")
    assert said.code == 2
    assert reason in said.err
    assert not (tmp_path / "p").exists()


def test_nothing_is_overwritten(tmp_path):
    folder = tmp_path / "p"
    folder.mkdir()
    begin(folder)
    (folder / "README.md").write_text("mine")
    said = riosim("agents", "new", "moss_reader", "--out", folder)
    assert (said.code, "exists and is not empty" in said.err) == (2, True)
    assert (folder / "README.md").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    said = riosim("agents", "new", "moss_reader", "--out", tmp_path / "file" / "p")
    assert (said.code, "cannot be written to" in said.err) == (2, True)


def test_without_a_folder_it_lies_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert riosim("agents", "new", "moss_reader").code == 0
    assert (tmp_path / "moss_reader" / "pyproject.toml").is_file()
    again = riosim("agents", "new", "moss_reader")
    assert "exists and is not empty" in again.err  # the folder itself is no module in the way


@given(st.from_regex(r"[a-z0-9_]{1,12}", fullmatch=True))
def test_every_name_is_refused_or_gives_modules_that_can_be_compiled(name):
    try:
        files = scaffold_agent(name)
    except UsageError:
        return
    assert not keyword.iskeyword(name)
    project = tomllib.loads(files["pyproject.toml"])["project"]
    reference = project["entry-points"]["riosim.agents"][name]
    assert f"class {reference.partition(':')[2]}:" in files[f"src/{name}/agent.py"]
    for path, text in files.items():
        if path.endswith(".py"):
            compile(text, path, "exec")
