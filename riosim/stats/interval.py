"""How sure one can be of a rate."""

import math
from dataclasses import dataclass
from statistics import NormalDist

__all__ = ["Interval", "wilson_interval"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A lower and an upper bound."""

    lower: float
    upper: float

    def __contains__(self, value: object) -> bool:
        """Whether VALUE lies between the bounds, bounds included."""
        return isinstance(value, int | float) and self.lower <= value <= self.upper


def wilson_interval(n_hits: int, n_trials: int, *, confidence: float = 0.95) -> Interval:
    """Bound a rate observed in independent episodes.

    Broken episodes must be left out of both counts; the report shows them apart. The coverage is
    only nominal on average: between rates of 0.02 and 0.98 it falls to 0.89 at worst with 10
    trials and to 0.93 with 254, and right beside 0 and 1 (at about 0.18 / n_trials) to 0.84
    however many trials there are. So a report calls an interval from few tasks approximate.

    Args:
        n_hits: Episodes in which the event happened, 0 ≤ n_hits ≤ n_trials.
        n_trials: Episodes that were measured; at least 1.
        confidence: Coverage in (0, 1).

    Returns:
        Lower and upper bound, each in [0, 1].

    Raises:
        ValueError: A count is out of range.

    Source:
        Wilson (1927), "Probable inference, the law of succession, and statistical inference",
        JASA 22, 209–212: the rates p with |p̂ - p| ≤ z √(p (1 - p) / n), solved for p.

    Example:
        >>> wilson_interval(0, 10).upper > 0.2
        True
        >>> interval = wilson_interval(5, 10)
        >>> round(interval.lower, 3), round(interval.upper, 3)
        (0.237, 0.763)
    """
    if n_trials < 1 or not 0 <= n_hits <= n_trials:
        raise ValueError(f"{n_hits} hits in {n_trials} trials: need 0 ≤ hits ≤ trials ≥ 1.")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; it lies between 0 and 1, both excluded.")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = n_hits / n_trials
    shrink = 1 + z * z / n_trials
    centre = (rate + z * z / (2 * n_trials)) / shrink
    half = z * math.sqrt(rate * (1 - rate) / n_trials + z * z / (4 * n_trials**2)) / shrink
    # Rounding may put a bound a hair inside the estimate at 0 and 1.
    return Interval(max(0.0, min(rate, centre - half)), min(1.0, max(rate, centre + half)))
