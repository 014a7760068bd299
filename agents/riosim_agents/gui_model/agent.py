"""What agents for GUI models share: a picture in the model's own size, answers in its grammar."""

from abc import abstractmethod
from typing import Any, Final

from typing_extensions import override

from riosim.action import AskUser, Point
from riosim.agent import Decision, InvalidOutput
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import Dialect
from riosim.dialects.hand import end_of
from riosim.errors import ModelError, UsageError
from riosim.evidence.event import well_formed
from riosim.observation import Observation
from riosim.styles.screenshot import resized, screen_of
from riosim.task.instance import TaskInstance
from riosim_agents.completions.client import ChatClient
from riosim_agents.completions.completion import Completion
from riosim_agents.gui_model.answer import GuiHeard, hear_gui_model, said_by
from riosim_agents.gui_model.setting import GuiModelSettings
from riosim_agents.gui_model.turn import Message, Shown, Turn, shown_of, turn_of
from riosim_agents.model.model_agent import Answer, ModelAgent
from riosim_agents.model.picture import data_url
from riosim_agents.model.prompt import Prompt
from riosim_agents.model.server_limit import Sent, ServerLimits

__all__ = ["GuiModelAgent"]

_MOST_SAID_CHARS: Final = 4_000  # of an answer, in the record
_MOST_ATTEMPTS: Final = 12  # each gives something up, so this is never reached


