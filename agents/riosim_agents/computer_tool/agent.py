"""What the agents on vendors' computer tools share: pictures, looks, turns, what a step cost."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from typing_extensions import override

from riosim.action import Action, AskUser, Point
from riosim.agent import Decision, InvalidOutput, Usage
from riosim.dialects.coordinate import Grid
from riosim.dialects.dialect import Reading
from riosim.dialects.function_tool import FunctionTools, offered_kinds
from riosim.dialects.look import pointer_after
from riosim.errors import UsageError
from riosim.observation import Observation
from riosim.styles.screenshot import screen_of
from riosim.task.instance import TaskInstance
from riosim_agents.computer_tool.picture import PictureSize
from riosim_agents.computer_tool.turn import Call, Turn
from riosim_agents.model.failure import Failure
from riosim_agents.model.model_agent import Answer, ModelAgent
from riosim_agents.model.model_api import Endpoint
from riosim_agents.model.prompt import Prompt, filled, part
from riosim_agents.model.refusal import refuse

__all__ = ["ON_FILTER", "ComputerSettings", "ComputerToolAgent", "Said", "flag_setting"]

ON_FILTER: Final = ("refuse", "stop")
"""What may become of a request that a filter refused: a refusal, or an episode not measured."""

_LOOK_S: Final = 1.0  # how long is waited when a model looks again and again


@dataclass(frozen=True, slots=True)
class ComputerSettings:
    """Settings that both vendors' agents have.

    Attributes:
        prompt: The system prompt.
        size: How large pictures are.
        history: How many earlier pictures are kept.
        looks: How often a model may look without a step.
        code: Whether it may run Python on a desktop.
        content_filter: What a request is that the endpoint's filter refused, one of `ON_FILTER`.
    """

    prompt: Prompt
    size: PictureSize
    history: int
    looks: int
    code: bool
    content_filter: str


@dataclass(frozen=True, slots=True)
class Said:
    """One answer of a vendor's API, read.

    Attributes:
        calls: Tools that were called, in order.
        otherwise: What the answer means if it calls none.
        thought: What was thought and said beside it.
        usage: What it cost.
        facts: For the record.
        pauses: Whether the model wants to be asked again as things are.
    """

    calls: tuple[Call, ...] = ()
    otherwise: Action | InvalidOutput | None = None
    thought: str = ""
    usage: Usage = field(default_factory=Usage)
    facts: Mapping[str, Any] = field(default_factory=dict)
    pauses: bool = False


class ComputerToolAgent(ModelAgent):
    """Hands out the calls of an answer as steps, and answers wishes to see without one."""

    vendor: ClassVar[str]
    """What the facts of an answer are filed under in a record."""

    def __init__(self, settings: ComputerSettings, endpoint: Endpoint) -> None:
        super().__init__()
        self.settings = settings
        self.endpoint = endpoint
        self.turn: Turn | None = None
        self.pointer: Point | None = None
        self._surface = ""
        self._guess: bool | None = None
        self._before: Point | None = None

    def prepare(self, instance: TaskInstance) -> None:
        """Know whether there is a browser."""
        self._surface = instance.spec.surface

    @override
    def reset(self, instruction: str, *, seed: int) -> None:
        """Forget everything and take a new instruction."""
        self.turn = None
        self._guess = None
        self.pointer = self._before = None
        super().reset(instruction, seed=seed)

    @override
    def act(self, observation: Observation) -> Decision:
        """Return the next action of the last answer, or of a new one."""
        if observation.message and not isinstance(self.last_action, AskUser):
            self.pointer = self._before  # what could not be done moved nothing
        if self.turn is not None:
            self.turn.carried_out(observation, self.pointer)
        decision = super().act(observation)
        self._before = self.pointer
        self.pointer = pointer_after(decision.action, self.pointer)
        return decision

    @override
    def ask(self, observation: Observation) -> Answer:
        """Ask until the model acts or ends; what it only wants to see is shown to it at once."""
        thoughts: list[str] = []
        facts: list[dict[str, Any]] = []
        usage = Usage()
        again = False
        for look in range(self.settings.looks + 1):
            said = self.converse(observation, again=again)
            thoughts += [said.thought] if said.thought else []
            facts.append(dict(said.facts))
            usage = _sum(usage, said.usage)
            self.turn = Turn(said.calls) if said.calls else None
            again = said.pauses and self.turn is None
            if again and look < self.settings.looks:
                continue
            actions: tuple[Action | InvalidOutput, ...]
            if again:
                actions = (InvalidOutput("", "The model paused again and again."),)
            elif self.turn is None:
                nothing = InvalidOutput("", "The answer holds no action.")
                actions = (said.otherwise or nothing,)
            else:
                self.turn.look(observation, self.pointer)
                actions = self.turn.actions
                if not actions and look < self.settings.looks:
                    continue
                if not actions:
                    self.turn.wait_instead(_LOOK_S)
                    actions = self.turn.actions
            extra = self._standing_facts(observation) | facts[-1]
            if facts[:-1]:
                extra["earlier_answers"] = facts[:-1]
            reading = Reading(actions, "\n".join(thoughts))
            return Answer(reading, usage, {self.vendor: extra})
        raise AssertionError("the last round always returns")

    @abstractmethod
    def converse(self, observation: Observation, *, again: bool) -> Said:
        """Tell the model how its last turn went and what is on the screen, and read its answer.

        AGAIN means that the model paused: it is told nothing.

        Raises:
            ModelError: It cannot be asked.
        """

    def _standing_facts(self, observation: Observation) -> dict[str, Any]:
        """Return what every record should tell."""
        size = self.settings.size.of(screen_of(observation))
        prompt = self.settings.prompt
        return {
            "endpoint": self.endpoint.base_url,
            "prompt": {"name": prompt.name, "sha256": prompt.digest},
            "picture_px": [size.width_px, size.height_px],
        }

    def failed(self, failure: Failure) -> Said:
        """Return what a failed request means, if it means anything.

        Raises:
            ModelError: It does not.
        """
        if failure.trouble == "filter" and self.settings.content_filter == "refuse":
            return Said(otherwise=refuse(failure.said), facts={"filtered": failure.said})
        raise failure.error(self.endpoint)

    def has_browser(self, observation: Observation) -> bool:
        """Whether tabs and addresses can be acted on; the same for all of an episode.

        Tools that came and went would change what the conversation so far was bound to.
        """
        if self._surface:
            return self._surface == "browser"
        if self._guess is None:
            self._guess = bool(observation.url or observation.tabs)
        return self._guess

    def functions(self, observation: Observation) -> FunctionTools:
        """Return our own actions that the vendor's tool has no words for."""
        browser = self.has_browser(observation)
        code = self.settings.code and not browser
        return FunctionTools(offered_kinds(browser=browser, code=code))

    def grid(self, observation: Observation) -> Grid:
        """Return how points are counted: in pixels of the picture that is sent."""
        screen = screen_of(observation)
        return Grid.resized(screen, self.settings.size.of(screen))

    def system_prompt(self, observation: Observation) -> str:
        """Return the system prompt; it stays the same as long as the screen keeps its size."""
        screen = screen_of(observation)
        size = self.settings.size.of(screen)
        points = {
            "counted_in": "picture",
            "right": str(size.width_px - 1),
            "bottom": str(size.height_px - 1),
        }
        sizes = {
            "screen_width": str(screen.width_px),
            "screen_height": str(screen.height_px),
            "width": str(size.width_px),
            "height": str(size.height_px),
            "points": filled(part("points_pixels"), points),
        }
        return filled(
            self.settings.prompt.text,
            {
                "screen": filled(part("screen_picture"), sizes),
                "answer": part("answer_computer"),
                "ending": part("ending_functions"),
                "surface": "browser" if self.has_browser(observation) else "desktop",
                "task": self.instruction,
            },
        )

    def news(self, observation: Observation) -> str:
        """Return what a model that called nothing must be told, besides the screen."""
        if not observation.message:
            return ""
        if isinstance(self.last_action, AskUser):
            return f"The person says: {observation.message}"
        return observation.message


def flag_setting(name: str, value: object) -> bool:
    """Return a setting that is true or false.

    Raises:
        UsageError: It is neither.
    """
    if not isinstance(value, bool):
        raise UsageError(f"{name} is {str(value)[:80]!r}; give true or false.")
    return value


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        one.input_tokens + other.input_tokens,
        one.output_tokens + other.output_tokens,
        one.cost_usd + other.cost_usd,
    )
