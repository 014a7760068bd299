"""Agents that speak OSWorld's `predict(instruction, obs)`, unchanged."""

import json
from collections.abc import Mapping
from typing import Any, Final, Literal

from typing_extensions import override

from riosim.action import Action, Point, RunPython, Wait
from riosim.agent import Decision, InvalidOutput
from riosim.dialects.computer_13 import Computer13
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import Reading
from riosim.dialects.hand import end_of
from riosim.dialects.json_text import one_line
from riosim.dialects.pyautogui_code import PyautoguiCode
from riosim.errors import UsageError
from riosim.observation import Observation
from riosim.styles.screenshot import resized, screen_of
from riosim_agents.foreign.borrowed import Foreign, accepted, png_bytes
from riosim_agents.foreign.osworld_tree import osworld_xml
from riosim_agents.model.model_agent import Answer, ModelAgent

__all__ = ["OSWorldAgent"]

ActionSpace = Literal["auto", "pyautogui", "computer_13"]
_SPACES: Final = ("auto", "pyautogui", "computer_13")
_SETTLED_S: Final = 3.0
_KEPT: Final = 50  # actions of an answer that the record holds


class OSWorldAgent(ModelAgent):
    """Plays an agent of OSWorld: `reset(…)`, `predict(instruction, obs) -> (response, actions)`.

    It is given `screenshot` (PNG bytes), `accessibility_tree` (XML with OSWorld's roles and name
    spaces, None if the tree is off), `terminal` (None) and `instruction`. Its response is kept as
    the thought. A reply of the user, or why an action was invalid, stands at the end of the
    instruction of the next call. An exception of the agent stops the episode.

    Args:
        agent: The class, as `module:Class`.
        options: Settings of its constructor, an object.
        action_space: What it returns: `pyautogui`, `computer_13`, or `auto` to see it by each
            action. It is not handed to the agent; many want it among their options, too.
        otherwise: What becomes of code beyond the subset that is read: `invalid` counts it as an
            invalid step, `run_python` runs it in the desktop.
        keep_waits: Whether waits of up to 3 s within an answer are played; a screen is settled
            before it is shown, and each would cost a step.
        width_px: Width that the agent believes the screen has; the screenshot is made that wide.
        height_px: Height that it believes the screen has; both or none.
    """

    def __init__(
        self,
        agent: str,
        *,
        options: Mapping[str, Any] | None = None,
        action_space: ActionSpace = "auto",
        otherwise: Literal["invalid", "run_python"] = "invalid",
        keep_waits: bool = False,
        width_px: int | None = None,
        height_px: int | None = None,
    ) -> None:
        super().__init__()
        if action_space not in _SPACES:
            raise UsageError(f"action_space={action_space!r} is none of {', '.join(_SPACES)}.")
        if otherwise not in ("invalid", "run_python"):
            raise UsageError(f"otherwise={otherwise!r} is neither invalid nor run_python.")
        self._size = _believed(width_px, height_px)
        self._action_space = action_space
        self._otherwise = otherwise
        self._keep_waits = keep_waits
        self._foreign = Foreign(agent, options, kind="OSWorld", method="predict")
        self._pointer: Point | None = None
        self._calls = 0

    @override
    def forget(self) -> None:
        """Reset the agent."""
        self._foreign.reset(seed=self.seed)
        self._pointer = None
        self._calls = 0

    @override
    def act(self, observation: Observation) -> Decision:
        """Return the next action, and remember where it leaves the pointer."""
        decision = super().act(observation)
        if not isinstance(decision.action, InvalidOutput):
            self._pointer = end_of(decision.action) or self._pointer
        return decision

    @override
    def ask(self, observation: Observation) -> Answer:
        """Let the agent predict."""
        screen = screen_of(observation)
        shown = self._size or screen
        instruction = self.instruction
        if observation.message:
            instruction += f"\n\n(Since your last action: {observation.message})"
        predict = self._foreign.agent.predict
        more = accepted(predict, {"step_idx": self._calls})
        self._calls += 1
        answer = predict(instruction, self._obs(observation, screen, shown), **more)
        if not isinstance(answer, tuple | list) or len(answer) < 2:
            reason = "predict() returned no (response, actions)."
            return Answer(Reading((InvalidOutput(_short(answer), reason),)))
        response, actions = answer[0], answer[1]
        reading = self._read(actions, Grid.resized(screen, shown))
        thought = response if isinstance(response, str) else _short(response)
        said = [_short(action) for action in _listed(actions)[:_KEPT]]
        return Answer(
            Reading(self._without_waits(reading), thought[:20_000]),
            extra={"osworld": {"actions": said}},
        )

    def _obs(self, observation: Observation, screen: Screen, shown: Screen) -> dict[str, Any]:
        """Return what OSWorld's environment observes."""
        scale = (shown.width_px / screen.width_px, shown.height_px / screen.height_px)
        tree = observation.tree
        return {
            "screenshot": png_bytes(resized(observation.screenshot, shown)),
            "accessibility_tree": None if tree is None else osworld_xml(tree, scale=scale),
            "terminal": None,
            "instruction": self.instruction,
        }

    def _read(self, actions: object, grid: Grid) -> tuple[Action | InvalidOutput, ...]:
        """Return what the agent's actions mean; those of one kind are read as one answer."""
        read: list[Action | InvalidOutput] = []
        pointer = self._pointer
        for kind, group in _grouped(_listed(actions), self._action_space):
            part: tuple[Action | InvalidOutput, ...]
            if kind == "computer_13":
                part = Computer13(grid, pointer).read(group).actions
            else:
                part = self._code(group, PyautoguiCode(grid, self._otherwise, pointer))
            read.extend(part)
            for action in part:
                if not isinstance(action, InvalidOutput):
                    pointer = end_of(action) or pointer
        if not read:
            read.append(InvalidOutput(_short(actions), "The agent returned no action."))
        return tuple(read)

    def _code(self, codes: list[Any], dialect: PyautoguiCode) -> tuple[Action | InvalidOutput, ...]:
        """Return what pieces of code mean together, or each alone if together they mean nothing."""
        said = [code.get("command") if isinstance(code, dict) else code for code in codes]
        texts = [code if isinstance(code, str) else _short(code) for code in said]
        together = dialect.read("\n".join(texts)).actions
        if len(texts) == 1 or not isinstance(together[0], InvalidOutput | RunPython):
            return together
        return tuple(action for text in texts for action in dialect.read(text).actions)

    def _without_waits(
        self, actions: tuple[Action | InvalidOutput, ...]
    ) -> tuple[Action | InvalidOutput, ...]:
        """Return the actions without short waits, unless nothing else is done."""
        if self._keep_waits:
            return actions
        left = tuple(
            action
            for action in actions
            if not (isinstance(action, Wait) and action.seconds <= _SETTLED_S)
        )
        return left or actions[:1]


