from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.stage.guest_on_stage import Stage
from tests.support.require import require


@pytest.fixture(scope="module")
def running_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage for all tests of a module."""
    require("docker")
    stage = Stage(_readable(tmp_path_factory.mktemp("stage")))
    try:
        stage.ask("start", width_px=1280, height_px=800)
        yield stage
    finally:
        stage.close()


@pytest.fixture
def stage(running_stage: Stage) -> Stage:
    """The module's stage with a fresh X server and no event yet."""
    running_stage.ask("reset")
    running_stage.events.clear()
    return running_stage


def _readable(folder: Path) -> Path:
    folder.chmod(0o755)
    for parent in folder.parents[:3]:
        if parent.stat().st_mode & 0o700 == 0o700 and parent.name.startswith("pytest-"):
            parent.chmod(0o755)
    return folder
