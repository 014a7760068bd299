"""The build context's digest decides which images are current."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from riosim_envs.image_context import BuildContext


def _context(folder: Path) -> BuildContext:
    context = BuildContext()
    context.add_tree(folder, "lib")
    return context


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.py").write_text("a = 1\n")
    (tmp_path / "run").write_text("#!/bin/sh\n")
    (tmp_path / "run").chmod(0o755)
    return tmp_path


def test_the_same_files_have_the_same_digest_at_any_date(folder: Path) -> None:
    before = _context(folder).digest("parent")
    os.utime(folder / "sub" / "a.py", (1, 1))
    assert _context(folder).digest("parent") == before


@pytest.mark.parametrize("change", ["content", "name", "mode", "parent"])
def test_a_change_of_any_input_changes_the_digest(folder: Path, change: str) -> None:
    before = _context(folder).digest("parent")
    if change == "content":
        (folder / "sub" / "a.py").write_text("a = 2\n")
    elif change == "name":
        (folder / "sub" / "a.py").rename(folder / "sub" / "b.py")
    elif change == "mode":
        (folder / "run").chmod(0o644)
    parent = "another" if change == "parent" else "parent"
    assert _context(folder).digest(parent) != before


def test_caches_of_python_are_no_input(folder: Path) -> None:
    before = _context(folder).digest()
    (folder / "sub" / "__pycache__").mkdir()
    (folder / "sub" / "__pycache__" / "a.pyc").write_bytes(b"\0")
    assert _context(folder).digest() == before


def test_the_tar_holds_files_programs_links_and_what_is_added_outside_the_digest(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (folder / "link").symlink_to("run")
    wheels = tmp_path_factory.mktemp("wheels")
    (wheels / "x.whl").write_bytes(b"wheel")
    extra = BuildContext()
    extra.add_tree(wheels, "wheels")
    with _context(folder).open_tar(extra) as spool, tarfile.open(fileobj=spool) as tar:
        members = {member.name: member for member in tar}
        found = tar.extractfile("lib/sub/a.py")
        assert found is not None
        assert io.BytesIO(found.read()).getvalue() == b"a = 1\n"
    assert sorted(members) == ["lib/link", "lib/run", "lib/sub/a.py", "wheels/x.whl"]
    assert members["lib/run"].mode == 0o755
    assert members["lib/link"].linkname == "run"
