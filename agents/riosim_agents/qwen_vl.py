"""An agent that asks Qwen2.5-VL or Qwen3-VL with their computer-use function."""

import json
from typing import Any, Final

from typing_extensions import override

from riosim.action import Point
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.qwen_vl import QWEN_VL_VERSIONS, QwenVL, qwen_vl_picture
from riosim_agents.gui_model.agent import GuiModelAgent
from riosim_agents.gui_model.prompt import gui_part, gui_prompt
from riosim_agents.gui_model.qwen_vl_function import qwen_vl_ending, qwen_vl_function
from riosim_agents.gui_model.setting import GuiModelSettings, version_setting
from riosim_agents.gui_model.turn import Message, Shown, picture_part, text_part
from riosim_agents.model.prompt import filled
from riosim_agents.model.setting import number_setting

__all__ = ["QwenVLAgent"]

_PLACES: Final = ("function", "language", "ending")


class QwenVLAgent(GuiModelAgent):
    """Asks Qwen2.5-VL or Qwen3-VL at vLLM, SGLang, or any other OpenAI-compatible server.

    The function is described in the prompt and called in the answer's text, as the models were
    trained, so that the server needs no parser of calls; if one takes a call out, it is read as
    well. The last steps are shown with their pictures, those before are told in a line each. A
    step's record says in `extra["gui_model"]` what was sent and what came back.

    Args:
        model: The model's name at the server.
        base_url: Of the server, mostly ending in `/v1`.
        api_key_env: Environment variable with the key; without it none is sent.
        version: `2.5` or `3`.
        coordinates: How the model counts: `auto` as the version does, `picture` (pixels of the
            picture that is sent), `thousand` (0–1000), `pixels` (of the screen).
        min_pixels: Least area of the picture; the version's own if not given.
        max_pixels: Greatest area of the picture; not more than the server's own, which would make
            the picture smaller behind the agent's back.
        pixels_per_notch: How many of the model's scroll pixels turn the wheel by one notch.
        history: Earlier steps shown with their picture.
        language: In which the model is to say what it does.
        prompt: Path of a file that ends in `.md`; may hold `{{function}}`, `{{language}}` and
            `{{ending}}`.
        extras: Whether to offer actions that the model was not trained on: `ask_user`, `refuse`,
            and the browser's where there is one, whose picture shows the page alone.
        temperature: 0 to 2; null sends none.
        top_p: 0 to 1; null sends none.
        seed: Null sends the seed of the episode.
        max_tokens: Most in one answer, thinking included; null sends none.
        picture_format: `png` or `jpeg`.
        extra_body: Object that is added to every request, such as `{"top_k": 20}`.
        headers: Object of HTTP headers; not written down if one looks like a secret.
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
        version: str | float = "3",
        coordinates: str = "auto",
        min_pixels: int | None = None,
        max_pixels: int | None = None,
        pixels_per_notch: float = 1.0,
        history: int = 4,
        language: str = "English",
        prompt: str | None = None,
        extras: bool = True,
        temperature: float | None = 0.0,
        top_p: float | None = None,
        seed: int | None = None,
        max_tokens: int | None = 2048,
        picture_format: str = "png",
        extra_body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        max_retries: int = 5,
        timeout_s: float = 120.0,
        usd_per_million_input_tokens: float | None = None,
        usd_per_million_output_tokens: float | None = None,
        usd_per_million_cached_tokens: float | None = None,
    ) -> None:
        found = version_setting(version, QWEN_VL_VERSIONS)
        self._version = next(known for known in QWEN_VL_VERSIONS if known == found)
        self._pixels_per_notch = number_setting(
            "pixels_per_notch", pixels_per_notch, least=0.01, most=10_000
        )
        super().__init__(
            GuiModelSettings.of(
                model=model,
                base_url=base_url,
                api_key_env=api_key_env,
                headers=headers,
                timeout_s=timeout_s,
                max_retries=max_retries,
                temperature=temperature,
                top_p=top_p,
                seed=seed,
                max_tokens=max_tokens,
                history=history,
                coordinates=coordinates,
                min_pixels=min_pixels,
                max_pixels=max_pixels,
                language=language,
                extras=extras,
                picture_format=picture_format,
                extra_body=extra_body,
                prices=(
                    usd_per_million_input_tokens,
                    usd_per_million_output_tokens,
                    usd_per_million_cached_tokens,
                ),
            ),
            gui_prompt(prompt, built_in="qwen_vl", places=_PLACES),
        )
        self.picture_size(Screen(1280, 800), max_pixels=max_pixels)  # bounds that are none

    @property
    @override
    def counts(self) -> str:
        """As the version was trained."""
        return "picture" if self._version == "2.5" else "thousand"

    @override
    def picture_size(self, screen: Screen, *, max_pixels: int | None) -> Screen:
        """Return the size that the model's processor would give it."""
        return qwen_vl_picture(
            screen, self._version, min_pixels=self.settings.min_pixels, max_pixels=max_pixels
        )

    @override
    def dialect_on(self, grid: Grid, pointer: Point | None) -> QwenVL:
        """Return the function of the version."""
        extras = self.settings.extras
        return QwenVL(grid, self._version, extras, pointer, self._pixels_per_notch)

    @override
    def messages(self, now: Shown, *, grid: Grid, has_tabs: bool) -> list[Message]:
        """Return the prompt, the steps that are shown with their picture, and the last one."""
        system = self._prompt_text(grid, has_tabs=has_tabs)
        messages: list[Message] = [{"role": "system", "content": system}]
        told = [turn for turn in self.turns if not turn.shown.picture]
        shown = [turn for turn in self.turns if turn.shown.picture]
        done = "\n".join(turn.in_a_line for turn in told) or "Nothing."
        head = filled(gui_part("qwen_vl_task"), {"task": self.instruction, "done": done})
        for turn in shown:
            messages.append({"role": "user", "content": self._seen(turn.shown, head)})
            messages.append({"role": "assistant", "content": turn.said})
            head = ""
        messages.append({"role": "user", "content": self._seen(now, head)})
        return messages

    def _seen(self, shown: Shown, head: str) -> list[Message]:
        text = "\n\n".join(part for part in (head, shown.note) if part)
        return [*picture_part(shown), *([text_part(text)] if text else [])]

    def _prompt_text(self, grid: Grid, *, has_tabs: bool) -> str:
        function = qwen_vl_function(
            width=grid.width,
            height=grid.height,
            extras=self.settings.extras,
            has_tabs=has_tabs,
            pixels_per_notch=self._pixels_per_notch,
        )
        return filled(
            self.prompt.text,
            {
                "function": json.dumps(function),
                "language": self.settings.language,
                "ending": qwen_vl_ending(extras=self.settings.extras),
            },
        )
