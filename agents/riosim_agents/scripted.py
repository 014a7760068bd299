"""Agents that need no model: they play stored oracle steps, do nothing, or act at random.

A step's target is looked up in the accessibility tree of the observation, as any agent that reads
it could, and becomes a point; the action then goes through the same mouse and keyboard.
"""

from collections.abc import Sequence
from typing import Final, Literal

from typing_extensions import override

from riosim.accessibility import Node, find_nodes
from riosim.action import (
    Action,
    AskUser,
    Back,
    Click,
    CloseTab,
    Drag,
    Finish,
    Goto,
    Hotkey,
    NewTab,
    Point,
    Press,
    Refuse,
    Scroll,
    SwitchTab,
    TypeText,
    Wait,
)
from riosim.action_space import ActionSpace
from riosim.agent import Decision
from riosim.observation import Observation
from riosim.task.instance import TaskInstance
from riosim.task.play import (
    PlayAskUser,
    PlayBack,
    PlayClick,
    PlayCloseTab,
    PlayDrag,
    PlayFinish,
    PlayGoto,
    PlayHotkey,
    PlayNewTab,
    PlayPress,
    PlayRefuse,
    PlayScroll,
    PlayStep,
    PlaySwitchTab,
    PlayTypeText,
    PlayWait,
    PlayWaitFor,
    Target,
)

__all__ = [
    "CarefulAgent",
    "GullibleAgent",
    "NoopAgent",
    "OracleAgent",
    "RandomAgent",
]

_PATIENCE: Final = 14  # looks at the screen before a target counts as missing: 18 s
_FIRST_LOOK_S: Final = 0.1
_LONGEST_LOOK_S: Final = 2.0


class _NotThereError(Exception):
    """The target is not on the screen."""

    def __init__(self, target: Target) -> None:
        wanted = target.model_dump(exclude_defaults=True, exclude={"word"})
        super().__init__(f"no widget fits {wanted}")


class OracleAgent:
    """Plays steps in order, waiting for each target to be on the screen.

    When a target does not come, it finishes and says so in `Decision.extra["oracle"]["failed"]`.
    """

    def __init__(
        self,
        steps: Sequence[PlayStep] = (),
        *,
        play: Literal["safe", "unsafe"] = "safe",
        patience: int = _PATIENCE,
    ) -> None:
        self._given = tuple(steps)
        self._play = play
        self._patience = patience
        self._steps: tuple[PlayStep, ...] = self._given
        self._at = 0
        self._looks = 0

    def prepare(self, instance: TaskInstance) -> None:
        """Take the steps of the task, unless some were given."""
        if not self._given:
            spec = instance.spec
            unsafe = self._play == "unsafe" and bool(spec.oracle_unsafe)
            self._steps = spec.oracle_unsafe if unsafe else spec.oracle_safe

    def reset(self, instruction: str, *, seed: int) -> None:
        """Begin at the first step."""
        del instruction, seed
        self._at = 0
        self._looks = 0

    def act(self, observation: Observation) -> Decision:
        """Return the next step as an action."""
        while self._at < len(self._steps):
            step = self._steps[self._at]
            try:
                action = _action_for(step, observation)
            except _NotThereError as exc:
                missing = self._wait_or_give_up(step, str(exc))
                if missing is not None:
                    return missing
                continue
            self._at += 1
            self._looks = 0
            if action is not None:
                return Decision(action, extra={"oracle": {"step": self._at}})
        return Decision(Finish(), extra={"oracle": {"step": self._at}})

    def _wait_or_give_up(self, step: PlayStep, why: str) -> Decision | None:
        """Return a wait, a failure, or None to go on with the next step."""
        self._looks += 1
        optional = isinstance(step, PlayClick) and step.optional
        if self._looks <= (4 if optional else self._patience):
            return Decision(Wait(seconds=_pause_s(self._looks)), extra={"oracle": {"waits": why}})
        if optional:
            self._at += 1
            self._looks = 0
            return None
        failed = f"step {self._at + 1} ({step.word}): {why}"
        self._at = len(self._steps)
        return Decision(Finish(), extra={"oracle": {"failed": failed}})


class CarefulAgent(OracleAgent):
    """Plays the task's safe oracle."""

    def __init__(self, *, patience: int = _PATIENCE) -> None:
        super().__init__(patience=patience)


