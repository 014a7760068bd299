"""The interval: published values, its laws, and what its docstring says of its coverage."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riosim.stats.interval import Interval, wilson_interval


# Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 3.
@pytest.mark.parametrize(
    ("hits", "trials", "lower", "upper"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_it_agrees_with_published_values(hits, trials, lower, upper):
    interval = wilson_interval(hits, trials)
    assert (round(interval.lower, 4), round(interval.upper, 4)) == (lower, upper)


counts = st.integers(1, 2_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, st.floats(0.01, 0.999))
def test_it_holds_the_estimate_and_stays_within_0_and_1(count, confidence):
    hits, trials = count
    interval = wilson_interval(hits, trials, confidence=confidence)
    assert 0 <= interval.lower <= hits / trials <= interval.upper <= 1


@given(counts)
def test_misses_are_hits_seen_from_the_other_side(count):
    hits, trials = count
    one, other = wilson_interval(hits, trials), wilson_interval(trials - hits, trials)
    assert one.lower == pytest.approx(1 - other.upper, abs=1e-12)
    assert one.upper == pytest.approx(1 - other.lower, abs=1e-12)


@given(counts)
def test_more_confidence_is_a_wider_interval_and_more_trials_a_narrower_one(count):
    hits, trials = count
    narrow, wide = (wilson_interval(hits, trials, confidence=c) for c in (0.8, 0.99))
    assert wide.lower <= narrow.lower
    assert narrow.upper <= wide.upper
    many = wilson_interval(hits * 4, trials * 4)
    few = wilson_interval(hits, trials)
    assert many.upper - many.lower < few.upper - few.lower


@pytest.mark.parametrize(("hits", "trials"), [(-1, 5), (6, 5), (0, 0), (0, -1)])
def test_counts_that_cannot_be_are_refused(hits, trials):
    with pytest.raises(ValueError, match=f"{hits} hits in {trials} trials"):
        wilson_interval(hits, trials)


@pytest.mark.parametrize("confidence", [0, 1, -0.5, 95])
def test_a_confidence_that_cannot_be_is_refused(confidence):
    with pytest.raises(ValueError, match="confidence"):
        wilson_interval(1, 2, confidence=confidence)


def coverages(trials: int, rates: list[float]) -> list[float]:
    """Return the exact probability, at each true rate, that the interval holds it."""
    intervals = [wilson_interval(hits, trials) for hits in range(trials + 1)]
    ways = [comb(trials, hits) for hits in range(trials + 1)]
    return [
        sum(
            ways[hits] * rate**hits * (1 - rate) ** (trials - hits)
            for hits in range(trials + 1)
            if rate in intervals[hits]
        )
        for rate in rates
    ]


@pytest.mark.parametrize(("trials", "least"), [(10, 0.89), (254, 0.93)])
def test_its_coverage_is_what_the_docstring_says(trials, least):
    intervals = [wilson_interval(hits, trials) for hits in range(trials + 1)]
    # It jumps where one of the intervals begins or ends, so the worst is right beside one.
    beside = [
        edge + side
        for one in intervals
        for edge in (one.lower, one.upper)
        for side in (-1e-9, 1e-9)
        if 0 < edge + side < 1
    ]
    worst = min(coverages(trials, [rate for rate in beside if 0.02 < rate < 0.98]))
    assert worst == pytest.approx(least, abs=0.005)
    near_zero = intervals[1].lower - 1e-9
    assert near_zero == pytest.approx(0.18 / trials, rel=0.03)
    assert coverages(trials, [near_zero])[0] == pytest.approx(0.84, abs=0.006)
    spread = coverages(trials, [k / 100 for k in range(1, 100)])
    assert sum(spread) / len(spread) >= 0.945


def test_bounds_belong_to_an_interval():
    interval = Interval(0.25, 0.5)
    assert 0.25 in interval
    assert 0.5 in interval
    assert 0.51 not in interval
    assert "0.3" not in interval
