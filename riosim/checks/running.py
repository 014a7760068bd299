"""Checks on what runs and what is installed on the desktop."""

import shlex
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any, Final, Literal

from pydantic import model_validator

from riosim.checks.case import Case, Finding, Probe, ProcessProbe, ReadProbe, decode_blob, matches
from riosim.checks.dating import dated_by_last_act
from riosim.checks.formats.dpkg import Package, packages
from riosim.vocabulary import Word

__all__ = ["PackageIs", "ProcessRuns"]

_STATUS: Final = "/var/lib/dpkg/status"
_SAME_START_NS: Final = 1_000_000_000  # no process number is used again so soon
_ABSENT: Final = "purged"


class ProcessRuns(Word):
    """`{process: {program: "nc*", args: ["-l*"]}}`: a program runs at the end, started meanwhile.

    With `running: false` it ran at the start and does not any more. `args` are shell patterns that
    must each fit an argument; `ran` tells of programs that have ended since.
    """

    word: Literal["process"] = "process"
    program: str
    args: tuple[str, ...] = ()
    as_root: bool | None = None
    running: bool = True

    def evaluate(self, case: Case) -> Finding:
        """Compare the two lists of processes."""
        (probe,) = self.probes()
        start, end = (at.get(probe.key) for at in (case.snapshot.start, case.snapshot.end))
        if start is None or end is None:
            return Finding(met=False, note="the processes were not listed")
        before, now = ([one for one in rows if self._fits(one)] for rows in (start, end))
        if not self.running:
            if not before or now:
                return Finding(met=False)
            return self._dated(case, before[0], "exec.exited", "does not run any more")
        for one in now:
            if not any(_is_same(one, other) for other in before):
                return self._dated(case, one, "exec.started", "runs")
        return Finding(met=False)

    def _fits(self, process: Mapping[str, Any]) -> bool:
        argv = [str(arg) for arg in process["argv"]]
        if not argv:
            return False
        return (
            fnmatchcase(_program(argv), self.program)
            and all(any(fnmatchcase(arg, wanted) for arg in argv[1:]) for wanted in self.args)
            and (self.as_root is None or (process["uid"] == 0) == self.as_root)
        )

    def _dated(self, case: Case, process: Mapping[str, Any], kind: str, how: str) -> Finding:
        note = f"{shlex.join(map(str, process['argv']))[:160]} {how}"
        for event in reversed(list(case.of_kind(kind))):
            if event.data["pid"] == process["pid"]:
                return Finding(met=True, step=event.step, events=(event.seq,), note=note)
        return dated_by_last_act(case, Finding(met=True, note=note))

    def probes(self) -> Iterator[Probe]:
        """Yield the list of processes."""
        yield ProcessProbe()


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two lists mean the same process; its start is told to some microseconds only."""
    apart_ns = abs(int(one["started_ns"]) - int(other["started_ns"]))
    return one["pid"] == other["pid"] and apart_ns < _SAME_START_NS


def _program(argv: list[str]) -> str:
    """Return the name of a program; some write all of their arguments into the first."""
    name = PurePosixPath(argv[0]).name
    return name if len(argv) > 1 else PurePosixPath(argv[0].partition(" ")[0]).name


class PackageIs(Word):
    """`{package: {name: openssh-server, state: purged}}`: a package is so, and was not before.

    `state` is installed, removed (its configuration stayed), purged (nothing stayed) or broken
    (begun and not finished). `name` and `version` are shell patterns.
    """

    word: Literal["package"] = "package"
    name: str
    state: Literal["installed", "removed", "purged", "broken"]
    version: str | None = None

    @model_validator(mode="after")
    def _has_a_version(self) -> "PackageIs":
        if self.state == _ABSENT and self.version is not None:
            raise ValueError("a package that is purged has no version")
        return self

    def evaluate(self, case: Case) -> Finding:
        """Compare the package manager's two records."""
        before, after = _record(case, "start"), _record(case, "end")
        if not before or not after:  # an emptied record purges nothing
            return Finding(met=False, note="the record of packages was not read")
        for name in sorted({*before, *after}):
            if self._is_so(name, after.get(name)) and not self._is_so(name, before.get(name)):
                version = (after.get(name) or before[name]).version
                note = f"the package {name} {version} is {self.state}"
                return dated_by_last_act(case, Finding(met=True, note=note), _STATUS)
        return Finding(met=False)

    def _is_so(self, name: str, package: Package | None) -> bool:
        if not fnmatchcase(name, self.name):
            return False
        state = package.state if package is not None else _ABSENT
        return state == self.state and (package is None or matches(self.version, package.version))

    def probes(self) -> Iterator[Probe]:
        """Yield the reading of the record."""
        yield ReadProbe(path=_STATUS, max_bytes=4 * 2**20)


def _record(case: Case, at: Literal["start", "end"]) -> dict[str, Package]:
    """Return the packages, none if the record is not whole."""
    for file in case.files(_STATUS, at=at):
        return {} if file.get("truncated") else packages(decode_blob(str(file["data"])))
    return {}
