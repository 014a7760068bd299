"""When a screen counts as still."""

from dataclasses import replace

import pytest

from riosim.clock import FakeClock
from riosim_envs import settle as module
from riosim_envs.settle import SettleSettings, crowding, settle
from riosim_envs.stage import Quiet

STILL = Quiet(n_requests=0, n_pages=0, since_damage_ms=1000.0, since_window_change_ms=1000.0)
SETTINGS = SettleSettings(look_s=0.01, timeout_s=2.0)


class Stage:
    """Draws for the last time at DRAWN_S on the clock; then still."""

    def __init__(self, clock: FakeClock, drawn_s: float, quiet: Quiet = STILL) -> None:
        self._clock, self._drawn_s, self._quiet = clock, drawn_s, quiet

    def quiet(self) -> Quiet:
        return replace(
            self._quiet, since_damage_ms=max(self._clock.now - self._drawn_s, 0.0) * 1000
        )


def waited(
    *, crowd: float = 1.0, quiet: Quiet = STILL, painted: bool = False
) -> tuple[bool, float]:
    clock = FakeClock()
    stage = Stage(clock, 0.1, quiet)
    result = settle(
        stage,
        None,
        settings=SETTINGS,
        clock=clock,
        crowd=lambda: crowd,
        has_painted=lambda: painted,
    )
    return result.still, result.waited_s


def test_it_waits_for_the_quiet_after_the_last_damage() -> None:
    still, waited_s = waited()
    assert still
    assert 0.13 <= waited_s < 0.16


def test_after_a_page_still_means_still_for_longer() -> None:
    still, waited_s = waited(painted=True)
    assert still
    assert 0.22 <= waited_s < 0.25


def test_on_a_crowded_machine_still_means_still_for_longer() -> None:
    still, waited_s = waited(crowd=5.0)
    assert still
    assert 0.25 <= waited_s < 0.28


@pytest.mark.parametrize("busy", [{"n_requests": 1}, {"n_pages": 1}, {"since_window_change_ms": 0}])
def test_what_is_under_way_is_awaited_until_the_limit(busy: dict[str, int]) -> None:
    still, waited_s = waited(quiet=replace(STILL, **busy))
    assert not still
    assert waited_s >= SETTINGS.timeout_s


@pytest.mark.parametrize(
    ("running", "expected"), [("1/300", 1.0), ("8/300", 2.0), ("999/9999", 8.0)]
)
def test_a_machine_is_crowded_by_what_wants_to_run(monkeypatch, tmp_path, running, expected):
    load = tmp_path / "loadavg"
    load.write_text(f"0.50 0.40 0.30 {running} 12345\n")
    monkeypatch.setattr(module, "_LOAD", load)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert crowding() == expected


def test_a_machine_that_tells_nothing_is_free(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_LOAD", tmp_path / "none")
    assert crowding() == 1.0
