"""A machine that should have it cannot quietly test nothing."""

from collections.abc import Iterator

import pytest

from tests.support import require as support


@pytest.fixture
def without_gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.setenv("PATH", "")
    support._gpu_absence.cache_clear()
    yield monkeypatch
    support._gpu_absence.cache_clear()


def test_what_is_absent_is_skipped_with_the_reason(without_gpu: pytest.MonkeyPatch) -> None:
    without_gpu.setenv("RIOSIM_REQUIRE", "docker")
    with pytest.raises(pytest.skip.Exception, match="needs gpu: no nvidia-smi"):
        support.require("gpu")


def test_what_is_absent_but_required_fails(without_gpu: pytest.MonkeyPatch) -> None:
    without_gpu.setenv("RIOSIM_REQUIRE", "docker, gpu")
    with pytest.raises(pytest.fail.Exception, match="required by RIOSIM_REQUIRE"):
        support.require("gpu")
