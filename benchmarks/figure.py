"""A measured figure beside the target that it should reach."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

__all__ = ["Figure", "Size", "Tell", "figure_of", "quantile"]

Tell = Callable[[str], None]
"""Takes one line of progress."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: EFFORT 1 is all that the design asks for, 0 just enough to try it."""

    effort: float = 1.0

    def pick(self, full: int, least: int) -> int:
        """Return how often something is done."""
        return max(round(full * self.effort), least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the table; `target` is the most it may be, None where nothing was promised."""

    what: str
    value: float
    unit: Literal["ms", "s", "%", "MB", "GB", "per minute", "per second"]
    of: str  # the statistic: p50, p95, share, …
    n: int
    target: float | None = None
    note: str = ""
    samples: tuple[float, ...] = field(default=(), repr=False)

    @property
    def verdict(self) -> str:
        """Whether the target was reached."""
        if self.target is None:
            return ""
        return "met" if self.value <= self.target else "missed"

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {
            "what": self.what,
            "of": self.of,
            "value": self.value,
            "unit": self.unit,
            "n": self.n,
            "target": self.target,
            "verdict": self.verdict,
            "note": self.note,
            "samples": list(self.samples),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Build a figure from its stored form."""
        kept = {key: data[key] for key in ("what", "of", "value", "unit", "n", "target", "note")}
        return cls(**kept, samples=tuple(data["samples"]))


def figure_of(
    what: str,
    samples: Sequence[float],
    unit: Literal["ms", "s", "MB"],
    *,
    of: Literal["p50", "p95"] = "p50",
    target: float | None = None,
    note: str = "",
) -> Figure:
    """Return the median or the 95th percentile of what was measured."""
    return Figure(
        what=what,
        value=round(quantile(samples, 0.5 if of == "p50" else 0.95), 3),
        unit=unit,
        of=of,
        n=len(samples),
        target=target,
        note=note,
        samples=tuple(round(one, 3) for one in samples) if of == "p50" else (),
    )


def quantile(samples: Sequence[float], share: float) -> float:
    """Return the smallest sample that SHARE of all do not exceed.

    Raises:
        ValueError: There is no sample.
    """
    if not samples:
        raise ValueError("Nothing was measured.")
    return sorted(samples)[max(math.ceil(share * len(samples)) - 1, 0)]
