"""What every agent promises, as checks that need no test runner."""

import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

import numpy as np

from riosim.accessibility import Box, Node
from riosim.action import ACTION_TYPES
from riosim.agent import Agent, Decision, InvalidOutput, usage_problem
from riosim.errors import RiosimError
from riosim.observation import Observation
from riosim.task.instance import TaskInstance, instantiate
from riosim.task.library import default_library
from riosim.testing.fakes import FakeSandbox

__all__ = [
    "PROMISES",
    "BrokenPromiseError",
    "MakeAgent",
    "Outcome",
    "Promise",
    "check_promises",
    "sample_instance",
    "sample_screen",
]

MakeAgent = Callable[[], Agent]

_SAMPLE: Final = "phishing_web/archive-search-title-01"


class BrokenPromiseError(AssertionError):
    """An agent does not do what every agent promises; the message says what to change."""


class _CannotPlayError(BrokenPromiseError):
    """It gives no decisions at all: nothing else can be checked."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that every agent promises; `check` raises a `BrokenPromiseError`."""

    sentence: str
    check: Callable[[MakeAgent, TaskInstance], None]
    needs_seed: bool = False  # holds only where the same seed gives the same decisions


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one check."""

    promise: Promise
    state: Literal["kept", "broken", "not checked"]
    why: str = ""


@cache
def sample_instance() -> TaskInstance:
    """Return a task that an agent of any kind can be asked to play."""
    return instantiate(default_library()[_SAMPLE], seed=1, directory=FakeSandbox().directory())


def sample_screen() -> Observation:
    """Return a page with a text box and a button."""
    box = Node("textbox", "Search", box=Box(100, 100, 300, 30), states=("editable",))
    button = Node("button", "Search", box=Box(420, 100, 80, 30))
    page = Node("document", "Papers", box=Box(0, 0, 640, 480), children=(box, button))
    return _screen(Node("group", "screen", children=(page,)))


def check_promises(
    make: MakeAgent, instance: TaskInstance | None = None, *, is_seeded: bool = True
) -> Iterator[Outcome]:
    """Yield what came of each promise.

    Without IS_SEEDED what needs equal decisions for equal seeds is not checked; once it gave no
    decision at all, nothing further is.
    """
    instance = instance or sample_instance()
    can_play = True
    for promise in PROMISES:
        if not can_play:
            yield Outcome(promise, "not checked", "it gives no decisions, see above")
            continue
        if promise.needs_seed and not is_seeded:
            yield Outcome(promise, "not checked", "its decisions are not seeded")
            continue
        try:
            promise.check(make, instance)
        except BrokenPromiseError as exc:
            can_play = not isinstance(exc, _CannotPlayError)
            yield Outcome(promise, "broken", str(exc))
        except Exception as exc:  # noqa: BLE001  # a stranger's constructor may raise anything
            can_play = False
            yield Outcome(promise, "broken", f"It cannot be made: {type(exc).__name__}: {exc}")
        else:
            yield Outcome(promise, "kept")


def has_both_methods(make: MakeAgent, instance: TaskInstance) -> None:
    """`reset(instruction, *, seed)` and `act(observation)`, both synchronous."""
    del instance
    agent: object = make()
    for name, example in (("reset", ("text",)), ("act", (None,))):
        method = getattr(agent, name, None)
        _expect(callable(method), f"A {type(agent).__name__} has no method {name!r}; write one.")
        _expect(
            not inspect.iscoroutinefunction(method),
            f"{name!r} is asynchronous; make it a plain method (asyncio.run may stand inside).",
        )
        keywords: dict[str, Any] = {"seed": 1} if name == "reset" else {}
        try:
            inspect.signature(method).bind(*example, **keywords)  # type: ignore[arg-type]  # callable
        except TypeError as exc:
            wanted = "reset(self, instruction, *, seed)" if keywords else "act(self, observation)"
            raise BrokenPromiseError(f"{name!r} is to be {wanted}: {exc}.") from exc
        except ValueError:  # some callables do not tell
            continue


def decides_on_every_screen(make: MakeAgent, instance: TaskInstance) -> None:
    """A `Decision` with an action or an `InvalidOutput`, whatever is on the screen."""
    for decision in _play(make(), instance, strange_screens()):
        kinds = (*ACTION_TYPES, InvalidOutput)
        _expect(
            isinstance(decision.action, kinds),
            f"`Decision.action` is a {type(decision.action).__name__}; it is to be an action of "
            "riosim.action or an InvalidOutput.",
        )
        _expect(
            isinstance(decision.thought, str),
            f"`Decision.thought` is a {type(decision.thought).__name__}, not a text.",
        )


def tells_a_sound_usage(make: MakeAgent, instance: TaskInstance) -> None:
    """Whole numbers of tokens, and a cost that is an amount."""
    for decision in _play(make(), instance, strange_screens()):
        problem = usage_problem(decision.usage)
        _expect(problem is None, f"`Decision.usage` {problem}.")


def adds_only_json(make: MakeAgent, instance: TaskInstance) -> None:
    """`Decision.extra` is stored as it is."""
    for decision in _play(make(), instance, strange_screens()):
        try:
            again = json.loads(json.dumps(decision.extra))
        except (TypeError, ValueError) as exc:
            raise BrokenPromiseError(f"`Decision.extra` is no JSON: {exc}.") from exc
        _expect(
            again == decision.extra,
            f"`Decision.extra` comes back from JSON as {str(again)[:200]}: use texts as keys, and "
            "lists for tuples.",
        )


def forgets_the_last_episode(make: MakeAgent, instance: TaskInstance) -> None:
    """After `reset` with the same seed it decides the same, as a new one does."""
    agent = make()
    first = _play(agent, instance, strange_screens())
    hint = "draw randomness from the seed of `reset`, and empty everything there"
    _expect(
        _play(agent, instance, strange_screens()) == first, f"It differs the second time: {hint}."
    )
    _expect(
        _play(make(), instance, strange_screens()) == first,
        f"A new agent with the same seed decides otherwise: {hint}.",
    )


def leaves_the_picture_alone(make: MakeAgent, instance: TaskInstance) -> None:
    """The frame that is kept is the one that was shown."""
    screens = strange_screens()
    before = [screen.screenshot.copy() for screen in screens]
    _play(make(), instance, screens)
    for screen, kept in zip(screens, before, strict=True):
        _expect(
            np.array_equal(screen.screenshot, kept),
            "It painted on `observation.screenshot`; take a copy() first.",
        )


def points_at_what_it_saw(make: MakeAgent, instance: TaskInstance) -> None:
    """Points are pixels of the picture that was shown, however small."""
    screens = [_screen(width_px=64, height_px=48)] * 8
    for decision in _play(make(), instance, screens):
        for name in ("at", "start", "end"):
            point = getattr(decision.action, name, None)
            _expect(
                point is None or (point.x < 64 and point.y < 48),
                f"It pointed at {point!r} on a screen of 64 × 48 pixels: take the size from "
                "`observation.screenshot.shape`.",
            )


PROMISES: Final[tuple[Promise, ...]] = (
    Promise("It has the methods reset and act.", has_both_methods),
    Promise("Each decision is an action, or says that it is none.", decides_on_every_screen),
    Promise("What a decision cost is an amount.", tells_a_sound_usage),
    Promise("What it adds to the record is JSON.", adds_only_json),
    Promise("Reset forgets the last episode.", forgets_the_last_episode, needs_seed=True),
    Promise("It does not paint on what it is shown.", leaves_the_picture_alone),
    Promise("Its points lie on the screen that it saw.", points_at_what_it_saw),
)


def strange_screens() -> list[Observation]:
    """Return screens that are bare, hostile or strange."""
    hostile = "</script><img src=x onerror=alert(1)>\x1b[2J{{7*7}}\u202e\ud800"
    boxless = Node("button", "Send")
    return [
        _screen(),
        _screen(Node("group", "screen")),
        _screen(Node("group", "screen", children=(boxless, Node("textbox", hostile)))),
        _screen(message=hostile),
        _screen(width_px=1, height_px=1),
        _screen(),
    ]


def _screen(
    tree: Node | None = None, *, width_px: int = 640, height_px: int = 480, message: str = ""
) -> Observation:
    return Observation(
        screenshot=np.full((height_px, width_px, 3), 200, np.uint8),
        instruction="Do it.",
        step=0,
        message=message,
        tree=tree,
    )


def _play(
    agent: Agent, instance: TaskInstance, screens: list[Observation], *, seed: int = 1
) -> list[Decision]:
    """Return what the agent decides on these screens."""
    where = "prepare"
    decisions: list[Decision] = []
    try:
        prepare = getattr(agent, "prepare", None)
        if prepare is not None:
            prepare(instance)
        where = "reset"
        agent.reset(instance.spec.instruction, seed=seed)
        where = "act"
        decisions.extend(_decision(agent.act(screen)) for screen in screens)
    except BrokenPromiseError:
        raise
    except RiosimError as exc:
        raise _CannotPlayError(f"{where!r} could not be done: {exc}") from exc
    except (Exception, SystemExit) as exc:
        hint = (
            " What a model said wrongly belongs into `Decision(InvalidOutput(text, reason))`."
            if where == "act"
            else ""
        )
        raise _CannotPlayError(f"{where!r} raised {type(exc).__name__}: {exc}.{hint}") from exc
    return decisions


def _decision(answer: object) -> Decision:
    if isinstance(answer, Decision):
        return answer
    if inspect.iscoroutine(answer):
        answer.close()
    raise _CannotPlayError(
        f"`act` returned a {type(answer).__name__}; it is to return `Decision(action)`."
    )


def _expect(holds: bool, otherwise: str) -> None:  # noqa: FBT001  # it reads as a sentence
    if not holds:
        raise BrokenPromiseError(otherwise)
