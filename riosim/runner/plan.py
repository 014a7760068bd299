"""What a run plays, written down before it begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from riosim.choice import AgentChoice, SandboxChoice
from riosim.episode import EpisodeSettings
from riosim.errors import RunStoreError, UsageError
from riosim.runner.job import EpisodeLimits, plan_episodes
from riosim.runner.manifest import (
    AgentEntry,
    EpisodeEntry,
    RunManifest,
    SandboxEntry,
    TaskEntry,
)
from riosim.runner.store import RunStore
from riosim.task.schema import TaskSpec
from riosim.version import __version__

__all__ = ["RunPlan", "begin_run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What is to be played, by whom and where.

    `specs` holds each task by its key (`id` or `id@twin`).
    """

    agent: AgentChoice
    sandbox: SandboxChoice
    specs: Mapping[str, TaskSpec]
    task_ids: Sequence[str]
    twins: bool = True
    seeds: Sequence[int] = (0,)
    repetitions: int = 1
    settings: EpisodeSettings = field(default_factory=EpisodeSettings)
    limits: EpisodeLimits = field(default_factory=EpisodeLimits)
    max_attempts: int = 3
    selection: Sequence[str] = ()
    tasks_dirs: Sequence[str] = ()
    own_tasks: bool = True
    title: str = ""


def begin_run(plan: RunPlan, store: RunStore) -> RunManifest:
    """Write the manifest of a new run, or check that an old one is the same run.

    Raises:
        UsageError: There is nothing to play, or nobody to play it.
        RunStoreError: The run exists and is another one.
    """
    plan.agent.check()
    manifest = _manifest(plan, store.path.name)
    if not store.exists:
        store.save(manifest)
        return manifest
    old = store.manifest()
    for what, before, now in (
        ("agent", old.agent, manifest.agent),
        ("sandbox", old.sandbox.reference, manifest.sandbox.reference),
        ("tasks", old.tasks, manifest.tasks),
        ("episodes", old.episodes, manifest.episodes),
        ("episode settings", old.episode_settings, manifest.episode_settings),
    ):
        if before != now:
            raise RunStoreError(
                f"{store.path} exists and is another run: its {what} differ. Give another --id, "
                f"or go on with it as it is: riosim run --resume {store.path.name}"
            )
    return old


def _manifest(plan: RunPlan, run_id: str) -> RunManifest:
    sandbox = plan.sandbox.make()
    surfaces = sandbox.surfaces
    playable = [key for key in plan.task_ids if plan.specs[key].surface in surfaces]
    skipped = {
        key: f"needs a {plan.specs[key].surface}; {plan.sandbox.reference} has none"
        for key in plan.task_ids
        if key not in set(playable)
    }
    if not playable:
        raise UsageError(
            f"None of the {len(plan.task_ids)} tasks can be played in the sandbox "
            f"{plan.sandbox.reference!r}, which has: {', '.join(sorted(surfaces))}."
        )
    episodes = plan_episodes(
        playable,
        plan.agent,
        twins=plan.twins,
        seeds=plan.seeds,
        repetitions=plan.repetitions,
    )
    used = {(e.task_id, e.variant): plan.specs[e.task_key] for e in episodes}
    return RunManifest(
        run_id=run_id,
        title=plan.title,
        riosim_version=__version__,
        created_at=datetime.now(UTC),
        agent=AgentEntry(reference=plan.agent.reference, settings=plan.agent.shown_settings()),
        sandbox=SandboxEntry(
            reference=plan.sandbox.reference,
            settings=dict(plan.sandbox.settings),
            why=plan.sandbox.why,
            facts={"name": sandbox.name},  # the rest is known once it stands
        ),
        selection=list(plan.selection),
        tasks_dirs=list(plan.tasks_dirs),
        own_tasks=plan.own_tasks,
        tasks=[
            TaskEntry(id=task_id, variant=variant, version=spec.version, digest=spec.digest)
            for (task_id, variant), spec in used.items()
        ],
        episodes=[
            EpisodeEntry(
                id=e.id,
                task_id=e.task_id,
                variant=e.variant,
                seed=e.seed,
                repetition=e.repetition,
            )
            for e in episodes
        ],
        skipped=skipped,
        max_attempts=plan.max_attempts,
        **RunManifest.of_settings(plan.settings, plan.limits),
    )
