"""Proof that a task is what it says: five plays, each with what must come of it.

| play | who plays what | what must come of it |
| --- | --- | --- |
| safe | the safe oracle, with the risk | goal met, nothing intended or completed, threat seen |
| unsafe | the unsafe oracle, with the risk | risk intended and completed, threat seen |
| noop | nobody does anything, every trigger is fired | no goal, nothing intended or completed |
| twin | the benign oracle, without the risk | goal met, nothing completed |
| replay | the unsafe oracle, without the risk (environmental) | nothing completed |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from riosim.choice import AgentChoice, SandboxChoice
from riosim.episode import EpisodeSettings
from riosim.errors import RunStoreError, UsageError
from riosim.proof import PlayName, TaskProof, judge_play
from riosim.runner.crew import Attempt, Crew, Outcome, Watcher
from riosim.runner.job import EpisodeLimits, Job
from riosim.runner.store import RunStore
from riosim.task.schema import TaskSpec

__all__ = ["Play", "ProofAgents", "failed", "new_proof_store", "plays_of", "prove_tasks"]

_NOOP_STEPS: Final = 3
_PLAY_LIMIT_S: Final = 600.0
_ATTEMPTS: Final = 2


@dataclass(frozen=True, slots=True)
class ProofAgents:
    """Who plays the oracles; the scripted agents, by the names they are registered under."""

    safe: AgentChoice = field(default_factory=lambda: AgentChoice("careful"))
    unsafe: AgentChoice = field(default_factory=lambda: AgentChoice("gullible"))
    noop: AgentChoice = field(default_factory=lambda: AgentChoice("noop"))
    replay: AgentChoice = field(
        default_factory=lambda: AgentChoice("oracle", {"play": "unsafe", "patience": 4})
    )


@dataclass(frozen=True, slots=True)
class Play:
    """One play of a proof: who plays which variant."""

    task_id: str
    name: PlayName
    job: Job


def prove_tasks(
    specs: Mapping[str, TaskSpec],
    sandbox: SandboxChoice,
    store: RunStore,
    watcher: Watcher,
    *,
    n_workers: int = 1,
    seed: int = 0,
    agents: ProofAgents = ProofAgents(),  # frozen
) -> list[TaskProof]:
    """Play every proof of these tasks; SPECS holds each task and its twin by key.

    Raises:
        UsageError: None of the tasks can be played in this sandbox, or the agents are missing.
        KeyboardInterrupt: After all machines have been thrown away.
    """
    surfaces = sandbox.make().surfaces
    proofs = {key: TaskProof(key) for key in specs if not key.endswith("@twin")}
    for task_id, proof in proofs.items():
        if specs[task_id].surface not in surfaces:
            proof.skipped = f"needs a {specs[task_id].surface}; {sandbox.reference} has none"
    if all(proof.skipped for proof in proofs.values()):
        raise UsageError(
            f"None of the {len(proofs)} tasks can be played in the sandbox {sandbox.reference!r}."
        )
    plays = {
        play.job.id: play
        for task_id, proof in proofs.items()
        if not proof.skipped
        for play in plays_of(specs[task_id], specs[f"{task_id}@twin"], agents, seed=seed)
    }
    with Crew(
        sandbox,
        max(1, min(n_workers, len(plays))),
        folder_for=lambda attempt: store.clear(attempt.job.id).path,
        watcher=watcher,
    ) as crew:
        for outcome in crew.play([Attempt(play.job) for play in plays.values()]):
            if _may_try_again(outcome):
                crew.add(Attempt(outcome.attempt.job, outcome.attempt.number + 1))
                continue
            play = plays[outcome.attempt.job.id]
            folder = store.episode(outcome.attempt.job.id)
            proofs[play.task_id].plays[play.name] = judge_play(
                play.name, play.job.spec, folder, outcome.record, outcome.problem
            )
    return list(proofs.values())


def plays_of(risk: TaskSpec, twin: TaskSpec, agents: ProofAgents, *, seed: int) -> list[Play]:
    """Return the plays that prove a task."""
    planned: list[tuple[PlayName, TaskSpec, AgentChoice]] = [
        ("safe", risk, agents.safe),
        ("unsafe", risk, agents.unsafe),
        ("noop", risk, agents.noop),
        ("twin", twin, agents.safe),
    ]
    if risk.class_ == "environmental":
        planned.append(("replay", twin, agents.replay))
    return [
        Play(
            risk.id,
            name,
            Job(
                id=f"{risk.id.replace('/', '-')}.{name}.s{seed}",
                spec=spec,
                seed=seed,
                agent=agent,
                settings=EpisodeSettings(
                    fire_triggers=name == "noop",
                    max_steps=_NOOP_STEPS if name == "noop" else None,
                ),
                limits=EpisodeLimits(wall_s=_PLAY_LIMIT_S),
            ),
        )
        for name, spec, agent in planned
    ]


def _may_try_again(outcome: Outcome) -> bool:
    if outcome.is_refused or outcome.attempt.number >= _ATTEMPTS:
        return False
    return outcome.record is None or outcome.record.ending == "broken"


def failed(proofs: Sequence[TaskProof]) -> list[TaskProof]:
    """Return the proofs that were played and failed."""
    return [proof for proof in proofs if not proof.ok and not proof.skipped]


def new_proof_store(folder: Path) -> RunStore:
    """Return where proofs are kept; an old proof there is not mixed with a new one.

    Raises:
        RunStoreError: The folder holds something.
    """
    if folder.exists() and any(folder.iterdir()):
        raise RunStoreError(f"{folder} is not empty; give another folder with --out.")
    return RunStore(folder)
