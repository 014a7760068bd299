"""The record of one episode, and the folder that holds it.

```text
episodes/<id>/record.json    what happened, in one page; written last, by rename
              task.json      the task as it was run, every placeholder filled in
              events.jsonl   the evidence, written as it came
              steps.jsonl    one line a decision: action, thought, usage, timings
              snapshot.json  what was read from the machine before and after
              steps/000.png  what the agent was shown before each decision, and at the end
              rules.json     the task with other rules, if the episode was judged again by such
```

A folder without `record.json` is an episode that did not end; the runner plays it again.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from riosim.checks.case import Snapshot
from riosim.errors import RunStoreError
from riosim.evidence.event import Event, well_formed
from riosim.monitors.verdict import Outcome
from riosim.task.schema import TaskSpec

__all__ = ["Ending", "EpisodeFolder", "EpisodeRecord", "file_digest", "keeping", "write_json"]

Ending = Literal["finished", "truncated", "stopped", "broken"]
RECORD_VERSION = 1


class EpisodeRecord(BaseModel):
    """One agent, one task, one seed. The marks are None exactly if the episode is `broken`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_version: int = RECORD_VERSION
    riosim_version: str
    episode_id: str
    task_id: str
    task_version: int
    task_digest: str
    variant: Literal["risk", "twin"]
    task_class: Literal["environmental", "user"]
    category: str
    surface: Literal["browser", "desktop"]
    agent: str
    agent_settings: dict[str, Any] = {}
    sandbox: str
    seed: int
    attempt: int = 1
    started_at: datetime
    wall_s: float
    ending: Ending
    reason: str = ""  # why it ended so, in words
    n_steps: int
    n_invalid: int = 0
    goal_met: bool | None
    risk_intended: bool | None
    risk_completed: bool | None
    outcome: Outcome | None
    severity: int | None
    machine_lost: bool = False
    first_exposure_step: int | None = None
    first_intention_step: int | None = None
    first_completion_step: int | None = None
    facts: dict[str, int] = {}
    findings: dict[str, dict[str, Any]] = {}
    signals: list[dict[str, Any]] = []
    needs_judge: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    machine: dict[str, Any] = {}  # image digests, versions, timings in ms
    user_uid: int = 1000
    n_dropped_events: int = 0
    error: str = ""  # traceback, of a broken episode
    files: dict[str, str] = {}  # digest of each file of the folder

    @model_validator(mode="after")
    def _marks_fit_the_ending(self) -> "EpisodeRecord":
        marks = (self.goal_met, self.risk_intended, self.risk_completed, self.outcome)
        if self.ending == "broken" and any(mark is not None for mark in marks):
            raise ValueError(f"A broken episode has no marks, got {marks}.")
        if self.ending != "broken" and None in marks:
            raise ValueError(f"An episode that {self.ending} needs every mark, got {marks}.")
        return self

    @property
    def is_exposed(self) -> bool:
        """Whether the agent was shown the threat; trivially so for user-originated tasks."""
        return self.task_class == "user" or self.first_exposure_step is not None


@dataclass(frozen=True, slots=True)
class EpisodeFolder:
    """Where one episode's files lie."""

    path: Path

    def create(self) -> None:
        """Make the folder and what it needs.

        Raises:
            RunStoreError: It cannot be made.
        """
        with keeping(self.path):
            (self.path / "steps").mkdir(parents=True, exist_ok=True)

    @property
    def events_path(self) -> Path:
        """The evidence, one event a line."""
        return self.path / "events.jsonl"

    def frame_path(self, number: int) -> Path:
        """Return where the picture shown before decision NUMBER + 1 lies."""
        return self.path / "steps" / f"{number:03d}.png"

    def record(self) -> EpisodeRecord:
        """Read the record.

        Raises:
            RunStoreError: It is missing or damaged.
        """
        path = self.path / "record.json"
        try:
            return EpisodeRecord.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as exc:
            raise RunStoreError(f"{path} cannot be read: {exc}") from exc

    def events(self) -> list[Event]:
        """Read the evidence; a last line that was cut off by a crash is left out."""
        try:
            return [Event.from_json(row) for row in self._rows("events.jsonl")]
        except (KeyError, TypeError) as exc:
            raise RunStoreError(f"{self.path / 'events.jsonl'} holds no events: {exc!r}") from exc

    def steps(self) -> list[dict[str, Any]]:
        """Read the decisions; there are none if the machine broke before the first."""
        if not (self.path / "steps.jsonl").exists():
            return []
        return list(self._rows("steps.jsonl"))

    def snapshot(self) -> Snapshot:
        """Read what was taken from the machine.

        Raises:
            RunStoreError: It is missing or damaged.
        """
        try:
            return Snapshot.from_json(self._json("snapshot.json"))
        except (KeyError, TypeError, ValueError) as exc:
            raise RunStoreError(f"{self.path / 'snapshot.json'} is damaged: {exc!r}") from exc

    def task(self) -> TaskSpec:
        """Read the task as it was run.

        Raises:
            RunStoreError: It is missing or damaged.
        """
        return self._task("task.json")

    def rules(self, record: EpisodeRecord) -> TaskSpec:
        """Read the task by whose rules RECORD was judged: as it was run, unless judged again.

        Raises:
            RunStoreError: It is missing or damaged.
        """
        return self._task("rules.json" if "rules.json" in record.files else "task.json")

    def _task(self, name: str) -> TaskSpec:
        data = self._json(name)
        try:
            return TaskSpec.model_validate(data)
        except ValidationError as exc:
            raise RunStoreError(f"{self.path / name} is of another version: {exc}") from exc

    def _json(self, name: str) -> dict[str, Any]:
        try:
            data: dict[str, Any] = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as exc:
            raise RunStoreError(f"{self.path / name} cannot be read: {exc}") from exc
        return data

    def _rows(self, name: str) -> Iterator[dict[str, Any]]:
        try:
            lines = (self.path / name).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as exc:
            raise RunStoreError(f"{self.path / name} cannot be read: {exc}") from exc
        for number, line in enumerate(lines, start=1):
            try:
                yield json.loads(line)
            except ValueError as exc:
                if number == len(lines):
                    return
                raise RunStoreError(f"{self.path / name}:{number} is no JSON: {exc}") from exc


def file_digest(path: Path) -> str:
    """Return the digest of a file as records hold it.

    Raises:
        RunStoreError: It cannot be read.
    """
    try:
        return "sha256:" + sha256(path.read_bytes()).hexdigest()
    except OSError as exc:
        raise RunStoreError(f"{path} cannot be read: {exc}") from exc


@contextmanager
def keeping(path: Path) -> Iterator[None]:
    """Turn an error of the disk into one that says what to do; the world did not break.

    Raises:
        RunStoreError: PATH cannot be written.
    """
    try:
        yield
    except OSError as exc:
        raise RunStoreError(
            f"{path} cannot be written: {exc}. Make room there, or make it writable; a run can "
            "then be gone on with."
        ) from exc


def write_json(path: Path, data: Mapping[str, Any] | BaseModel) -> None:
    """Write a JSON file by rename, so that a reader never sees half of it.

    Raises:
        RunStoreError: It cannot be written.
    """
    plain = well_formed(data.model_dump(mode="json")) if isinstance(data, BaseModel) else data
    text = json.dumps(plain, indent=1, ensure_ascii=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with keeping(path):
        try:
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
