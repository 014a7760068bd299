"""The one loop: an agent plays a task until one of them ends it, and a record is written."""

import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from riosim.action import Action
from riosim.agent import Agent, Decision, InvalidOutput, sound_decision
from riosim.clock import Clock, SystemClock
from riosim.errors import RiosimError, UsageError
from riosim.evidence.event import well_formed
from riosim.monitors.verdict import Verdict
from riosim.observation import Observation
from riosim.record import Ending, EpisodeFolder, EpisodeRecord, file_digest, keeping, write_json
from riosim.sandbox import Sandbox
from riosim.session import MachineLostError, Session, SessionSettings, plain_action
from riosim.task.schema import TaskSpec
from riosim.version import __version__

__all__ = ["EpisodeSettings", "run_episode"]


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EpisodeSettings:
    """How episodes are played and what is kept of them."""

    observe_tree: bool = True
    width_px: int = 1280
    height_px: int = 800
    save_frames: bool = True
    max_steps: int | None = None
    fire_triggers: bool = False

    def for_session(self) -> SessionSettings:
        """Return the part that concerns the session."""
        return SessionSettings(
            observe_tree=self.observe_tree,
            width_px=self.width_px,
            height_px=self.height_px,
            max_steps=self.max_steps,
            fire_triggers=self.fire_triggers,
        )


@dataclass(slots=True)
class _Tally:
    """What adds up over an episode."""

    started_at: datetime
    t0: float
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    step_ms: list[float] = field(default_factory=list)


def run_episode(
    spec: TaskSpec,
    agent: Agent,
    sandbox: Sandbox,
    *,
    seed: int,
    episode_id: str,
    agent_name: str,
    agent_settings: Mapping[str, Any] | None = None,
    folder: EpisodeFolder | None = None,
    settings: EpisodeSettings = EpisodeSettings(),  # frozen
    attempt: int = 1,
    stop: Callable[[], str | None] = lambda: None,
    on_step: Callable[[int, Action | InvalidOutput], None] | None = None,
    clock: Clock | None = None,
) -> EpisodeRecord:
    """Play one episode and return its record; with FOLDER, everything is also written there.

    STOP is asked before each decision; a text ends the episode as `stopped` for that reason.

    A world that breaks gives a record with ending `broken` and no marks. An agent that raises ends
    the episode as `stopped`, with the facts that already stand.

    Raises:
        UsageError: The task cannot be played here at all, or FOLDER cannot be written.
        KeyboardInterrupt: After the machine has been thrown away.
    """
    clock = clock or SystemClock()
    tally = _Tally(datetime.now(UTC), clock.monotonic())
    if folder is not None:
        folder.create()
        (folder.path / "steps.jsonl").unlink(missing_ok=True)  # of an attempt that died
    session = Session(
        spec,
        sandbox,
        seed=seed,
        settings=settings.for_session(),
        events_path=folder.events_path if folder else None,
        clock=clock,
    )
    verdict: Verdict | None = None
    error = ""
    try:
        try:
            ending, reason = _play(session, agent, folder, settings, tally, stop, on_step, clock)
            session.finish_up()
            verdict = session.verdict()
        except MachineLostError as exc:
            session.record_loss(exc.loss)
            if exc.loss.by_agent:
                ending, reason = "finished", str(exc)
                session.finish_up()
                verdict = session.verdict()
            else:
                ending, reason, error = "broken", str(exc), traceback.format_exc()
        except UsageError:
            raise
        except Exception as exc:  # noqa: BLE001  # the episode boundary: a broken world has no score
            ending, reason, error = "broken", f"{type(exc).__name__}: {exc}", traceback.format_exc()
        machine = _machine_facts(session, tally)
    finally:
        session.close()
    record = _record(
        session,
        verdict,
        ending=ending,
        reason=reason,
        tally=tally,
        wall_s=clock.monotonic() - tally.t0,
        common={
            "episode_id": episode_id,
            "agent": agent_name,
            "agent_settings": dict(agent_settings or {}),
            "sandbox": sandbox.name,
            "seed": seed,
            "attempt": attempt,
            "error": str(well_formed(error)),
            "machine": machine,
        },
    )
    if folder is not None:
        record = _write(folder, session, record)
    return record


def _play(
    session: Session,
    agent: Agent,
    folder: EpisodeFolder | None,
    settings: EpisodeSettings,
    tally: _Tally,
    stop: Callable[[], str | None],
    on_step: Callable[[int, Action | InvalidOutput], None] | None,
    clock: Clock,
) -> tuple[Ending, str]:
    """Run the loop; return how and why it ended."""
    observation = session.begin()
    _keep(folder, settings, 0, observation)
    begun = _ask(lambda: _begin_agent(agent, session))
    if isinstance(begun, _NoAnswer):
        return "stopped", begun.why
    while True:
        why = stop()
        if why is not None:
            return "stopped", why
        answer = _ask(partial(agent.act, observation))
        if isinstance(answer, _NoAnswer):
            return "stopped", answer.why
        decision = sound_decision(answer)
        if isinstance(decision, str):
            return "stopped", decision
        before = clock.monotonic()
        result = session.advance(decision.action, thought=decision.thought, looked=decision.looked)
        took_ms = (clock.monotonic() - before) * 1000
        tally.step_ms.append(took_ms)
        tally.input_tokens += decision.usage.input_tokens
        tally.output_tokens += decision.usage.output_tokens
        tally.cost_usd += decision.usage.cost_usd
        observation = result.observation
        _keep(folder, settings, session.step, observation)
        _append_step(folder, session, decision, took_ms, result.error)
        if on_step is not None:
            on_step(session.step, decision.action)
        if result.terminated:
            return "finished", ""
        if result.truncated:
            return "truncated", f"The limit of {session.max_steps} steps was reached."


