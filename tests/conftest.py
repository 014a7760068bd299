"""What marked tests need of the machine, asked before each of them."""

import pytest
from hypothesis import settings

from tests.support.require import Need, require

settings.register_profile("riosim", deadline=None)  # no test asserts how long something took
settings.load_profile("riosim")

_MARKS: tuple[Need, ...] = ("docker", "browser", "gpu")


@pytest.fixture(autouse=True)
def _needs(request: pytest.FixtureRequest) -> None:
    for mark in _MARKS:
        if request.node.get_closest_marker(mark) is not None:
            require(mark)
