"""An agent whose model runs in this process, with Hugging Face transformers."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch
from typing_extensions import override

from riosim.action import Point
from riosim.agent import Decision, InvalidOutput, Usage
from riosim.dialects.dialect import Dialect, Reading
from riosim.dialects.hand import end_of
from riosim.errors import ModelError, UsageError
from riosim.observation import Observation
from riosim.styles.screenshot import screen_of
from riosim.task.instance import TaskInstance
from riosim_agents.completions.setting import Looks
from riosim_agents.local.dialect import speech_named
from riosim_agents.local.model import LocalModel, Request, Said, Sampling
from riosim_agents.local.prefix_memory import PrefixMemory
from riosim_agents.local.prompt import Shown, Turn, messages, shown, told
from riosim_agents.local.source import ModelSource
from riosim_agents.model.model_agent import Answer, ModelAgent
from riosim_agents.model.prompt import load_prompt
from riosim_agents.model.refusal import with_refusal_heard
from riosim_agents.model.setting import number_setting, whole_setting

__all__ = ["TransformersAgent"]

_MOST_TEMPLATE_BYTES: Final = 200_000


class TransformersAgent(ModelAgent):
    """Asks a vision-language model that runs in this process.

    The model is loaded when the first episode begins, once for each agent; give agents of one
    process the same `LocalModel` to have it once. Answers depend on the settings, the episode's
    seed and the number of the request, never on what else is asked meanwhile.

    Args:
        model: A folder, a name on the hub, or a `LocalModel` that is loaded.
        revision: Branch, tag or commit on the hub.
        device_map: `auto` (accelerate's, if it is installed; else the GPU if there is one), another
            way of accelerate to spread a model, or a device: `cpu`, `cuda`, `cuda:1`, `mps`.
        dtype: `auto` (as the weights are stored), `float32`, `bfloat16` or `float16`.
        quantisation: `4bit` or `8bit`, with bitsandbytes.
        max_new_tokens: Where an answer is cut, in tokens.
        temperature: 0 takes the likeliest token each time.
        top_p: Share of the likeliest tokens that is drawn from.
        seed: Goes into what is drawn, with the episode's own seed.
        style: `screenshot`, `tree`, `both` or `marks`.
        text_tokens: Most that a style's text may cost, in tokens, estimated.
        history: Earlier steps that are shown again, with their screens.
        dialect: How the model says actions: `own_json`, `pyautogui`, `ui_tars_1.0`, `ui_tars_1.5`,
            `qwen_vl_2.5` or `qwen_vl_3`.
        extras: Whether a vendor's dialect has words for all of our actions, `goto` for example.
        coordinates: How points are counted: `picture` (pixels of what the model sees), `pixels` (of
            the screen), `thousand`, `unit`; `auto` is the dialect's own way.
        width_px: Of the picture; None goes by the height, or takes the screen's.
        height_px: Likewise.
        prompt: A built-in system prompt by name, or a file that ends in `.md`.
        chat_template: A file with a chat template (Jinja); None takes the model's own.
        reuse_prefix: Whether what a request has in common with the last one is computed once.
        threads: Of torch on the CPU, for the whole process; None leaves them. Where several workers
            compute on the CPU, give cores divided by workers: threads that wait for one another
            cost far more than they bring.
        trust_remote_code: Whether code that comes with the model may run here.
    """

    def __init__(
        self,
        model: str | LocalModel,
        *,
        revision: str | None = None,
        device_map: str = "auto",
        dtype: str = "auto",
        quantisation: str | None = None,
        max_new_tokens: int = 512,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int = 0,
        style: str = "screenshot",
        text_tokens: int = 4_000,
        history: int = 3,
        dialect: str = "own_json",
        extras: bool = False,
        coordinates: str = "auto",
        width_px: int | None = None,
        height_px: int | None = None,
        prompt: str = "plain",
        chat_template: str | None = None,
        reuse_prefix: bool = True,
        threads: int | None = None,
        trust_remote_code: bool = False,
    ) -> None:
        super().__init__()
        self._speech = speech_named(dialect, extras=extras)
        if style == "marks" and dialect != "own_json":
            raise UsageError(f"style=marks needs dialect=own_json: {dialect} cannot name a mark.")
        looks = Looks.of(
            style=style,
            width_px=width_px,
            height_px=height_px,
            coordinates=self._speech.coordinates if coordinates == "auto" else coordinates,
            dialect="own_json",
            text_tokens=text_tokens,
            picture_format="png",
            detail=None,
        )
        self._looks = replace(looks, dialect=dialect)
        self._sampling = Sampling(
            whole_setting("max_new_tokens", max_new_tokens, least=1, most=100_000),
            number_setting("temperature", temperature, least=0, most=10),
            number_setting("top_p", top_p, least=1e-6, most=1),
        )
        self._own_seed = whole_setting("seed", seed, least=0, most=2**63 - 1)
        self._history = whole_setting("history", history, least=0, most=1_000)
        if type(reuse_prefix) is not bool:
            raise UsageError(f"reuse_prefix is {str(reuse_prefix)[:80]!r}; true or false.")
        self._reuse = reuse_prefix
        self._threads = (
            None if threads is None else whole_setting("threads", threads, least=1, most=1_024)
        )
        self._prompt = load_prompt(prompt)
        self._template = _template(chat_template)
        self._model: LocalModel | ModelSource = (
            model
            if isinstance(model, LocalModel)
            else ModelSource(model, revision, device_map, dtype, quantisation, trust_remote_code)
        )
        self.surface = ""
        self.forget()

    @property
    def model(self) -> LocalModel:
        """The model, loaded if it was not yet.

        Raises:
            UsageError: It cannot be loaded.
            ModelError: The memory does not suffice.
        """
        if isinstance(self._model, ModelSource):
            if self._threads is not None:
                torch.set_num_threads(self._threads)
            self._model = LocalModel.load(self._model, chat_template=self._template)
        return self._model

    @property
    def sampling(self) -> Sampling:
        """How answers are drawn; agents that are asked together must agree in it."""
        return self._sampling

    def prepare(self, instance: TaskInstance) -> None:
        """Know the surface, and load the model before the first step."""
        self.surface = instance.spec.surface
        _ = self.model

    @override
    def forget(self) -> None:
        """Drop the steps of the last episode."""
        self._turns: list[Turn] = []
        self._n_left_out = 0
        self._n_asked = 0
        self._pointer: Point | None = None
        self._memory = PrefixMemory()
        self._now: tuple[Shown, Dialect[str]] | None = None
        self._said: Said | ModelError | None = None

    def needs_model(self, observation: Observation) -> bool:
        """Whether the next decision needs a new answer, rather than what is left of the last."""
        return bool(observation.message) or not self._left

    def request(self, observation: Observation) -> Request:
        """Return what the model is to be asked now; `hear` takes its answer, `act` then acts on it.

        Raises:
            RiosimError: The model cannot be loaded, or the screen cannot be shown.
        """
        model = self.model
        screen = screen_of(observation)
        picture = model.picture_size(self._looks.size_on(screen))
        grid = self._looks.grid_on(picture)(screen)
        view = self._looks.style_for(picture).show(observation)
        view = replace(view, text=model.plain(view.text))
        clean = replace(
            observation,
            message=model.plain(observation.message),
            url=model.plain(observation.url),
            tabs=tuple(model.plain(title) for title in observation.tabs),
        )
        now = shown(clean, view, step=self._n_asked + 1)
        self._now = (now, self._speech.on(grid, view.marks, self._pointer))
        task = model.plain(self.instruction)
        system = told(
            self._prompt,
            speech=self._speech,
            looks=self._looks,
            picture=picture,
            grid=grid,
            surface=self.surface,
            task=task,
        )
        return Request(
            messages(system, task, self._turns, now, n_left_out=self._n_left_out),
            seed=_mixed(self._own_seed, self.seed, self._n_asked),
            memory=self._memory if self._reuse else None,
        )

    def hear(self, said: Said | ModelError) -> None:
        """Take the answer to the last request, for the next `act`."""
        self._said = said

    @override
    def act(self, observation: Observation) -> Decision:
        """Return the next action, of an answer that was heard, left over, or is asked for now."""
        decision = super().act(observation)
        if not isinstance(decision.action, InvalidOutput):
            self._pointer = end_of(decision.action) or self._pointer
        return decision

    @override
    def ask(self, observation: Observation) -> Answer:
        """Return what the model answers."""
        if self._said is None:
            request = self.request(observation)
            (self._said,) = self.model.answer([request], self._sampling)
        said, self._said = self._said, None
        if isinstance(said, ModelError):
            raise said
        if self._now is None:
            raise UsageError(
                "An answer was heard that nothing was asked for; call request() first."
            )
        (now, dialect), self._now = self._now, None
        self._n_asked += 1
        self._turns.append(Turn(now, self.model.plain(said.text)))
        n_over = max(len(self._turns) - self._history, 0)
        del self._turns[:n_over]
        self._n_left_out += n_over
        return Answer(
            self._understood(said, dialect),
            Usage(said.n_input_tokens, said.n_output_tokens),
            {**self._facts(said), "said": said.text[:20_000]},
        )

    def _understood(self, said: Said, dialect: Dialect[str]) -> Reading:
        reading = with_refusal_heard(dialect.read(said.text))
        if not said.is_cut:
            return reading
        why = f"The answer was cut off at max_new_tokens={self._sampling.max_new_tokens}."
        return replace(
            reading,
            actions=tuple(
                replace(action, reason=f"{action.reason} {why}")
                if isinstance(action, InvalidOutput)
                else action
                for action in reading.actions
            ),
        )

    def _facts(self, said: Said) -> dict[str, object]:
        """Return what is recorded of an answer; of the first one also what was asked, and how."""
        facts: dict[str, object] = {
            "reused_tokens": said.n_reused_tokens,
            "rows": said.n_rows,
            "is_cut": said.is_cut,
        }
        if self._n_asked == 1:
            facts["model"] = dict(self.model.facts)
            facts["prompt"] = {"name": self._prompt.name, "sha256": self._prompt.digest}
            facts["dialect"] = self._speech.name
            facts["coordinates"] = self._looks.coordinates
        return facts


def _mixed(*numbers: int) -> int:
    """Return one seed of several, 63 bits."""
    digest = hashlib.sha256(repr(numbers).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _template(setting: object) -> str | None:
    if setting is None:
        return None
    if not isinstance(setting, str):
        raise UsageError(f"chat_template is {str(setting)[:80]!r}; give a file.")
    path = Path(setting)
    try:
        if path.stat().st_size > _MOST_TEMPLATE_BYTES:
            raise UsageError(
                f"The chat template {path} is larger than {_MOST_TEMPLATE_BYTES} bytes."
            )
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"The chat template {path} cannot be read: {exc}") from exc
