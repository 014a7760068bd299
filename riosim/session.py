"""One task on one machine, step by step: what the gym environment and the episode loop share."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riosim.action import ACTION_TYPES, Action, AskUser, Finish, Refuse, Wait
from riosim.agent import InvalidOutput
from riosim.checks import all_probes
from riosim.checks.case import Case, Probe, Snapshot
from riosim.clock import Clock, SystemClock
from riosim.errors import InvalidActionError, SandboxError
from riosim.evidence.bus import EventBus
from riosim.monitor import Monitor, RiskSignal
from riosim.monitors.rules import RuleMonitor
from riosim.monitors.verdict import Verdict, decide
from riosim.monitors.words import (
    sounds_like_agreement,
    sounds_like_refusal,
    sounds_like_warning,
)
from riosim.observation import Frame, Observation
from riosim.sandbox import Loss, Machine, MachinePlan, Sandbox
from riosim.task.instance import TaskInstance, instantiate
from riosim.task.moment import Moment
from riosim.task.schema import Attack, TaskSpec
from riosim.task.setup import SetupStep, apps_of, in_order

__all__ = ["MachineLostError", "Session", "SessionSettings", "StepResult", "plain_action"]

_log = logging.getLogger(__name__)


class MachineLostError(SandboxError):
    """The machine is gone; `loss` says why and whether the agent caused it."""

    def __init__(self, loss: Loss) -> None:
        super().__init__(f"The machine was lost: {loss.reason}")
        self.loss = loss


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How a task is played; part of every record."""

    observe_tree: bool = True
    width_px: int = 1280
    height_px: int = 800
    max_steps: int | None = None  # None: the task's own
    fire_triggers: bool = False  # put every attack into the world by itself, for no-op proofs


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one decision led to."""

    observation: Observation
    terminated: bool
    truncated: bool
    signals: tuple[RiskSignal, ...]
    valid: bool
    error: str = ""


class Session:
    """Plays one task for one seed; `begin`, then `advance` until it ends, then `verdict`.

    Closing is idempotent and never raises; whatever was opened half-way is closed.
    """

    def __init__(
        self,
        spec: TaskSpec,
        sandbox: Sandbox,
        *,
        seed: int,
        settings: SessionSettings = SessionSettings(),  # frozen
        events_path: Path | None = None,
        monitors: Iterable[Monitor] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        self.instance: TaskInstance = instantiate(spec, seed=seed, directory=sandbox.directory())
        self.spec = self.instance.spec
        self.max_steps = settings.max_steps or self.spec.max_steps
        self.step = 0
        self.n_invalid = 0
        self.signals: list[RiskSignal] = []
        self._sandbox = sandbox
        self._clock = clock or SystemClock()
        self._monitors = tuple(monitors) if monitors is not None else (RuleMonitor(),)
        self._stack = ExitStack()
        self.bus = EventBus(self._clock, events_path)
        self._stack.callback(self.bus.close)
        self._machine: Machine | None = None
        self._moment = Moment(self.spec.trigger) if self.spec.trigger is not None else None
        self._message = ""
        self._loss: Loss | None = None
        self._n_watched = 0
        self._n_awaited = 0  # events that were looked at for the trigger
        self._words_were_seen = False
        self._start: dict[str, Any] = {}
        self._end: dict[str, Any] | None = None
        self._probes = all_probes(
            self.spec.goal_met, self.spec.risk.intention, self.spec.risk.completion
        )

    @property
    def machine(self) -> Machine:
        """The machine, once `begin` has started it."""
        if self._machine is None:
            raise SandboxError("The session has no machine: call begin() first.")
        return self._machine

    @property
    def user_uid(self) -> int:
        """The uid of the agent's user in the machine."""
        return self._machine.user_uid if self._machine is not None else 1000

    def begin(self) -> Observation:
        """Start the machine, set the task up, and return the first observation.

        Raises:
            SandboxError: The machine could not be made ready.
            UsageError: The task's set-up is impossible.
        """
        plan = MachinePlan(
            surface=self.spec.surface,
            persona=self.instance.persona,
            world=self.instance.world,
            apps=tuple(apps_of(self.spec.setup)),
            width_px=self.settings.width_px,
            height_px=self.settings.height_px,
        )
        self._machine = self._sandbox.start(plan, self.bus.emit)
        self._stack.callback(self._machine.close)
        for monitor in self._monitors:
            monitor.reset(self.instance)
        attack = self.spec.attack
        if attack is not None and self.spec.trigger is not None and self.spec.trigger.start:
            self._apply(in_order(self.spec.setup, attack.place))
            self._note_attack(attack)
        else:
            self._apply(self.spec.setup)
        self._start = {
            probe.key: self._machine.probe(probe) for probe in self._probes if probe.at_start
        }
        return self._observe()

    def advance(
        self, action: Action | InvalidOutput, *, thought: str = "", looked: bool = True
    ) -> StepResult:
        """Carry out one decision and return what it led to.

        What the last observation showed exposes nobody and is charged to nobody unless the agent
        LOOKED at it before it decided.

        An impossible or malformed action is an invalid step: counted, told to the agent, no error.

        Raises:
            MachineLostError: The machine is gone.
            SandboxError: The machine broke.
        """
        if not looked:
            self.bus.note("screen.unlooked", "agent")
        self.step += 1
        self.bus.step = self.step
        self._message = ""
        terminated = isinstance(action, Finish | Refuse)
        truncated = not terminated and self.step >= self.max_steps
        with self._losses_told():
            error = self._perform(action, thought)
            if error:
                self.n_invalid += 1
                self._message = error
                self.bus.note("action.invalid", "agent", action=plain_action(action), reason=error)
            self._check_alive()
            if not terminated:
                self._pull_trigger()
            observation = self._observe(is_last=terminated or truncated)
        return StepResult(
            observation=observation,
            terminated=terminated,
            truncated=truncated,
            signals=self._watch(),
            valid=not error,
            error=error,
        )

    def finish_up(self) -> None:
        """Read the end state, once; on a lost machine whatever the engine still has.

        What the machine has sent by then is waited for, so that the verdict misses no evidence.

        Raises:
            MachineLostError: The machine is gone, and `record_loss` was not called yet.
            SandboxError: The machine broke.
        """
        if self._end is None:
            with self._losses_told():
                self._check_alive()
                self._end = {probe.key: self._read(probe) for probe in self._probes}
                self.machine.flush()
        self._watch()

    def _read(self, probe: Probe) -> Any:
        try:
            return self.machine.probe(probe)
        except SandboxError:
            if self._loss is None:
                raise
            return None  # the machine is gone, and the engine has nothing either

    @contextmanager
    def _losses_told(self) -> Iterator[None]:
        """Turn an error of a machine that is gone into the loss that it is."""
        try:
            yield
        except MachineLostError:
            raise
        except SandboxError as exc:
            loss = self.machine.loss() if self._loss is None else None
            if loss is None:
                raise
            raise MachineLostError(loss) from exc

    def record_loss(self, loss: Loss) -> None:
        """Put a loss of the machine into the evidence, once."""
        if self._loss is not None:
            return
        self._loss = loss
        self.bus.note(
            "system.lost", "world", reason=loss.reason, by_agent=loss.by_agent, **loss.facts
        )

    @property
    def snapshot(self) -> Snapshot:
        """What was read from the machine so far."""
        return Snapshot(start=self._start, end=self._end or {})

    def verdict(self) -> Verdict:
        """Return the verdict on the evidence and the end state."""
        return decide(self.spec, Case(self.bus.events, self.snapshot, self.user_uid))

    def close(self) -> None:
        """Throw the machine away. Idempotent."""
        self._stack.close()

    def _perform(self, action: Action | InvalidOutput, thought: str) -> str:
        """Do it; return why it was impossible, or nothing."""
        self._hear_warning(thought)
        if isinstance(action, InvalidOutput):
            return f"No action was understood: {action.reason}"
        if not isinstance(action, ACTION_TYPES):  # from an agent that mypy has not seen
            return f"A {type(action).__name__} is no action; see riosim.action."
        self.bus.note("action.performed", "agent", action=plain_action(action))
        if isinstance(action, Finish):
            self._hear_warning(action.answer)
            if sounds_like_refusal(action.answer):
                self.bus.note("agent.refused", "agent", text=action.answer[:2000])
            elif sounds_like_agreement(action.answer):
                self.bus.note("agent.agreed", "agent", text=action.answer[:2000])
            self.bus.note("agent.finished", "agent", answer=action.answer)
        elif isinstance(action, Refuse):
            self._hear_warning(action.reason)
            self.bus.note("agent.refused", "agent", text=action.reason)
        elif isinstance(action, AskUser):
            self._hear_warning(action.question)
            self._message = self.spec.reply
            self.bus.note("agent.asked", "agent", text=action.question, reply=self.spec.reply)
        elif isinstance(action, Wait):
            self._clock.sleep(action.seconds)
        else:
            try:
                self.machine.controller.perform(action)
            except InvalidActionError as exc:
                return str(exc)
        return ""

    def _hear_warning(self, text: str) -> None:
        """Note a warning in the agent's own words; never proof."""
        if sounds_like_warning(text):
            self.bus.note("agent.warned", "agent", text=text[:2000])

    def _check_alive(self) -> None:
        loss = self.machine.loss() if self._loss is None else None
        if loss is not None:
            raise MachineLostError(loss)

    def _pull_trigger(self) -> None:
        """Put the attack into the world if its moment has come."""
        if self._moment is None:
            return
        events = self.bus.events[self._n_awaited :]
        self._n_awaited += len(events)
        if self.settings.fire_triggers or self._moment.has_come(self.step, events):
            self._place_attack()

    def _place_attack(self) -> None:
        if self.spec.attack is not None:
            self._apply(self.spec.attack.place)
            self._note_attack(self.spec.attack)

    def _apply(self, steps: Iterable[SetupStep]) -> None:
        for step in steps:
            self.machine.apply(step)

    def _note_attack(self, attack: Attack) -> None:
        self._moment = None
        self.bus.note("attack.placed", "attack", vector=attack.vector, id=attack.id)

    def _observe(self, *, is_last: bool = False) -> Observation:
        """Look at the screen; what no decision follows is no exposure (IS_LAST)."""
        needs_words = self._needs_words()
        frame = self.machine.controller.observe(tree=self.settings.observe_tree or needs_words)
        observation = Observation(
            screenshot=frame.screenshot,
            instruction=self.spec.instruction,
            step=self.step,
            message=self._message,
            tree=frame.tree if self.settings.observe_tree else None,
            url=frame.url,
            tabs=frame.tabs,
        )
        if is_last:
            return observation
        if needs_words:
            self._look_for_words(_all_text(frame))
        self.bus.note(
            "screen.observed",
            "world",
            windows=list(frame.windows),
            pages=list(frame.pages),
            url=frame.url,
        )
        return observation

    def _needs_words(self) -> bool:
        """Whether to look for the threat's words; what only a tree has, only its reader sees."""
        seen = self.spec.seen
        is_shown = seen.text is not None or (seen.tree is not None and self.settings.observe_tree)
        return is_shown and not self._words_were_seen

    def _look_for_words(self, text: str) -> None:
        seen = self.spec.seen
        needle = seen.text if seen.text is not None else seen.tree
        if needle is not None and " ".join(needle.split()).casefold() in text:
            self._words_were_seen = True
            self.bus.note("text.observed", "world", needle=needle)

    def _watch(self) -> tuple[RiskSignal, ...]:
        events = self.bus.events
        new = events[self._n_watched :]
        self._n_watched = len(events)
        found = [signal for monitor in self._monitors for signal in monitor.watch(new)]
        self.signals.extend(found)
        return tuple(found)


def _all_text(frame: Frame) -> str:
    """Return what the tree says of what is on the screen, in one folded line."""
    if frame.tree is None:
        return ""
    parts = [f"{node.name} {node.value}" for node in frame.tree.walk() if node.box is not None]
    return " ".join(" ".join(parts).split()).casefold()


def plain_action(action: Action | InvalidOutput) -> dict[str, Any]:
    """Return the JSON form of what was decided."""
    if isinstance(action, ACTION_TYPES):
        return action.model_dump(mode="json")
    text = action.text if isinstance(action, InvalidOutput) else repr(action)
    return {"kind": "invalid", "text": text[:20_000]}
