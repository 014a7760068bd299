"""What a check looks at: the evidence so far and what was read from the machine."""

import base64
import fnmatch
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import Any, ClassVar, Literal, Protocol

from riosim.evidence.event import Event
from riosim.vocabulary import Spec

__all__ = [
    "Case",
    "CheckLike",
    "FileFact",
    "Finding",
    "FunctionProbe",
    "ListingProbe",
    "PictureProbe",
    "Probe",
    "ProcessProbe",
    "ProfileProbe",
    "ReadProbe",
    "SiteProbe",
    "Snapshot",
    "decode_blob",
    "encode_blob",
    "matches",
]


class _Probe(Spec):
    """Something to read from the machine."""

    at_start: ClassVar[bool] = True  # before the first step, too


class ReadProbe(_Probe):
    """Read the files that a pattern names, with content (each at most MAX_BYTES)."""

    kind: Literal["read"] = "read"
    path: str  # absolute; the last part may hold * and ?
    max_bytes: int = 4 * 2**20

    @property
    def key(self) -> str:
        """Where the answer stands in a snapshot."""
        return f"read:{self.path}"


class ListingProbe(_Probe):
    """List everything below some folders: type, mode, owner, size, digest."""

    kind: Literal["listing"] = "listing"
    roots: tuple[str, ...]
    digest: bool = True

    @property
    def key(self) -> str:
        """Where the answer stands in a snapshot."""
        return f"listing:{','.join(self.roots)}:{int(self.digest)}"


class SiteProbe(_Probe):
    """Take the end state of one site of the world; `mail` takes the mailboxes."""

    kind: Literal["site"] = "site"
    site: str

    @property
    def key(self) -> str:
        """Where the answer stands in a snapshot."""
        return f"site:{self.site}"


class FunctionProbe(_Probe):
    """Call a function of a saved Python file in the sandbox, once for each row of arguments."""

    kind: Literal["function"] = "function"
    path: str
    name: str
    rows: tuple[Any, ...]

    @property
    def key(self) -> str:
        """Where the answer stands in a snapshot."""
        return f"function:{self.path}:{self.name}:{self.rows!r}"


class PictureProbe(_Probe):
    """Read the text in the pictures that a pattern names: `{path, digest, text}` of each."""

    kind: Literal["picture"] = "picture"
    path: str  # absolute; the last part may hold * and ?

    @property
    def key(self) -> str:
        """Where the answer stands in a snapshot."""
        return f"picture:{self.path}"


class ProcessProbe(_Probe):
    """List the processes of the desktop: `{pid, ppid, uid, argv, started_ns}` of each."""

    kind: Literal["process"] = "process"

    @property
    def key(self) -> str:
        """Where the answer stands in a snapshot."""
        return "process"


class ProfileProbe(_Probe):
    """Read a file of the browser's profile once the browser has written what it was told.

    It is read at the end only: that takes as long as the browser does, many seconds.
    """

    at_start: ClassVar[bool] = False
    kind: Literal["profile"] = "profile"
    path: str  # absolute
    max_bytes: int = 16 * 2**20

    @property
    def key(self) -> str:
        """Where the answer stands in a snapshot."""
        return f"profile:{self.path}"


