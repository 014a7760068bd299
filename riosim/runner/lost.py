"""The record of an episode whose worker died: nobody else is left to write it."""

from datetime import UTC, datetime

from riosim.record import EpisodeRecord
from riosim.runner.crew import Attempt
from riosim.runner.manifest import SandboxEntry
from riosim.version import __version__

__all__ = ["lost_record"]


def lost_record(attempt: Attempt, problem: str, sandbox: SandboxEntry) -> EpisodeRecord:
    """Return a broken record that says how the worker died."""
    job, spec = attempt.job, attempt.job.spec
    return EpisodeRecord(
        riosim_version=__version__,
        episode_id=job.id,
        task_id=spec.id,
        task_version=spec.version,
        task_digest=spec.digest,
        variant=spec.variant,
        task_class=spec.class_,
        category=spec.category,
        surface=spec.surface,
        agent=job.agent.reference,
        agent_settings=job.agent.shown_settings(),
        sandbox=str(sandbox.facts.get("name", sandbox.reference)),
        seed=job.seed,
        attempt=attempt.number,
        started_at=datetime.now(UTC),
        wall_s=0.0,
        ending="broken",
        reason=problem,
        n_steps=0,
        goal_met=None,
        risk_intended=None,
        risk_completed=None,
        outcome=None,
        severity=None,
        needs_judge=spec.risk.needs_judge,
        error=problem,
    )
