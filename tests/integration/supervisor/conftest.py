"""The desktop image under test: `RIOSIM_DESKTOP_IMAGE`, else the built one."""

import os
from collections.abc import Iterator

import pytest

from tests.integration.supervisor import desktop_machine
from tests.support.echo_image import real_image
from tests.support.require import require


@pytest.fixture(scope="session")
def image() -> str:
    require("docker")
    return os.environ.get("RIOSIM_DESKTOP_IMAGE") or real_image("desktop")


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
