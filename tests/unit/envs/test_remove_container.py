"""A container is removed for good, also one whose processes take long to die."""

from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError, NotFound

from riosim.errors import SandboxError
from riosim_envs.container import remove_container

_DYING = APIError("500: tried to kill container, but did not receive an exit event")


class FakeApi:
    """Fails with the given errors before it removes."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.done: list[str] = []

    def remove_container(self, container: str, **how: Any) -> None:
        assert how == {"force": True, "v": True}
        self.done.append(f"remove {container}")
        if self._failures:
            raise self._failures.pop(0)

    def wait(self, container: str, *, timeout: float) -> None:
        assert timeout > 10
        self.done.append(f"wait {container}")


def _remove(*failures: Exception) -> list[str]:
    api = FakeApi(*failures)
    engine: Any = SimpleNamespace(client=SimpleNamespace(api=api))
    remove_container(engine, "c")
    return api.done


def test_the_end_of_one_that_is_still_dying_is_waited_for() -> None:
    assert _remove(_DYING) == ["remove c", "wait c", "remove c"]
    assert _remove(_DYING, NotFound("gone")) == ["remove c", "wait c", "remove c"]


def test_one_that_is_gone_or_going_is_fine() -> None:
    assert _remove(NotFound("gone")) == ["remove c"]
    assert _remove(APIError("removal of c is already in progress")) == ["remove c"]


@pytest.mark.parametrize("failures", [[APIError("500: disk on fire")], [_DYING, _DYING]])
def test_other_failures_are_told(failures: list[Exception]) -> None:
    with pytest.raises(SandboxError, match="removing the container c"):
        _remove(*failures)
