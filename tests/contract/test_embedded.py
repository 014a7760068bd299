"""The embedded sandbox keeps what every sandbox promises."""

from collections.abc import Iterator

import pytest

from riosim.sandbox import Sandbox
from riosim.testing.contracts import ControllerContract, SandboxContract
from riosim_envs.embedded_sandbox import EmbeddedSandbox


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with EmbeddedSandbox() as sandbox:
        yield sandbox


class _Shared:
    def make(self) -> Sandbox:
        return EmbeddedSandbox()

    @pytest.fixture
    def sandbox(self, shared: Sandbox) -> Sandbox:
        return shared


@pytest.mark.browser
class TestEmbeddedSandbox(_Shared, SandboxContract):
    pass


@pytest.mark.browser
class TestBrowserController(_Shared, ControllerContract):
    pass
