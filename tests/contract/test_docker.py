"""The Docker sandbox keeps what every sandbox promises."""

from collections.abc import Iterator

import pytest

from riosim.sandbox import Sandbox
from riosim.testing.contracts import ControllerContract, SandboxContract
from riosim_envs.docker_sandbox import DockerSandbox


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with DockerSandbox(slots=1) as sandbox:
        yield sandbox


class _Shared:
    def make(self) -> Sandbox:
        return DockerSandbox(slots=1)

    @pytest.fixture
    def sandbox(self, shared: Sandbox) -> Sandbox:
        return shared


@pytest.mark.docker
class TestDockerSandbox(_Shared, SandboxContract):
    pass


@pytest.mark.docker
class TestDesktopController(_Shared, ControllerContract):
    pass
