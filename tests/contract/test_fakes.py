"""The fake sandbox keeps what every sandbox promises."""

import pytest

from riosim.sandbox import Sandbox
from riosim.testing.contracts import ControllerContract, SandboxContract
from riosim.testing.fakes import FakeSandbox


class TestFakeSandbox(SandboxContract):
    def make(self) -> Sandbox:
        return FakeSandbox()


class TestFakeController(ControllerContract):
    def make(self) -> Sandbox:
        return FakeSandbox()


def test_the_fake_counts_what_is_open():
    sandbox = FakeSandbox()
    contract = TestFakeSandbox()
    contract.test_closing_twice_is_closing_once(sandbox)
    assert (sandbox.n_open, sandbox.n_started) == (0, 2)


@pytest.mark.parametrize("contract", [SandboxContract, ControllerContract])
def test_a_suite_cannot_be_used_without_something_to_test(contract):
    with pytest.raises(TypeError, match="make"):
        contract()
