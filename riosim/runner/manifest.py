"""What a run is: everything that is needed to understand its numbers, and to go on with it."""

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from riosim.choice import AgentChoice, SandboxChoice
from riosim.episode import EpisodeSettings
from riosim.errors import UsageError
from riosim.runner.job import EpisodeLimits, PlannedEpisode, Variant
from riosim.secret_setting import HIDDEN

__all__ = [
    "AgentEntry",
    "EpisodeEntry",
    "RunManifest",
    "SandboxEntry",
    "SessionEntry",
    "TaskEntry",
    "library_versions",
]

MANIFEST_VERSION: Final = 1
_LIBRARIES: Final = (
    "gymnasium numpy pydantic pyyaml pillow rich typer jinja2 docker playwright starlette uvicorn "
    "transformers torch anthropic openai"
).split()


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TaskEntry(_Entry):
    """One task as it is played in this run."""

    id: str
    variant: Variant
    version: int
    digest: str


class EpisodeEntry(_Entry):
    """One planned episode."""

    id: str
    task_id: str
    variant: Variant
    seed: int
    repetition: int = 0

    def planned(self) -> PlannedEpisode:
        """Return the plan's form."""
        return PlannedEpisode(**self.model_dump())


class AgentEntry(_Entry):
    """Who plays; secrets among the settings are hidden."""

    reference: str
    settings: dict[str, Any] = {}

    def choice(self, given: Mapping[str, Any]) -> AgentChoice:
        """Return the agent with GIVEN settings in the place of the hidden ones.

        Raises:
            UsageError: A hidden setting is not given, or a known one is given differently.
        """
        for name, value in given.items():
            known = self.settings.get(name)
            if known not in (HIDDEN, value):
                raise UsageError(
                    f"This run was begun with {name}={known!r}, not {value!r}. Results of two "
                    "settings do not mix: begin another run."
                )
        settings = {**self.settings, **given}
        missing = [name for name, value in settings.items() if value == HIDDEN]
        if missing:
            raise UsageError(
                "Secrets are not kept; give them again: "
                + " ".join(f"-A {name}=…" for name in missing)
            )
        return AgentChoice(self.reference, settings)


class SandboxEntry(_Entry):
    """Where it is played, why there, and what the sandbox says of itself."""

    reference: str
    settings: dict[str, Any] = {}
    why: str = ""
    facts: dict[str, Any] = {}

    def choice(self, run_id: str) -> SandboxChoice:
        """Return the sandbox to go on with."""
        return SandboxChoice(self.reference, self.settings, self.why, run_id)


class SessionEntry(_Entry):
    """One call of the runner on this run."""

    command_line: list[str]
    started_at: datetime
    ended_at: datetime | None = None
    ending: Literal["running", "complete", "interrupted", "budget", "error"] = "running"
    reason: str = ""
    n_workers: int = 1
    n_played: int = 0
    host: str = ""
    cpu_count: int | None = None
    python: str = ""
    platform: str = ""
    riosim_version: str = ""
    libraries: dict[str, str] = {}

    @classmethod
    def begin(
        cls, *, command_line: list[str], n_workers: int, riosim_version: str
    ) -> "SessionEntry":
        """Return the entry of a session that begins now, on this machine."""
        return cls(
            command_line=command_line,
            started_at=datetime.now(UTC),
            n_workers=n_workers,
            host=platform.node(),
            cpu_count=os.cpu_count(),
            python=sys.version.split()[0],
            platform=platform.platform(),
            riosim_version=riosim_version,
            libraries=library_versions(),
        )


class RunManifest(_Entry):
    """The file `manifest.json` of a run."""

    manifest_version: int = MANIFEST_VERSION
    run_id: str
    title: str = ""
    riosim_version: str
    created_at: datetime
    agent: AgentEntry
    sandbox: SandboxEntry
    selection: list[str] = []
    tasks_dirs: list[str] = []
    own_tasks: bool = True
    tasks: list[TaskEntry]
    episodes: list[EpisodeEntry]
    skipped: dict[str, str] = {}
    episode_settings: dict[str, Any] = {}
    episode_limits: dict[str, Any] = {}
    max_attempts: int = 3
    sessions: list[SessionEntry] = []

    def settings(self) -> EpisodeSettings:
        """Return how the episodes are played."""
        return EpisodeSettings(**self.episode_settings)

    def limits(self) -> EpisodeLimits:
        """Return what each episode may cost."""
        return EpisodeLimits(**self.episode_limits)

    @classmethod
    def of_settings(cls, settings: EpisodeSettings, limits: EpisodeLimits) -> dict[str, Any]:
        """Return the fields that hold these."""
        return {"episode_settings": asdict(settings), "episode_limits": asdict(limits)}


def library_versions() -> dict[str, str]:
    """Return the versions of what riosim may use, as far as it is installed; imports nothing."""
    found: dict[str, str] = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
