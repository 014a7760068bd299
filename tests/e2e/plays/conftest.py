"""A real sandbox for the plays of a module."""

import pytest

from riosim_envs.docker_sandbox import DockerSandbox
from riosim_envs.embedded_sandbox import EmbeddedSandbox


@pytest.fixture(scope="module")
def docker_sandbox():
    with DockerSandbox(slots=1) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def embedded_sandbox():
    with EmbeddedSandbox() as sandbox:
        yield sandbox
