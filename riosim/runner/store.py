"""Runs on disk. Files are the truth; whatever is counted is counted from them.

```text
runs/<run id>/manifest.json          what the run is
              episodes/<id>/         one folder for each episode (see `riosim.record`)
              attempts/<id>.<n>/     earlier attempts, whose world broke or whose runner died
```
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from riosim.errors import RunStoreError
from riosim.record import EpisodeFolder, EpisodeRecord, keeping, write_json
from riosim.runner.manifest import RunManifest
from riosim.runner.standing import merge_facts, standing_facts

__all__ = ["RunStore", "list_runs"]

_RUN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class RunStore:
    """One run's folder."""

    path: Path

    @classmethod
    def at(cls, runs: Path, run_id: str) -> "RunStore":
        """Return the run of that id in the folder RUNS; it need not exist.

        Raises:
            RunStoreError: The id cannot be a folder's name.
        """
        if not _RUN_ID.fullmatch(run_id):
            raise RunStoreError(
                f"{run_id[:100]!r} cannot name a run: at most 128 letters, digits, "
                "'.', '_' and '-'."
            )
        return cls(runs / run_id)

    @classmethod
    def find(cls, reference: str, runs: Path) -> "RunStore":
        """Return the run that REFERENCE names: a folder, or an id in the folder RUNS.

        Raises:
            RunStoreError: There is no such run.
        """
        for folder in (runs / reference, Path(reference)):
            if (folder / "manifest.json").is_file():
                return cls(folder)
        known = [store.path.name for store in list_runs(runs)]
        shown = ", ".join(known[-10:]) or "none"
        raise RunStoreError(f"No run is at {reference!r} or in {runs}. Known there: {shown}.")

    @property
    def exists(self) -> bool:
        """Whether the run was begun."""
        return (self.path / "manifest.json").is_file()

    def manifest(self) -> RunManifest:
        """Read the manifest.

        Raises:
            RunStoreError: It is missing or damaged.
        """
        path = self.path / "manifest.json"
        try:
            return RunManifest.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, ValidationError) as exc:
            raise RunStoreError(f"{path} cannot be read: {exc}") from exc

    def save(self, manifest: RunManifest) -> None:
        """Write the manifest, by rename."""
        with keeping(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        write_json(self.path / "manifest.json", manifest)

    def episode(self, episode_id: str) -> EpisodeFolder:
        """Return where an episode lies."""
        return EpisodeFolder(self.path / "episodes" / episode_id)

    def attempts(self, episode_id: str) -> list[EpisodeFolder]:
        """Return the earlier attempts at an episode, oldest first."""
        found = (self.path / "attempts").glob(f"{episode_id}.*")
        numbered = [path for path in found if path.suffix[1:].isdigit()]
        return [EpisodeFolder(path) for path in sorted(numbered, key=lambda p: int(p.suffix[1:]))]

    def has_record(self, episode_id: str) -> bool:
        """Whether the episode has ended; one with a damaged record has not."""
        try:
            self.episode(episode_id).record()
        except RunStoreError:
            return False
        return True

    def next_attempt(self, episode_id: str, max_attempts: int) -> int | None:
        """Return the number of the attempt that is due; None if the episode has ended for good.

        One whose world broke is due until it has had its attempts. One without a readable record
        never ended: whoever played it died.
        """
        try:
            record = self.episode(episode_id).record()
        except RunStoreError:
            return 1
        may_retry = record.ending == "broken" and record.attempt < max_attempts
        return record.attempt + 1 if may_retry else None

    def clear(self, episode_id: str) -> EpisodeFolder:
        """Return an empty folder for the episode; what lies there is kept among the attempts."""
        folder = self.episode(episode_id)
        with keeping(self.path):
            if folder.path.exists():
                aside = self.path / "attempts"
                aside.mkdir(exist_ok=True)
                taken = [int(item.path.suffix[1:]) for item in self.attempts(episode_id)]
                folder.path.rename(aside / f"{episode_id}.{max(taken, default=0) + 1}")
            folder.path.parent.mkdir(parents=True, exist_ok=True)
        return folder

    def seal(self, episode_id: str) -> EpisodeRecord:
        """Put what earlier attempts have proved into the record, and return it.

        Raises:
            RunStoreError: There is no record.
        """
        folder = self.episode(episode_id)
        record = folder.record()
        parts = [standing_facts(attempt) for attempt in self.attempts(episode_id)]
        if record.ending == "broken":
            parts.append(standing_facts(folder))
        facts = {**record.facts, **merge_facts(parts)}
        if facts != record.facts:
            record = record.model_copy(update={"facts": facts})
            write_json(folder.path / "record.json", record)
        return record

    def records(self) -> Iterator[EpisodeRecord]:
        """Read the record of each episode that has ended, by id.

        Raises:
            RunStoreError: One is damaged; the message names it.
        """
        for path in sorted((self.path / "episodes").glob("*/record.json")):
            yield EpisodeFolder(path.parent).record()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other runners off this run.

        Raises:
            RunStoreError: Another process is playing it.
        """
        with keeping(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            file = (self.path / ".lock").open("a+", encoding="utf-8")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise RunStoreError(
                    f"{self.path} is being played by process {holder}. Wait for it, or stop it."
                ) from exc
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield


def list_runs(runs: Path) -> list[RunStore]:
    """Return the runs in a folder, by id; those without a manifest are no runs."""
    return [RunStore(path.parent) for path in sorted(runs.glob("*/manifest.json"))]
