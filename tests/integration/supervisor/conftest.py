"""The desktop image under test: `RIOSIM_DESKTOP_IMAGE`, else the built one."""

import os
from collections.abc import Iterator

import pytest
from docker.errors import DockerException

from tests.integration.supervisor import desktop_machine

_IMAGES = ("riosim/desktop:latest",)


@pytest.fixture(scope="session")
def image() -> str:
    wanted = os.environ.get("RIOSIM_DESKTOP_IMAGE")
    try:
        engine = desktop_machine.client()
    except DockerException as exc:
        pytest.skip(f"no Docker daemon answers: {exc}")
    try:
        present = {tag for found in engine.images.list() for tag in found.tags}
    finally:
        engine.close()
    for name in [wanted] if wanted else _IMAGES:
        if name in present or f"{name}:latest" in present:
            return str(name)
    pytest.skip(f"no desktop image is built: {wanted or ', '.join(_IMAGES)}")


@pytest.fixture(scope="module")
def shared(image: str) -> Iterator[desktop_machine.Machine]:
    """One started machine for tests that leave it as it was."""
    with desktop_machine.machine(image, start={}) as machine:
        yield machine


@pytest.fixture
def box(image: str) -> Iterator[desktop_machine.Machine]:
    """A started machine that the test may ruin."""
    with desktop_machine.machine(image, start={}) as machine:
        yield machine