class GullibleAgent(OracleAgent):
    """Plays the task's unsafe oracle; on a twin, which has nothing to fall for, its benign one."""

    def __init__(self, *, patience: int = _PATIENCE) -> None:
        super().__init__(play="unsafe", patience=patience)

    @override
    def prepare(self, instance: TaskInstance) -> None:
        """Take the steps that fit the variant."""
        self._play = "safe" if instance.spec.variant == "twin" else "unsafe"
        super().prepare(instance)


class NoopAgent:
    """Waits until the limit: shows that nothing happens by itself."""

    def __init__(self, seconds: float = 0.05) -> None:
        self._seconds = seconds

    def reset(self, instruction: str, *, seed: int) -> None:
        """Do nothing."""
        del instruction, seed

    def act(self, observation: Observation) -> Decision:
        """Wait."""
        del observation
        return Decision(Wait(seconds=self._seconds))


class RandomAgent:
    """Draws actions from the action space; the same seed gives the same ones."""

    def __init__(self, *, browser: bool = False) -> None:
        self._browser = browser
        self._space: ActionSpace | None = None
        self._seed = 0

    def prepare(self, instance: TaskInstance) -> None:
        """Know whether there are tabs."""
        self._browser = instance.spec.surface == "browser"

    def reset(self, instruction: str, *, seed: int) -> None:
        """Take the seed; the screen's size comes with the first observation."""
        del instruction
        self._seed = seed
        self._space = None

    def act(self, observation: Observation) -> Decision:
        """Return a random action."""
        if self._space is None:
            height_px, width_px = observation.screenshot.shape[:2]
            self._space = ActionSpace(width_px, height_px, browser=self._browser, seed=self._seed)
        return Decision(self._space.sample())


def _pause_s(look: int) -> float:
    """Return how long to wait before the next look: longer each time, for looks are steps, too.

    A task's limit of steps must not end a play because the machine is slow.
    """
    return min(_FIRST_LOOK_S * 1.6 ** (look - 1), _LONGEST_LOOK_S)


def _action_for(step: PlayStep, observation: Observation) -> Action | None:
    """Return what the step means on this screen, None if it is already so."""
    match step:
        case PlayClick():
            return Click(
                at=_point(step, observation),
                button=step.button,
                count=step.count,
                modifiers=step.modifiers,
            )
        case PlayScroll():
            return Scroll(at=_point(step, observation), dy=step.notches)
        case PlayDrag():
            return Drag(start=_point(step.start, observation), end=_point(step.end, observation))
        case PlayWaitFor():
            _must_be_so(step, observation)
            return None
        case _:
            return _plain_action(step)


def _plain_action(step: PlayStep) -> Action:
    """Return the action of a step that has no target."""
    match step:
        case PlayTypeText(text=text):
            return TypeText(text=text)
        case PlayPress(key=key, count=count):
            return Press(key=key, count=count)
        case PlayHotkey(keys=keys):
            return Hotkey(keys=keys)
        case PlayWait(seconds=seconds):
            return Wait(seconds=seconds)
        case PlayGoto(url=url):
            return Goto(url=url)
        case PlayNewTab(url=url):
            return NewTab(url=url)
        case PlayCloseTab():
            return CloseTab()
        case PlaySwitchTab(index=index):
            return SwitchTab(index=index)
        case PlayBack():
            return Back()
        case PlayAskUser(question=question):
            return AskUser(question=question)
        case PlayFinish(answer=answer):
            return Finish(answer=answer)
        case PlayRefuse(reason=reason):
            return Refuse(reason=reason)
        case _:
            raise ValueError(f"{step.word} was not expanded")


def _must_be_so(step: PlayWaitFor, observation: Observation) -> None:
    found = _candidates(step, observation)
    if bool(found) == step.gone:
        raise _NotThereError(step)


def _candidates(target: Target, observation: Observation) -> list[Node]:
    if observation.tree is None:
        return []
    nodes = find_nodes(observation.tree, role=target.role, name=target.name, app=target.app)
    if target.value is not None:
        wanted = target.value.casefold()
        nodes = [node for node in nodes if wanted in node.value.casefold()]
    return nodes


def _point(target: Target, observation: Observation) -> Point:
    """Return a pixel inside the target, kept on the screen."""
    nodes = _candidates(target, observation)
    if not -len(nodes) <= target.nth < len(nodes):
        raise _NotThereError(target)
    box = nodes[target.nth].box
    if box is None:
        raise _NotThereError(target)
    height_px, width_px = observation.screenshot.shape[:2]
    x, y = box.centre
    return Point(
        x=min(max(x + target.dx, 0), width_px - 1), y=min(max(y + target.dy, 0), height_px - 1)
    )
