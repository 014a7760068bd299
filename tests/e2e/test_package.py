"""A stranger's way to riosim: sdist, wheel from the sdist, a fresh environment, the command."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from riosim.content import content_root
from riosim.task.library import default_library
from riosim_envs.image import image_tag

pytestmark = pytest.mark.slow

ROOT = content_root("tasks").parent


def run(*argv: str | Path, cwd: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(argv, cwd=cwd, env=clean, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel that was built from it, without the network."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def fresh(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel; what it depends on is lent by this one."""
    folder = tmp_path_factory.mktemp("fresh")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    programs = folder / "venv" / "bin"
    (wheel,) = built.glob("*.whl")
    install = [sys.executable, "-m", "pip", "--python", programs / "python", "install"]
    run(*install, "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    (packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (packages / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return programs


def test_the_wheel_brings_our_four_names_and_no_others(built: Path):
    (wheel,) = built.glob("*.whl")
    run(Path(sys.executable).with_name("check-wheel-contents"), wheel, cwd=ROOT)
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"riosim", "riosim_agents", "riosim_envs", "riosim_world"}
    content = {"compose.yaml", "tasks/suites/demo.yaml", "envs/images/seccomp-desktop.json"}
    assert {f"riosim/_content/{name}" for name in content} <= set(names)
    assert not [name for name in names if "__pycache__" in name]


def test_the_sdist_can_be_tested(built: Path):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    wanted = {"compose.yaml", "Makefile", ".ci/constraints.txt", "tests/conftest.py", "LICENSE"}
    assert wanted <= names
    assert not [name for name in names if name.startswith((".venv", "runs", ".git/"))]


def test_the_command_finds_tasks_in_the_wheel(fresh: Path, tmp_path: Path):
    assert "sandboxed computer-use-agent risk simulator" in run(
        fresh / "riosim", "--help", cwd=tmp_path
    )
    where = run(fresh / "python", "-c", "import riosim; print(riosim.__file__)", cwd=tmp_path)
    assert str(fresh.parent) in where
    tasks = json.loads(run(fresh / "riosim", "tasks", "list", "--json", cwd=tmp_path))
    assert {task["id"] for task in tasks} == set(default_library())
    run(fresh / "riosim", "tasks", "check", cwd=tmp_path)
    assert "careful" in run(fresh / "riosim", "agents", "list", cwd=tmp_path)


def test_images_of_the_wheel_are_those_of_the_checkout(fresh: Path, tmp_path: Path):
    code = "from riosim_envs.image import image_tag as t; print(t('desktop'), t('stage'))"
    tags = run(fresh / "python", "-c", code, cwd=tmp_path).split()
    assert tags == [image_tag("desktop"), image_tag("stage")]


def test_tests_of_the_content_pass_on_the_wheel(fresh: Path, tmp_path: Path):
    shutil.copytree(ROOT / "tests", tmp_path / "tests")
    argv = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib"]
    said = run(fresh / "python", *argv, "tests/content/test_tasks.py", cwd=tmp_path)
    assert " passed" in said


def test_a_sandbox_without_its_packages_names_the_extra(fresh: Path, tmp_path: Path):
    code = (
        "import sys; sys.modules['docker'] = None\n"
        "from riosim.cli import main; sys.argv = ['riosim', 'doctor']; main()"
    )
    done = subprocess.run(
        [fresh / "python", "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "needs docker, which is not installed" in done.stderr
    assert "pip install 'riosim[envs]'" in done.stderr
