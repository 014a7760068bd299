"""One episode on a Docker slot: a fresh desktop, its stage, the world reset."""

import fnmatch
import hashlib
import inspect
import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any, Final

from riosim.checks.case import (
    FunctionProbe,
    ListingProbe,
    PictureProbe,
    Probe,
    ProcessProbe,
    ProfileProbe,
    ReadProbe,
    SiteProbe,
    decode_blob,
    encode_blob,
)
from riosim.clock import Clock, SystemClock
from riosim.controller import Controller
from riosim.errors import RiosimError, SandboxError
from riosim.evidence.event import EventDraft
from riosim.sandbox import Loss
from riosim.task.setup import SetupStep
from riosim_envs import function_caller
from riosim_envs.browser_profile import is_browser, let_it_write
from riosim_envs.budget import BudgetWatch
from riosim_envs.channel import ChannelLostError, GuestError
from riosim_envs.desktop_facts import FileRead
from riosim_envs.evidence_feed import EvidenceFeed
from riosim_envs.loss import diagnose, diagnose_browser, find_ruin
from riosim_envs.picture_text import MAX_PICTURE_BYTES, UnreadablePictureError, grey_picture
from riosim_envs.postmortem import listing_from_engine, read_file_from_engine
from riosim_envs.slot import Slot
from riosim_envs.world_client import WorldClient

__all__ = ["DockerMachine"]

_MAX_FILES: Final = 50
_RECENT: Final = 500
_CALL_LIMIT_S: Final = 20.0


