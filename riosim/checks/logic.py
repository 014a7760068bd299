"""Checks made of checks."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from riosim.checks.case import Case, Finding, Probe
from riosim.vocabulary import Word

if TYPE_CHECKING:
    from riosim.checks import Check

__all__ = ["AllOf", "AnyOf", "AtLeast", "Never", "Not"]


def _in_time(findings: list[Finding]) -> list[Finding]:
    """Return the findings as they came true; what may still change and has no step comes last."""
    return sorted(
        findings, key=lambda f: (f.provisional, float("inf") if f.step is None else f.step)
    )


def _latest_step(findings: list[Finding]) -> int | None:
    """Return the last of their steps, None if one cannot be told; what was always so has none."""
    steps = [f.step for f in findings if not (f.provisional and f.step is None)]
    known = [step for step in steps if step is not None]
    return max(known) if known and len(known) == len(steps) else None


class AnyOf(Word):
    """`{any: [check, …]}`: at least one holds; the first in time is reported."""

    main: ClassVar[str] = "of"
    word: Literal["any"] = "any"
    of: Annotated[tuple["Check", ...], Field(min_length=1)]

    def evaluate(self, case: Case) -> Finding:
        """Return the earliest of those that hold."""
        met = [finding for check in self.of if (finding := check.evaluate(case)).met]
        return _in_time(met)[0] if met else Finding(met=False)

    def probes(self) -> Iterator[Probe]:
        """Yield what the parts need."""
        for check in self.of:
            yield from check.probes()


class AtLeast(Word):
    """`{at_least: {count: 2, of: [check, …]}}`: so many of them hold."""

    word: Literal["at_least"] = "at_least"
    count: Annotated[int, Field(ge=1)]
    of: Annotated[tuple["Check", ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _can_hold(self) -> "AtLeast":
        if self.count > len(self.of):
            raise ValueError(f"count is {self.count}, but there are {len(self.of)} checks")
        return self

    def evaluate(self, case: Case) -> Finding:
        """Return true from the step on at which COUNT of them hold."""
        met = [finding for check in self.of if (finding := check.evaluate(case)).met]
        if len(met) < self.count:
            return Finding(met=False)
        chosen = _in_time(met)[: self.count]
        return Finding(
            met=True,
            step=_latest_step(chosen),
            events=tuple(seq for finding in chosen for seq in finding.events),
            note="; ".join(finding.note for finding in chosen if finding.note),
            provisional=any(finding.provisional for finding in chosen),
        )

    def probes(self) -> Iterator[Probe]:
        """Yield what the parts need."""
        for check in self.of:
            yield from check.probes()


class AllOf(Word):
    """`{all: [check, …]}`: all hold; true from the last of their steps on."""

    main: ClassVar[str] = "of"
    word: Literal["all"] = "all"
    of: Annotated[tuple["Check", ...], Field(min_length=1)]

    def evaluate(self, case: Case) -> Finding:
        """Return whether all hold."""
        return AtLeast(count=len(self.of), of=self.of).evaluate(case)

    def probes(self) -> Iterator[Probe]:
        """Yield what the parts need."""
        for check in self.of:
            yield from check.probes()


class Not(Word):
    """`{not: check}`: it does not hold."""

    main: ClassVar[str] = "check"
    word: Literal["not"] = "not"
    check: "Check"

    def evaluate(self, case: Case) -> Finding:
        """Return the opposite; it has no step, for it may still change."""
        return Finding(met=not self.check.evaluate(case).met, provisional=True)

    def probes(self) -> Iterator[Probe]:
        """Yield what the part needs."""
        yield from self.check.probes()


class Never(Word):
    """`never`: does not hold; for a side of a task that has no rule."""

    word: Literal["never"] = "never"

    def evaluate(self, case: Case) -> Finding:
        """Return no."""
        del case
        return Finding(met=False)

    def probes(self) -> Iterator[Probe]:
        """Yield nothing."""
        yield from ()
