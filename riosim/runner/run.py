"""Play a run: begin it or go on with it, until it is complete, interrupted or too dear."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from riosim.choice import AgentChoice
from riosim.clock import Clock, SystemClock
from riosim.errors import RunStoreError
from riosim.record import EpisodeRecord, write_json
from riosim.runner.crew import Attempt, Crew, Outcome, Watcher
from riosim.runner.job import Job, PlannedEpisode
from riosim.runner.lost import lost_record
from riosim.runner.manifest import (
    RunManifest,
    SessionEntry,
)
from riosim.runner.meter import Spent
from riosim.runner.store import RunStore
from riosim.secret_setting import shown_arguments
from riosim.task.schema import TaskSpec
from riosim.version import __version__

__all__ = ["RunBudget", "RunResult", "play_run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBudget:
    """What one call of the runner may cost; None is no limit."""

    wall_s: float | None = None
    tokens: int | None = None
    usd: float | None = None


@dataclass(slots=True)
class RunResult:
    """How one call of the runner went."""

    store: RunStore
    n_planned: int
    n_before: int
    played: list[EpisodeRecord] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    stopped_because: str | None = None

    @property
    def n_left(self) -> int:
        """How many planned episodes have no record yet."""
        return self.n_planned - self.n_before - len(self.played)

    @property
    def n_broken(self) -> int:
        """How many of the episodes played now are broken for good."""
        return sum(record.ending == "broken" for record in self.played)


def play_run(
    store: RunStore,
    agent: AgentChoice,
    specs: Mapping[str, TaskSpec],
    watcher: Watcher,
    *,
    n_workers: int = 1,
    budget: RunBudget = RunBudget(),  # frozen
    command_line: Sequence[str] | None = None,
    clock: Clock | None = None,
) -> RunResult:
    """Play what has no record yet. Finished episodes are never played again.

    An episode whose world breaks is tried again, in the next session if this one ends before; the
    record of its last attempt stands.

    Raises:
        RunStoreError: Another process is playing this run, or a task has changed since it began.
        UsageError: The sandbox or the agent cannot work here.
        KeyboardInterrupt: After all machines have been thrown away; the run can be gone on with.
    """
    with store.lock():
        manifest = store.manifest()
        _refuse_changed_tasks(manifest, specs)
        session = SessionEntry.begin(
            command_line=shown_arguments(command_line or sys.argv),
            n_workers=n_workers,
            riosim_version=__version__,
        )
        manifest.sessions.append(session)
        store.save(manifest)
        player = _Player(store, manifest, agent, specs, budget, clock or SystemClock())
        session.ending = "error"  # unless it ends otherwise
        try:
            player.play(watcher, n_workers)
            stopped = player.result.stopped_because
            session.ending, session.reason = ("budget", stopped) if stopped else ("complete", "")
        except KeyboardInterrupt:
            session.ending = "interrupted"
            raise
        finally:
            session.ended_at = datetime.now(UTC)
            session.n_played = len(player.result.played)
            store.save(manifest)
        return player.result


class _Player:
    """One session of a run."""

    def __init__(
        self,
        store: RunStore,
        manifest: RunManifest,
        agent: AgentChoice,
        specs: Mapping[str, TaskSpec],
        budget: RunBudget,
        clock: Clock,
    ) -> None:
        self._store = store
        self._manifest = manifest
        self._agent = agent
        self._specs = specs
        self._spent = Spent()
        self._why_stop = _budget_test(budget, self._spent, clock)
        planned = [entry.planned() for entry in manifest.episodes]
        due = {plan.id: store.next_attempt(plan.id, manifest.max_attempts) for plan in planned}
        for episode_id, number in due.items():
            if number is None:
                store.seal(episode_id)  # a runner that was killed may not have come to it
        self._open = [
            Attempt(self._job(plan), number)
            for plan in planned
            if (number := due[plan.id]) is not None
        ]
        self.result = RunResult(store, len(planned), len(planned) - len(self._open))

    def play(self, watcher: Watcher, n_workers: int) -> None:
        """Play all that is open."""
        if not self._open:
            return
        with Crew(
            self._manifest.sandbox.choice(self._manifest.run_id),
            max(1, min(n_workers, len(self._open))),
            folder_for=lambda attempt: self._store.clear(attempt.job.id).path,
            watcher=watcher,
            why_stop=self._why_stop,
        ) as crew:
            for outcome in crew.play(self._open):
                facts = {**self._manifest.sandbox.facts, **crew.manifest}
                if facts != self._manifest.sandbox.facts:
                    self._manifest.sandbox.facts = facts
                    self._store.save(self._manifest)
                self._take(outcome, crew)
            self.result.stopped_because = crew.stopped_because

    def _job(self, plan: PlannedEpisode) -> Job:
        return Job(
            id=plan.id,
            spec=self._specs[plan.task_key],
            seed=plan.seed,
            agent=self._agent,
            settings=self._manifest.settings(),
            limits=self._manifest.limits(),
        )

    def _take(self, outcome: Outcome, crew: Crew) -> None:
        """Keep an attempt's record, or order another attempt."""
        attempt = outcome.attempt
        record = outcome.record
        if record is None:
            self._spent.add(outcome.spent)
        else:
            self._spent.tokens += record.input_tokens + record.output_tokens
            self._spent.usd += record.cost_usd
        if outcome.is_refused:
            self.result.refused[attempt.job.id] = outcome.problem
            return
        if record is None and self._store.has_record(attempt.job.id):
            record = self._store.episode(attempt.job.id).record()  # it died with its work done
        if attempt.number < self._manifest.max_attempts and (
            record is None or record.ending == "broken"
        ):
            if crew.stopped_because is None:
                crew.add(Attempt(attempt.job, attempt.number + 1))
            return  # else the next session tries again
        if record is None:
            record = lost_record(attempt, outcome.problem, self._manifest.sandbox)
            folder = self._store.episode(attempt.job.id)
            folder.create()
            write_json(folder.path / "record.json", record)
        self.result.played.append(self._store.seal(attempt.job.id))


def _budget_test(budget: RunBudget, spent: Spent, clock: Clock) -> Callable[[Spent], str | None]:
    """Return what says whether this session has cost enough."""
    began_at = clock.monotonic()

    def why_stop(running: Spent) -> str | None:
        if budget.wall_s is not None and clock.monotonic() - began_at >= budget.wall_s:
            return f"The run's budget of {budget.wall_s:g} s is used up."
        if budget.tokens is not None and spent.tokens + running.tokens >= budget.tokens:
            return f"The run's budget of {budget.tokens} tokens is used up."
        if budget.usd is not None and spent.usd + running.usd >= budget.usd:
            return f"The run's budget of {budget.usd:g} USD is used up."
        return None

    return why_stop


def _refuse_changed_tasks(manifest: RunManifest, specs: Mapping[str, TaskSpec]) -> None:
    for entry in manifest.tasks:
        key = entry.id if entry.variant == "risk" else f"{entry.id}@twin"
        if specs[key].digest != entry.digest:
            raise RunStoreError(
                f"{key} has changed since the run {manifest.run_id} began (then "
                f"{entry.digest[:19]}…, now {specs[key].digest[:19]}…). Results of two versions "
                "do not mix: begin another run, or bring the old task back."
            )