Probe = (
    ReadProbe
    | ListingProbe
    | SiteProbe
    | FunctionProbe
    | PictureProbe
    | ProcessProbe
    | ProfileProbe
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says, and why.

    `step` is the step at which it became true, None if it cannot be told; `events` are the
    sequence numbers of the evidence behind it. What is `provisional` holds so far only: further
    evidence may undo it, so it is worth no signal before the end.
    """

    met: bool
    step: int | None = None
    events: tuple[int, ...] = ()
    note: str = ""
    provisional: bool = False


class CheckLike(Protocol):
    """A predicate over a case; pure."""

    def evaluate(self, case: "Case") -> Finding:
        """Return whether it holds, and the evidence."""
        ...

    def probes(self) -> Iterator[Probe]:
        """Yield what must be read from the machine before `evaluate`."""
        ...


@dataclass(frozen=True, slots=True)
class FileFact:
    """One file, folder or link as a listing saw it."""

    path: str
    type: str  # file, folder, link, other
    mode: int
    uid: int
    gid: int
    size: int
    digest: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Answers to probes, by key, before the first step and after the last.

    A key that is missing was not read; checks on it are not met and say so.
    """

    start: Mapping[str, Any] = field(default_factory=dict)
    end: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {"start": dict(self.start), "end": dict(self.end)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Snapshot":
        """Build a snapshot from its stored form."""
        return cls(start=dict(data["start"]), end=dict(data["end"]))


def encode_blob(data: bytes) -> str:
    """Return the form in which a snapshot holds bytes."""
    return base64.b64encode(data).decode("ascii")


def decode_blob(text: str) -> bytes:
    """Turn a snapshot's bytes back."""
    return base64.b64decode(text)


_PAGE_ACTS = frozenset({"dom.clicked", "dom.submitted", "dom.filled"})
_SWEEPING = frozenset({"run_python", "goto", "new_tab"})


@dataclass(slots=True)
class _Steps:
    """What each step was decided on, and what it did; the events by kind."""

    by_kind: dict[str, list[Event]] = field(default_factory=dict)
    observed: list[tuple[int, frozenset[str], frozenset[str]]] = field(default_factory=list)
    action: dict[int, str] = field(default_factory=dict)
    acted_on: dict[tuple[int, str], set[str]] = field(default_factory=dict)  # step, host → pages

    @classmethod
    def of(cls, events: Sequence[Event]) -> "_Steps":
        steps = cls()
        for event in events:
            steps.by_kind.setdefault(event.kind, []).append(event)
            if event.kind == "screen.observed":
                windows = frozenset(str(one.get("key")) for one in event.data["windows"])
                pages = frozenset(str(one.get("key")) for one in event.data["pages"])
                steps.observed.append((event.step, windows, pages))
            elif event.kind == "screen.unlooked" and steps.observed:
                steps.observed.pop()
            elif event.kind == "action.performed":
                steps.action[event.step] = str(event.data["action"].get("kind"))
            elif event.kind in {"dom.clicked", "dom.submitted"} and event.actor == "agent":
                place = (event.step, str(event.data.get("host")))
                steps.acted_on.setdefault(place, set()).add(str(event.data.get("page")))
        return steps

    def of_kind(self, kinds: tuple[str, ...]) -> Iterator[Event]:
        """Yield the events of these kinds, in order."""
        found = [self.by_kind[kind] for kind in kinds if kind in self.by_kind]
        yield from found[0] if len(found) == 1 else merge(*found, key=lambda event: event.seq)

    def is_sweeping(self, step: int) -> bool:
        return self.action.get(step) in _SWEEPING

    def windows_before(self, step: int) -> frozenset[str]:
        return self._before(step)[1]

    def pages_before(self, step: int) -> frozenset[str]:
        return self._before(step)[2]

    def _before(self, step: int) -> tuple[int, frozenset[str], frozenset[str]]:
        at = bisect_left(self.observed, step, key=lambda one: one[0])
        return self.observed[at - 1] if at else (0, frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Case:
    """One episode as the checks see it.

    `user_uid` is the uid that the agent's user had in the desktop.
    """

    events: Sequence[Event]
    snapshot: Snapshot = field(default_factory=Snapshot)
    user_uid: int = 1000
    _steps: "_Steps" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Note once what each step was decided on."""
        object.__setattr__(self, "_steps", _Steps.of(self.events))

    def of_kind(self, *kinds: str) -> Iterator[Event]:
        """Yield the charged events of these kinds, in order.

        Charged is what the agent caused and could have meant: see `is_charged`.
        """
        for event in self._steps.of_kind(kinds):
            if self.is_charged(event):
                yield event

    def is_charged(self, event: Event) -> bool:
        """Whether the event counts against the agent.

        Only acts of the agent do, and not those that hit a window or page which appeared after
        the last observation that the agent was given (an accident, not a decision). A request
        is such an accident if all clicks of its step on pages of that host were.
        """
        if event.actor != "agent" or event.step == 0:
            return False
        if self._steps.is_sweeping(event.step):
            return True  # one decision that does many things, the page's own loading among them
        if event.kind in {"adware.clicked", "adware.closed"}:
            return str(event.data.get("ad")) in self._steps.windows_before(event.step)
        pages = self._steps.pages_before(event.step)
        if event.kind in _PAGE_ACTS:
            return str(event.data.get("page")) in pages
        if event.kind in {"http.request", "http.download"}:
            acted_on = self._steps.acted_on.get((event.step, str(event.data.get("host"))))
            return not acted_on or not acted_on.isdisjoint(pages)
        return True

    def was_read(self, probe: Probe) -> bool:
        """Whether the end state has an answer to the probe."""
        return self.snapshot.end.get(probe.key) is not None

    def files(self, path: str, *, at: Literal["start", "end"] = "end") -> list[dict[str, Any]]:
        """Return what a `ReadProbe` of PATH read: `{path, size, mode, uid, gid, data}`."""
        return list(getattr(self.snapshot, at).get(ReadProbe(path=path).key) or [])

    def new_files(self, path: str) -> list[dict[str, Any]]:
        """Return those of `files` whose content was not the same at the start."""
        before = {file["path"]: file.get("data") for file in self.files(path, at="start")}
        return [one for one in self.files(path) if before.get(one["path"]) != one.get("data")]

    def listing(
        self, probe: ListingProbe, *, at: Literal["start", "end"] = "end"
    ) -> dict[str, FileFact] | None:
        """Return a listing by path, None if it was not taken."""
        rows = getattr(self.snapshot, at).get(probe.key)
        if rows is None:
            return None
        return {
            row["path"]: FileFact(
                path=row["path"],
                type=row["type"],
                mode=int(row["mode"]),
                uid=int(row["uid"]),
                gid=int(row["gid"]),
                size=int(row["size"]),
                digest=row.get("digest"),
            )
            for row in rows
        }

    def site(self, name: str, *, at: Literal["start", "end"] = "end") -> dict[str, Any] | None:
        """Return the state of one site, None if it was not taken."""
        state: dict[str, Any] | None = getattr(self.snapshot, at).get(SiteProbe(site=name).key)
        return state


def matches(pattern: str | None, value: str) -> bool:
    """Whether VALUE matches a shell pattern, case aside; None matches everything."""
    return pattern is None or fnmatch.fnmatchcase(value.casefold(), pattern.casefold())
