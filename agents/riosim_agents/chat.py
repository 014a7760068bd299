"""An agent that asks any OpenAI-compatible chat-completions endpoint."""

from typing import Any, Final

from typing_extensions import override

from riosim.action import AskUser, Point
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Screen
from riosim.errors import ModelError, UsageError
from riosim.evidence.event import well_formed
from riosim.observation import Observation
from riosim.styles.screenshot import screen_of
from riosim.styles.style import View
from riosim.task.instance import TaskInstance
from riosim_agents.completions.answer import Heard, call_results, hear, pointer_after
from riosim_agents.completions.client import OPENAI, ChatClient
from riosim_agents.completions.completion import Completion
from riosim_agents.completions.conversation import Conversation, Seen, Turn
from riosim_agents.completions.prompt import answer_format, system_prompt
from riosim_agents.completions.record import facts_of
from riosim_agents.completions.setting import Looks, Sampling, answer_modes, extra_body_setting
from riosim_agents.model.failure import Failure
from riosim_agents.model.model_agent import Answer, ModelAgent
from riosim_agents.model.model_api import Prices, endpoint_of
from riosim_agents.model.picture import PictureFormat, data_url
from riosim_agents.model.prompt import load_prompt
from riosim_agents.model.screen_text import fenced, place_of, without_tokens
from riosim_agents.model.server_limit import Sent, ServerLimits
from riosim_agents.model.setting import choice_setting, text_setting, whole_setting

__all__ = ["ChatAgent"]

_MOST_REASON_CHARS: Final = 1_000
_MOST_ATTEMPTS: Final = 12  # each gives something up, so this is never reached


