"""What images need from outside is fetched by the host's tools, or said to be missing."""

import shutil
from pathlib import Path

import pytest

from riosim.errors import SandboxError, UsageError
from riosim_envs.image_sources import bootstrap_base, fetch_node_packages


def _quiet(line: str) -> None:
    del line


def _program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    path = tmp_path / "packages.txt"
    path.write_text("# a comment\ncode-server@1.2.3\n")
    return path


def test_a_machine_without_npm_is_told_to_install_it(pins: Path) -> None:
    with pytest.raises(UsageError, match="apt-get install npm"):
        fetch_node_packages(pins, on_progress=_quiet)


def test_a_machine_without_mmdebstrap_is_told_to_install_it(pins: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="apt-get install mmdebstrap"):
        bootstrap_base(tmp_path / "root.tar", on_progress=_quiet)


def test_a_fetch_that_fails_says_why_and_leaves_nothing_in_the_cache(
    pins: Path, tmp_path: Path
) -> None:
    _program(tmp_path / "bin", "npm", "echo no such package >&2; exit 3")
    with pytest.raises(SandboxError, match=r"status 3.*no such package"):
        fetch_node_packages(pins, on_progress=_quiet)
    assert list((tmp_path / "cache" / "riosim" / "node").iterdir()) == []


def test_what_was_fetched_once_is_not_fetched_again(pins: Path, tmp_path: Path) -> None:
    code = "node_modules/code-server/lib/vscode/extensions"
    mkdir = shutil.which("mkdir", path="/usr/bin:/bin")
    _program(tmp_path / "bin", "npm", f'[ "$2" != --prefix ] || {mkdir} -p "$3/{code}"')
    first = fetch_node_packages(pins, on_progress=_quiet)
    assert (first / "code-server").is_dir()
    (tmp_path / "bin" / "npm").unlink()
    said: list[str] = []
    assert fetch_node_packages(pins, on_progress=said.append) == first
    assert "cached" in said[0]
