"""An agent that asks a UI-TARS model at any OpenAI-compatible endpoint."""

import re
from typing import Any, Final

from typing_extensions import override

from riosim.action import Point
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.ui_tars import UI_TARS_VERSIONS, UiTars, ui_tars_picture
from riosim_agents.gui_model.agent import GuiModelAgent
from riosim_agents.gui_model.prompt import gui_prompt
from riosim_agents.gui_model.setting import GuiModelSettings, version_setting
from riosim_agents.gui_model.turn import Message, Shown, picture_part, text_part
from riosim_agents.gui_model.ui_tars_functions import ui_tars_functions
from riosim_agents.model.prompt import filled

__all__ = ["UiTarsAgent"]

_PLACES: Final = ("functions", "language", "task")
_BOX: Final = re.compile(r"\b(start_box|end_box)='(\(-?\d{1,6}, ?-?\d{1,6}\))'")


class UiTarsAgent(GuiModelAgent):
    """Asks UI-TARS 1.0 or 1.5 at vLLM, SGLang, TGI, llama.cpp, or its service.

    All earlier answers are said again, with the last pictures, as the model was trained. A step's
    record says in `extra["gui_model"]` what was sent and what came back.

    Args:
        model: The model's name at the server.
        base_url: Of the server, mostly ending in `/v1`.
        api_key_env: Environment variable with the key; without it none is sent.
        version: `1.0`, `1.5`, or `doubao` for the vendor's service.
        coordinates: How the model counts: `auto` as the version does, `picture` (pixels of the
            picture that is sent), `thousand` (0–1000), `pixels` (of the screen).
        min_pixels: Least area of the picture; the version's own if not given.
        max_pixels: Greatest area of the picture; not more than the server's own, which would make
            the picture smaller behind the agent's back.
        history: Earlier pictures shown beside the last one.
        language: In which the model is to think.
        prompt: Path of a file that ends in `.md`; may hold `{{functions}}`, `{{language}}` and
            `{{task}}`.
        extras: Whether to offer functions that the model was not trained on: `refuse`, and the
            browser's where there is one, whose picture shows the page alone.
        temperature: 0 to 2; null sends none.
        top_p: 0 to 1; null sends none.
        seed: Null sends the seed of the episode.
        max_tokens: Most in one answer; null sends none.
        picture_format: `png` or `jpeg`.
        extra_body: Object that is added to every request, such as `{"top_k": 1}`.
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
        version: str | float = "1.5",
        coordinates: str = "auto",
        min_pixels: int | None = None,
        max_pixels: int | None = None,
        history: int = 4,
        language: str = "English",
        prompt: str | None = None,
        extras: bool = True,
        temperature: float | None = 0.0,
        top_p: float | None = None,
        seed: int | None = None,
        max_tokens: int | None = 1024,
        picture_format: str = "png",
        extra_body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        max_retries: int = 5,
        timeout_s: float = 120.0,
        usd_per_million_input_tokens: float | None = None,
        usd_per_million_output_tokens: float | None = None,
        usd_per_million_cached_tokens: float | None = None,
    ) -> None:
        found = version_setting(version, UI_TARS_VERSIONS)
        self._version = next(known for known in UI_TARS_VERSIONS if known == found)
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
            gui_prompt(prompt, built_in="ui_tars", places=_PLACES),
        )
        self.picture_size(Screen(1280, 800), max_pixels=max_pixels)  # bounds that are none

    @property
    @override
    def counts(self) -> str:
        """As the version was trained."""
        return "picture" if self._version == "1.5" else "thousand"

    @override
    def picture_size(self, screen: Screen, *, max_pixels: int | None) -> Screen:
        """Return the size that the model's processor would give it."""
        return ui_tars_picture(
            screen, self._version, min_pixels=self.settings.min_pixels, max_pixels=max_pixels
        )

    @override
    def dialect_on(self, grid: Grid, pointer: Point | None) -> UiTars:
        """Return the version's grammar."""
        return UiTars(grid, self._version, self.settings.extras, pointer)

    @override
    def messages(self, now: Shown, *, grid: Grid, has_tabs: bool) -> list[Message]:
        """Return the prompt, all answers so far, the last pictures among them."""
        messages: list[Message] = []
        pending = [text_part(self._prompt_text(has_tabs=has_tabs))]
        for turn in self.turns:
            pending += self._seen(turn.shown)
            if pending:  # of a turn whose picture is not shown again the answer alone is left
                messages.append({"role": "user", "content": pending})
            said = turn.said if self._version == "doubao" else _with_box_tokens(turn.said)
            messages.append({"role": "assistant", "content": said})
            pending = []
        messages.append({"role": "user", "content": [*pending, *self._seen(now)]})
        return messages

    def _seen(self, shown: Shown) -> list[Message]:
        note = [text_part(shown.note)] if shown.note else []
        return [*note, *picture_part(shown)]

    def _prompt_text(self, *, has_tabs: bool) -> str:
        return filled(
            self.prompt.text,
            {
                "functions": ui_tars_functions(
                    self._version, extras=self.settings.extras, has_tabs=has_tabs
                ),
                "language": self.settings.language,
                "task": self.instruction,
            },
        )


def _with_box_tokens(said: str) -> str:
    """Return an answer as the model wrote it: servers leave its box tokens out."""
    return _BOX.sub(r"\1='<|box_start|>\2<|box_end|>'", said)