class ChatAgent(ModelAgent):
    """Asks a chat model: OpenAI, vLLM, SGLang, Ollama, LM Studio, or a gateway to any other.

    A step's record says in `extra["chat"]` what was sent and what came back, and in `given_up` what
    the server did not take and how the request was changed for it.

    Args:
        model: The model's name at the server.
        base_url: Of the server, mostly ending in `/v1`; OpenAI's own if not given.
        api_key_env: Environment variable with the key. For OpenAI's own address `OPENAI_API_KEY`;
            for any other none is sent unless this names one.
        style: `screenshot`, `tree`, `both` or `marks`.
        width_px: Of the picture that is sent; the other side follows if it is not given.
        height_px: Likewise. Neither: as the screen is.
        coordinates: `picture` (its pixels), `thousand` (0–1000), `unit` (0–1), `pixels` (of the
            screen).
        dialect: `own_json` or `pyautogui`.
        answer: `tool` (a function call), `schema` (structured output), `text`, or `auto`: the first
            of these that the server takes.
        history: Earlier steps shown with their screen; those before are told in words.
        prompt: `plain`, `cautious`, `minimal`, or the path of a file that ends in `.md`.
        temperature: 0 to 2; null sends none. A 0 gives way to a server that refuses it.
        seed: Null sends the seed of the episode.
        max_tokens: Most in one answer; null sends none.
        text_tokens: Most that the text of a style may cost.
        picture_format: `png` or `jpeg`.
        detail: OpenAI's `detail` of pictures: `low`, `high`, `auto`; null sends none.
        extra_body: Object that is added to every request, such as `{"top_p": 0.9}`.
        headers: Object of HTTP headers; not written down if one looks like a secret.
        content_filter: What an answer is that the endpoint's filter withheld: `refuse`, or `stop`
            ends the episode as not measured.
        max_retries: Attempts after the first on 408, 409, 429, 5xx, time-outs and lost connections.
        timeout_s: Of one attempt.
        usd_per_million_input_tokens: Price; without one no cost is counted.
        usd_per_million_output_tokens: Price.
        usd_per_million_cached_tokens: Price of input tokens that were cached; if not given, that of
            the others.

    Raises:
        UsageError: A setting is wrong.
    """

    def __init__(
        self,
        *,
        model: str,
        base_url: str | None = None,
        api_key_env: str | None = None,
        style: str = "screenshot",
        width_px: int | None = None,
        height_px: int | None = None,
        coordinates: str = "picture",
        dialect: str = "own_json",
        answer: str = "auto",
        history: int = 3,
        prompt: str = "plain",
        temperature: float | None = 0.0,
        seed: int | None = None,
        max_tokens: int | None = 4096,
        text_tokens: int = 4000,
        picture_format: str = "png",
        detail: str | None = None,
        extra_body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        content_filter: str = "refuse",
        max_retries: int = 5,
        timeout_s: float = 120.0,
        usd_per_million_input_tokens: float | None = None,
        usd_per_million_output_tokens: float | None = None,
        usd_per_million_cached_tokens: float | None = None,
    ) -> None:
        super().__init__()
        self._model = text_setting("model", model)
        if not self._model:
            raise UsageError("model is empty; give the model's name at the server.")
        self._endpoint = endpoint_of(
            OPENAI,
            base_url=base_url,
            api_key_env=api_key_env,
            headers=headers,
            timeout_s=timeout_s,
            max_retries=max_retries,
        )
        self._looks = Looks.of(
            style=style,
            width_px=width_px,
            height_px=height_px,
            coordinates=coordinates,
            dialect=dialect,
            text_tokens=text_tokens,
            picture_format=picture_format,
            detail=detail,
        )
        self._sampling = Sampling.of(temperature=temperature, seed=seed, max_tokens=max_tokens)
        self._history = whole_setting("history", history, least=0, most=1000)
        self._prompt = load_prompt(prompt)
        self._extra_body = extra_body_setting(extra_body)
        self._on_filter = choice_setting("content_filter", content_filter, ("refuse", "stop"))
        self._prices = Prices.of(
            usd_per_million_input_tokens,
            usd_per_million_output_tokens,
            usd_per_million_cached_tokens,
        )
        self._modes = answer_modes(answer, self._looks.dialect)
        self._limits = ServerLimits(list(self._modes))
        self._client = ChatClient(self._endpoint)
        self._talk = Conversation()
        self._heard: Heard | None = None
        self._pointer: Point | None = None
        self._surface = ""

    def close(self) -> None:
        """Close the connections; done by itself when the agent is dropped."""
        self._client.close()

    def prepare(self, instance: TaskInstance) -> None:
        """Know which actions the surface has."""
        self._surface = instance.spec.surface

    @override
    def forget(self) -> None:
        """Drop the conversation; what is known of the server stays."""
        self._talk = Conversation()
        self._heard = None
        self._pointer = None

    @override
    def ask(self, observation: Observation) -> Answer:
        """Ask the model.

        Raises:
            ModelError: It cannot be asked.
        """
        self._looks.check(observation)
        message = self._message(observation)
        if self._heard is not None:
            n_dropped = self.n_dropped
            self._talk.settle(call_results(self._heard, n_dropped=n_dropped, message=message))
            self._pointer = pointer_after(self._heard, self._pointer, n_dropped=n_dropped)
        for _ in range(_MOST_ATTEMPTS):
            view = self._view(observation)
            seen = self._seen(observation, view, message)
            request, sent = self._request(view, seen)
            outcome = self._client.complete(request)
            if isinstance(outcome, Failure) and outcome.trouble == "filter":
                outcome = Completion("", refusal=outcome.said, finish_reason="content_filter")
            if isinstance(outcome, Completion):
                self._limits.prove()
                return self._answer(outcome, view, seen, sent)
            shrink = self._limits.shrink
            if not self._limits.give_way(outcome, sent):
                tried = self._tried()
                if not self._limits.is_proven:  # it minded something else all the time
                    self._limits = ServerLimits(list(self._modes))
                raise outcome.error(self._endpoint, tried=tried)
            if self._limits.shrink != shrink and self._looks.coordinates == "picture":
                self._talk.keep(0)  # its points were counted in larger pictures
        raise ModelError(f"The model was asked {_MOST_ATTEMPTS} times. {self._tried()}")

    def _tried(self) -> str:
        return f"Given up before: {'; '.join(self._limits.notes)}." if self._limits.notes else ""

    def _message(self, observation: Observation) -> str:
        """Return what the model is told of its last answer."""
        said = without_tokens(observation.message[:_MOST_REASON_CHARS])
        if not said:
            return ""
        if isinstance(self.last_action, AskUser):
            return f"The person replies: {said}"
        return f"Your last action was not carried out. {said}"

    def _picture_size(self, screen: Screen) -> Screen:
        return self._looks.size_on(screen, shrink=self._limits.shrink)

    def _view(self, observation: Observation) -> View:
        size = self._picture_size(screen_of(observation))
        return self._looks.style_for(size).show(observation)

    def _seen(self, observation: Observation, view: View, message: str) -> Seen:
        texts = [
            fenced(text, title=title)
            for text, title in ((place_of(observation), "browser"), (view.text, "widgets"))
            if text
        ]
        picture: PictureFormat = "jpeg" if self._looks.picture_format == "jpeg" else "png"
        return Seen(
            step=observation.step + 1,
            text="\n\n".join(texts),
            picture="" if view.picture is None else data_url(view.picture, picture),
            message=message,
        )

    def _request(self, view: View, seen: Seen) -> tuple[dict[str, Any], Sent]:
        """Return what is sent, within the limits that are known of the server."""
        limits = self._limits
        if limits.max_turns is not None:
            self._talk.keep(limits.max_turns)
        n_with = self._history
        if limits.max_pictures is not None and seen.picture:
            n_with = min(n_with, limits.max_pictures - 1)
        n_with = min(n_with, len(self._talk.turns))
        self._talk.forget_pictures(n_with)
        sampling = self._sampling
        sent = Sent(
            n_pictures=n_with + 1 if seen.picture else 0,
            n_turns=len(self._talk.turns),
            temperature=None if "temperature" in limits.not_taken else sampling.temperature,
            seed=None
            if "seed" in limits.not_taken
            else self.seed
            if sampling.seed is None
            else sampling.seed,
            max_tokens=None if "max_tokens" in limits.not_taken else sampling.max_tokens,
            seed_was_set=sampling.seed is not None,
        )
        values = {
            "temperature": sent.temperature,
            "seed": sent.seed,
            limits.length_limit: sent.max_tokens,
        }
        picture = self._picture_size(view.screen)
        grid = self._looks.grid_on(picture)(view.screen)
        system = system_prompt(
            self._prompt,
            looks=self._looks,
            picture=picture,
            dialect=self._looks.dialect_for(grid, view.marks),
            grid=grid,
            mode=limits.mode,
            surface=self._surface,
            task=self.instruction,
        )
        request = {
            "model": self._model,
            "messages": self._talk.messages(
                seen,
                system=system,
                task=self.instruction,
                n_with_pictures=n_with,
                with_calls=limits.mode == "tool",
                detail=self._looks.detail,
            ),
            **{name: value for name, value in values.items() if value is not None},
            **answer_format(limits.mode, looks=self._looks, grid=grid, surface=self._surface),
        }
        request = well_formed(request)
        if self._extra_body:
            request["extra_body"] = self._extra_body
        return request, sent

    def _answer(self, completion: Completion, view: View, seen: Seen, sent: Sent) -> Answer:
        if completion.finish_reason == "content_filter" and self._on_filter == "stop":
            raise ModelError(
                f"The content filter of {self._endpoint.base_url} withheld the answer of step "
                f"{seen.step}, and content_filter=stop: {completion.refusal[:300]!r}."
            )
        grid = self._looks.grid_on(self._picture_size(view.screen))(view.screen)
        heard = hear(
            completion,
            self._looks.dialect_for(grid, view.marks, self._pointer),
            limit=f"max_tokens={sent.max_tokens}",
        )
        self._heard = heard
        facts = facts_of(sent, completion, heard, self._limits)
        self._limits.watch(
            called=bool(completion.calls),
            understood=not isinstance(heard.reading.actions[0], InvalidOutput),
        )
        self._talk.add(Turn(seen, completion.text or completion.refusal, completion.calls))
        tokens = completion.tokens
        usage = self._prices.usage(
            *((tokens.input, tokens.output, tokens.cached) if tokens is not None else (0, 0))
        )
        facts = {
            "endpoint": self._endpoint.base_url,
            "model": self._model,
            "prompt": {"name": self._prompt.name, "sha256": self._prompt.digest},
            "style": self._looks.style,
            "coordinates": self._looks.coordinates,
            "dialect": self._looks.dialect,
            "picture_px": None if view.picture is None else [*view.picture.shape[1::-1]],
            **facts,
            "n_retries": self._client.n_retries,
            "cost": "counted" if self._prices.are_known and tokens is not None else "not counted",
        }
        return Answer(heard.reading, usage, {"chat": facts})
