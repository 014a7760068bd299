"""An engine and a slot for the tests of this folder, and a machine for those that need no more."""

from collections.abc import Iterator

import pytest

from riosim_envs.docker_machine import DockerMachine
from riosim_envs.docker_sandbox import DockerSandbox
from tests.support.docker_fixtures import engine, shared_slot, slot
from tests.support.machines import plan_for

__all__ = ["engine", "shared_slot", "slot"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DockerSandbox]:
    """A sandbox for all tests of a module, each of which starts its own machine."""
    with DockerSandbox(slots=1) as opened:
        yield opened


@pytest.fixture(scope="module")
def desktop(sandbox: DockerSandbox) -> Iterator[DockerMachine]:
    """A desktop with nothing open, for all tests of a module."""
    started = sandbox.start(plan_for("desktop"), lambda _: None)
    try:
        yield started
    finally:
        started.close()


@pytest.fixture(scope="module")
def bare() -> Iterator[DockerMachine]:
    """A machine with nothing open but the browser, for all tests of a module."""
    with DockerSandbox(slots=1) as sandbox:
        started = sandbox.start(plan_for("browser"), lambda _: None)
        try:
            yield started
        finally:
            started.close()