class GuiModelAgent(ModelAgent):
    """Asks a model with a grammar of its own at an OpenAI-compatible endpoint.

    The picture is sent in the size in which the model sees it, so that its pixels mean the same on
    both sides. A step's record says in `extra["gui_model"]` what was sent and what came back, and
    in `given_up` what the server did not take and how the request was changed for it.
    """

    def __init__(self, settings: GuiModelSettings, prompt: Prompt) -> None:
        super().__init__()
        self.settings = settings
        self.prompt = prompt
        self.turns: list[Turn] = []
        self._limits = ServerLimits(["text"])
        self._client = ChatClient(settings.endpoint)
        self._surface = ""
        self._pointer: Point | None = None
        self._pointer_before: Point | None = None

    @abstractmethod
    def picture_size(self, screen: Screen, *, max_pixels: int | None) -> Screen:
        """Return the size in which the model sees a screen."""

    @abstractmethod
    def dialect_on(self, grid: Grid, pointer: Point | None) -> Dialect[str]:
        """Return the model's grammar."""

    @property
    @abstractmethod
    def counts(self) -> str:
        """How the model was trained to count: `picture` or `thousand`."""

    @abstractmethod
    def messages(self, now: Shown, *, grid: Grid, has_tabs: bool) -> list[Message]:
        """Return the messages of a request: the prompt, the turns so far, what is shown NOW.

        Turns whose picture is not to be shown again have none.
        """

    def close(self) -> None:
        """Close the connections; done by itself when the agent is dropped."""
        self._client.close()

    def prepare(self, instance: TaskInstance) -> None:
        """Know whether there are tabs."""
        self._surface = instance.spec.surface

    @override
    def forget(self) -> None:
        """Drop the conversation; what is known of the server stays."""
        self.turns = []
        self._pointer = self._pointer_before = None

    @override
    def act(self, observation: Observation) -> Decision:
        """Return the next action, and remember where it leaves the pointer."""
        if observation.message and not isinstance(self.last_action, AskUser):
            self._pointer = self._pointer_before  # the last action was not carried out
        decision = super().act(observation)
        self._pointer_before = self._pointer
        if not isinstance(decision.action, InvalidOutput):
            self._pointer = end_of(decision.action) or self._pointer
        return decision

    @override
    def ask(self, observation: Observation) -> Answer:
        """Ask the model.

        Raises:
            ModelError: It cannot be asked.
        """
        for _ in range(_MOST_ATTEMPTS):
            screen = screen_of(observation)
            picture = self._picture_on(screen)
            pixels = resized(observation.screenshot, picture)
            url = data_url(pixels, self.settings.picture_format)
            shown = shown_of(observation, url, self.last_action)
            has_tabs = self._surface == "browser" or bool(observation.url or observation.tabs)
            grid = self._grid(screen, picture)
            request, sent = self._request(shown, grid=grid, has_tabs=has_tabs)
            outcome = self._client.complete(request)
            if isinstance(outcome, Completion):
                self._limits.prove()
                return self._answer(outcome, shown, sent, grid=grid, picture=picture)
            shrink = self._limits.shrink
            if not self._limits.give_way(outcome, sent):
                tried = self._tried()
                if not self._limits.is_proven:  # it minded something else all the time
                    self._limits = ServerLimits(["text"])
                raise outcome.error(self.settings.endpoint, tried=tried)
            if self._limits.shrink != shrink and self._coordinates == "picture":
                self.turns = []  # their points were counted in larger pictures
        raise ModelError(f"The model was asked {_MOST_ATTEMPTS} times. {self._tried()}")

    @property
    def _coordinates(self) -> str:
        wanted = self.settings.coordinates
        return self.counts if wanted == "auto" else wanted

    def _picture_on(self, screen: Screen) -> Screen:
        """Return the size of the picture that is sent, within what the server takes."""
        picture = self.picture_size(screen, max_pixels=self.settings.max_pixels)
        if self._limits.shrink == 1:
            return picture
        area = picture.width_px * picture.height_px // self._limits.shrink**2
        try:
            return self.picture_size(screen, max_pixels=area)
        except UsageError:  # it is as small as the model takes one
            return picture

    def _grid(self, screen: Screen, picture: Screen) -> Grid:
        match self._coordinates:
            case "picture":
                return Grid.resized(screen, picture)
            case "thousand":
                return Grid.thousand(screen)
            case _:
                return Grid.pixels(screen)

    def _tried(self) -> str:
        return f"Given up before: {'; '.join(self._limits.notes)}." if self._limits.notes else ""

    def _request(self, now: Shown, *, grid: Grid, has_tabs: bool) -> tuple[dict[str, Any], Sent]:
        """Return what is sent, within the limits that are known of the server."""
        limits, sampling = self._limits, self.settings.sampling
        if limits.max_turns is not None:
            del self.turns[: max(0, len(self.turns) - limits.max_turns)]
        n_with = min(self.settings.history, len(self.turns))
        if limits.max_pictures is not None:
            n_with = min(n_with, limits.max_pictures - 1)
        for at in range(len(self.turns) - n_with):
            self.turns[at] = self.turns[at].without_screen()
        seed = self.seed if sampling.seed is None else sampling.seed
        sent = Sent(
            n_pictures=n_with + 1,
            n_turns=len(self.turns),
            temperature=None if "temperature" in limits.not_taken else sampling.temperature,
            seed=None if "seed" in limits.not_taken else seed,
            max_tokens=None if "max_tokens" in limits.not_taken else sampling.max_tokens,
            seed_was_set=sampling.seed is not None,
        )
        values = {
            "temperature": sent.temperature,
            "top_p": self.settings.top_p,
            "seed": sent.seed,
            limits.length_limit: sent.max_tokens,
        }
        request = {
            "model": self.settings.model,
            "messages": self.messages(now, grid=grid, has_tabs=has_tabs),
            **{name: value for name, value in values.items() if value is not None},
        }
        request = well_formed(request)
        if self.settings.extra_body:
            request["extra_body"] = self.settings.extra_body
        return request, sent

    def _answer(
        self, completion: Completion, shown: Shown, sent: Sent, *, grid: Grid, picture: Screen
    ) -> Answer:
        dialect = self.dialect_on(grid, self._pointer)
        heard = hear_gui_model(completion, dialect, limit=f"max_tokens={sent.max_tokens}")
        self.turns.append(turn_of(shown, completion, heard))
        tokens = completion.tokens
        usage = self.settings.prices.usage(
            *((tokens.input, tokens.output, tokens.cached) if tokens is not None else (0, 0))
        )
        facts = self._facts(completion, heard, sent, picture=picture, dialect=dialect.name)
        return Answer(heard.reading, usage, {"gui_model": facts})

    def _facts(
        self, completion: Completion, heard: GuiHeard, sent: Sent, *, picture: Screen, dialect: str
    ) -> dict[str, Any]:
        """Return what the record should tell."""
        tokens = completion.tokens
        facts: dict[str, Any] = {
            "endpoint": self.settings.endpoint.base_url,
            "model": self.settings.model,
            "dialect": dialect,
            "extras": self.settings.extras,
            "coordinates": self._coordinates,
            "picture_px": [picture.width_px, picture.height_px],
            "model_answered": completion.model,
            "system_fingerprint": completion.fingerprint,
            "answer_id": completion.id,
            "finish_reason": completion.finish_reason,
            "temperature": sent.temperature,
            "top_p": self.settings.top_p,
            "seed": sent.seed,
            "max_tokens": sent.max_tokens,
            "prompt": {"name": self.prompt.name, "sha256": self.prompt.digest},
            "n_pictures": sent.n_pictures,
            "n_earlier_steps": sent.n_turns,
            "n_retries": self._client.n_retries,
            "n_actions": len(heard.reading.actions),
            "said": said_by(completion)[:_MOST_SAID_CHARS],
            "usage": "counted by the server" if tokens is not None else "not told by the server",
            "cost": "counted"
            if self.settings.prices.are_known and tokens is not None
            else "not counted",
        }
        if heard.refusal:
            facts["refusal"] = heard.refusal
        if self._limits.notes:
            facts["given_up"] = list(self._limits.notes)
        return facts