def _begin_agent(agent: Agent, session: Session) -> None:
    prepare = getattr(agent, "prepare", None)
    if prepare is not None:
        told = session.spec.model_copy(update={"max_steps": session.max_steps})
        prepare(replace(session.instance, spec=told))
    agent.reset(session.spec.instruction, seed=session.instance.seed)


@dataclass(frozen=True, slots=True)
class _NoAnswer:
    """Why an agent could not answer."""

    why: str


def _ask(question: Callable[[], T]) -> T | _NoAnswer:
    """Return what the agent answers, or why it could not: its errors are not the world's."""
    try:
        return question()
    except RiosimError as exc:
        return _NoAnswer(f"The agent gave up: {exc}")
    except (Exception, SystemExit) as exc:  # noqa: BLE001  # a stranger's agent may do anything
        return _NoAnswer(f"The agent raised {type(exc).__name__}: {exc}")


def _keep(
    folder: EpisodeFolder | None, settings: EpisodeSettings, number: int, observation: Observation
) -> None:
    if folder is not None and settings.save_frames:
        image = Image.fromarray(np.ascontiguousarray(observation.screenshot))
        with keeping(folder.path):
            image.save(folder.frame_path(number), compress_level=1)


def _append_step(
    folder: EpisodeFolder | None, session: Session, decision: Decision, took_ms: float, error: str
) -> None:
    if folder is None:
        return
    action = decision.action
    row = {
        "step": session.step,
        "action": plain_action(action),
        "error": error,
        "thought": decision.thought[:20_000],
        "usage": {
            "input_tokens": decision.usage.input_tokens,
            "output_tokens": decision.usage.output_tokens,
            "cost_usd": decision.usage.cost_usd,
        },
        "step_ms": round(took_ms, 1),
        "extra": _storable(decision.extra),
        "signals": [s.to_json() for s in session.signals if s.step == session.step],
    }
    with keeping(folder.path):
        if session.bus.write_error is not None:
            raise session.bus.write_error
        with (folder.path / "steps.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=True) + "\n")


def _storable(extra: object) -> Any:
    """Return EXTRA as JSON can hold it; what it cannot hold is told as text."""
    try:
        return json.loads(json.dumps(extra, default=repr))
    except Exception:  # noqa: BLE001  # a stranger's object may raise anything
        return {"unstorable": f"a {type(extra).__name__}"}


def _machine_facts(session: Session, tally: _Tally) -> dict[str, Any]:
    """Return what the machine says of itself; a broken one may say nothing."""
    try:
        facts = dict(session.machine.facts())
    except RiosimError:
        facts = {}
    if tally.step_ms:
        facts["step_ms_p50"] = round(float(np.median(tally.step_ms)), 1)
        facts["step_ms_p95"] = round(float(np.percentile(tally.step_ms, 95)), 1)
    return facts


def _record(
    session: Session,
    verdict: Verdict | None,
    *,
    ending: Ending,
    reason: str,
    tally: _Tally,
    wall_s: float,
    common: dict[str, Any],
) -> EpisodeRecord:
    spec = session.spec
    marks: dict[str, Any] = dict.fromkeys(
        ("goal_met", "risk_intended", "risk_completed", "outcome", "severity")
    )
    if verdict is not None:
        marks = verdict.to_json()
    return EpisodeRecord(
        riosim_version=__version__,
        task_id=spec.id,
        task_version=spec.version,
        task_digest=spec.digest,
        variant=spec.variant,
        task_class=spec.class_,
        category=spec.category,
        surface=spec.surface,
        started_at=tally.started_at,
        wall_s=round(wall_s, 3),
        ending=ending,
        reason=str(well_formed(reason)),
        n_steps=session.step,
        n_invalid=session.n_invalid,
        signals=[signal.to_json() for signal in session.signals],
        needs_judge=spec.risk.needs_judge,
        input_tokens=tally.input_tokens,
        output_tokens=tally.output_tokens,
        cost_usd=tally.cost_usd,
        user_uid=session.user_uid,
        n_dropped_events=session.bus.n_dropped,
        **marks,
        **common,
    )


def _write(folder: EpisodeFolder, session: Session, record: EpisodeRecord) -> EpisodeRecord:
    """Write task, snapshot and, last of all, the record with the digests of the rest."""
    with keeping(folder.path):
        if session.bus.write_error is not None:
            raise session.bus.write_error
    write_json(folder.path / "task.json", session.spec.model_dump(mode="json", by_alias=True))
    write_json(folder.path / "snapshot.json", session.snapshot.to_json())
    names = ("task.json", "snapshot.json", "events.jsonl", "steps.jsonl")
    digests = {
        name: file_digest(folder.path / name) for name in names if (folder.path / name).is_file()
    }
    record = record.model_copy(update={"files": digests})
    write_json(folder.path / "record.json", record)
    return record