class DockerMachine:
    """The agent's machine for one episode, on a slot of its own until it is closed."""

    def __init__(
        self,
        slot: Slot,
        controller: Controller,
        world: WorldClient,
        feed: EvidenceFeed,
        *,
        apply: Callable[[SetupStep], None],
        facts: Mapping[str, Any],
        on_close: Callable[[], None],
        is_browser_gone: Callable[[], bool] = lambda: False,
        clock: Clock | None = None,
    ) -> None:
        self.controller = controller
        self.user_uid = slot.uid
        self.slot = slot
        self._world = world
        self._feed = feed
        self._apply = apply
        self._facts = facts
        self._on_close = on_close
        self._is_browser_gone = is_browser_gone
        self._clock = clock or SystemClock()
        self._closed = False
        self._profile_is_written = False
        self._lock = threading.Lock()
        self._recent: deque[EventDraft] = deque(maxlen=_RECENT)
        self._over_budget: str | None = None
        self._loss: Loss | None = None
        feed.watch(self._remember)
        self._watch = BudgetWatch(slot.desktop, on_limit=self._met_limit)

    def apply(self, step: SetupStep) -> None:
        """Carry out one set-up verb."""
        self._feed.applying = True
        try:
            self._apply(step)
        finally:
            self._feed.applying = False

    def probe(self, probe: Probe) -> Any:
        """Read one thing for the verdict; on a lost desktop through the engine."""
        if isinstance(probe, SiteProbe):
            return self._world.state(probe.site)
        if self.is_lost():
            return self._probe_the_dead(probe)
        try:
            return self._probe_the_living(probe)
        except GuestError:
            return None
        except SandboxError:
            if self.loss() is None:
                raise
            return self._probe_the_dead(probe)

    def flush(self) -> None:
        """Wait until all evidence that world, stage and desktop have sent so far was emitted.

        A limit that was met since the last look is part of it.
        """
        with suppress(SandboxError):  # too busy to answer, or gone: that is told otherwise
            self._watch.look()
        self.slot.stage.channel.flush("world.pending")  # the stage asks the world
        self.slot.desktop.channel.flush("hello")

    def facts(self) -> Mapping[str, Any]:
        """Return digests, versions and timings."""
        return {**self._facts, "n_dropped_guest_events": self._feed.n_dropped}

    def is_lost(self) -> bool:
        """Whether the desktop no longer answers."""
        return self._over_budget is not None or self.slot.desktop.channel.lost is not None

    def loss(self) -> Loss | None:
        """Return why the desktop, or the browser that is its screen, is gone; None while not."""
        with self._lock:
            if self._loss is not None:
                return self._loss
            if self._over_budget is not None:
                self._loss = Loss(f"limit_{self._over_budget}", by_agent=True)
            elif self.slot.desktop.channel.lost is not None:
                self._loss = self._diagnosis()
            elif self.slot.stage.channel.lost is not None:
                self._loss = Loss("stage_lost", by_agent=False)
            elif self._is_browser_gone():
                self._loss = self._loss_of_browser()
            else:
                self._loss = self._ruin()
            return self._loss

    def _ruin(self) -> Loss | None:
        """Return what the agent did to a desktop that still answers, if that ended it."""
        try:
            return find_ruin(self.slot.desktop, tuple(self._recent))
        except ChannelLostError:
            return self._diagnosis()

    def _diagnosis(self) -> Loss:
        """Say why the desktop is gone; its last events may say whose doing it is."""
        self.slot.desktop.channel.flush("hello")
        return diagnose(self.slot.desktop, tuple(self._recent))

    def _loss_of_browser(self) -> Loss:
        """Say why the browser ended; its desktop may be on its way out, too."""
        with suppress(SandboxError):
            self.slot.desktop.usage()
            self._watch.look()  # tells of a limit that was met just now
        if self.slot.desktop.channel.lost is not None:
            return self._diagnosis()
        return diagnose_browser(tuple(self._recent))

    def open_door(self, token: str) -> tuple[str, int]:
        """Let a person who has the token see and use the screen; return address and port."""
        return self.slot.open_door(), self.slot.stage.look(token)

    def close(self) -> None:
        """Give the slot back."""
        if self._closed:
            return
        self._closed = True
        self._watch.close()
        self._on_close()

    def _remember(self, draft: EventDraft) -> None:
        """Keep what may tell why a desktop is gone; a deleted tree must not push that out."""
        if draft.kind != "file.changed":
            self._recent.append(draft)

    def _met_limit(self, which: str, figures: Mapping[str, int]) -> None:
        self._feed.take(
            {"kind": "system.limit", "actor": "agent", "data": {"which": which, **figures}}
        )
        if which == "disk":
            self._over_budget = which

    def _probe_the_living(self, probe: Probe) -> Any:
        desktop = self.slot.desktop
        match probe:
            case ReadProbe():
                return list(self._read_all(probe))
            case ListingProbe():
                return list(desktop.listing(probe.roots, digest=probe.digest).entries)
            case FunctionProbe():
                return self._call(probe)
            case PictureProbe():
                return list(self._shown(self._read_all(_bytes_of(probe))))
            case ProcessProbe():
                return [asdict(process) for process in desktop.processes()]
            case ProfileProbe():
                return self._profile(probe)
            case _:
                return None

    def _shown(self, files: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield what can be read in each of these files that is a picture."""
        for file in files:
            data = decode_blob(file["data"])
            try:
                text = self.slot.stage.read_picture(grey_picture(data))
            except UnreadablePictureError:
                continue
            digest = hashlib.sha256(data).hexdigest()
            yield {"path": file["path"], "digest": digest, "text": text}

    def _read_all(self, probe: ReadProbe) -> Iterator[dict[str, Any]]:
        """Read what there is; a file that is gone or no file is left out."""
        for path in self._matching(probe.path):
            try:
                yield _file(path, self.slot.desktop.read(path, max_bytes=probe.max_bytes))
            except GuestError as exc:
                if exc.kind != "not_found":
                    raise

    def _profile(self, probe: ProfileProbe) -> list[dict[str, Any]]:
        """Read a file of the browser's profile; what happens in the wait for it is nobody's act."""
        if not self._profile_is_written and any(map(is_browser, self.slot.desktop.processes())):
            self.flush()
            self._feed.applying = True
            try:
                let_it_write(self._clock)
                self.flush()
            finally:
                self._feed.applying = False
        self._profile_is_written = True
        return list(self._read_all(_as_read(probe)))

    def _matching(self, pattern: str) -> list[str]:
        """Return the files that a pattern names; wildcards stand in the last part only."""
        path = PurePosixPath(pattern)
        if not any(char in path.name for char in "*?["):
            return [pattern]
        rows = self.slot.desktop.listing([str(path.parent)], digest=False).entries
        names = [
            str(row["path"])
            for row in rows
            if row["type"] == "file"
            and str(PurePosixPath(row["path"]).parent) == str(path.parent)
            and fnmatch.fnmatchcase(PurePosixPath(row["path"]).name, path.name)
        ]
        return names[:_MAX_FILES]

    def _call(self, probe: FunctionProbe) -> Any:
        """Call a function that the agent wrote, as its user, with a limit."""
        result = self.slot.desktop.exec(
            "timeout", "15", "python3", "-I", "-B", "-c", inspect.getsource(function_caller),
            probe.path, probe.name,
            stdin=json.dumps(list(probe.rows)),
            cwd="/home/user",
            timeout_s=_CALL_LIMIT_S,
        )  # fmt: skip
        try:
            answers = json.loads(result.stdout)
        except ValueError:
            return None
        return answers if isinstance(answers, list) and len(answers) == len(probe.rows) else None

    def _probe_the_dead(self, probe: Probe) -> Any:
        engine, container = self.slot.engine, self.slot.desktop.container_id
        try:
            match probe:
                case ReadProbe():
                    found = read_file_from_engine(
                        engine, container, probe.path, max_bytes=probe.max_bytes
                    )
                    return [] if found is None else [_file(probe.path, found)]
                case ListingProbe():
                    listing = listing_from_engine(
                        engine, container, probe.roots, digest=probe.digest
                    )
                    return list(listing.entries)
                case PictureProbe():
                    return list(self._shown(self._probe_the_dead(_bytes_of(probe)) or []))
                case ProfileProbe():
                    return self._probe_the_dead(_as_read(probe))
                case _:
                    return None
        except RiosimError:
            return None  # the engine has nothing either


def _as_read(probe: ProfileProbe) -> ReadProbe:
    return ReadProbe(path=probe.path, max_bytes=probe.max_bytes)


def _bytes_of(probe: PictureProbe) -> ReadProbe:
    return ReadProbe(path=probe.path, max_bytes=MAX_PICTURE_BYTES)


def _file(path: str, read: FileRead) -> dict[str, Any]:
    return {
        "path": path,
        "size": read.size,
        "mode": read.mode,
        "uid": read.uid,
        "gid": read.gid,
        "truncated": read.truncated,
        "data": encode_blob(read.data),
    }