def _believed(width_px: object, height_px: object) -> Screen | None:
    """Return the size that the agent believes in, None if it is the screen's own."""
    if width_px is None and height_px is None:
        return None
    if not isinstance(width_px, int) or not isinstance(height_px, int):
        raise UsageError(
            f"width_px={width_px!r} and height_px={height_px!r} are no size. Give both, as whole "
            "numbers of pixels, or neither."
        )
    try:
        return Screen(width_px, height_px)
    except ValueError as exc:
        raise UsageError(f"width_px, height_px: {exc}") from exc


def _listed(actions: object) -> list[Any]:
    """Return the actions as a list; one alone may stand without."""
    if isinstance(actions, list | tuple):
        return list(actions)
    return [] if actions is None else [actions]


def _grouped(actions: list[Any], space: ActionSpace) -> list[tuple[str, list[Any]]]:
    """Return runs of actions that one dialect reads, in order."""
    groups: list[tuple[str, list[Any]]] = []
    for action in actions:
        kind = _space_of(action) if space == "auto" else space
        if groups and groups[-1][0] == kind:
            groups[-1][1].append(action)
        else:
            groups.append((kind, [action]))
    return groups


def _space_of(action: object) -> str:
    """Return which action space an action is of."""
    if isinstance(action, dict):
        return "pyautogui" if "command" in action else "computer_13"
    if isinstance(action, str) and action.lstrip().startswith("{"):
        try:
            decoded = json.loads(action)
        except (ValueError, RecursionError):
            return "pyautogui"
        return "computer_13" if isinstance(decoded, dict) else "pyautogui"
    return "pyautogui"


def _short(value: object) -> str:
    """Return anything as text for the record."""
    return (value if isinstance(value, str) else one_line(value))[:4_000]
