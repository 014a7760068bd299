"""An agent on Anthropic's Messages API with its computer-use tool."""

import weakref
from dataclasses import replace
from typing import Any, Final

from anthropic import Anthropic
from typing_extensions import override

from riosim.dialects.anthropic_computer import ANTHROPIC_VERSIONS, AnthropicComputer
from riosim.dialects.anthropic_words import TOOLSET_VERSION
from riosim.dialects.function_tool import FunctionTools, shown_json
from riosim.errors import UsageError
from riosim.observation import Observation
from riosim.styles.screenshot import screen_of
from riosim_agents.computer_tool.agent import (
    ON_FILTER,
    ComputerSettings,
    ComputerToolAgent,
    Said,
    flag_setting,
)
from riosim_agents.computer_tool.anthropic_answer import AnthropicAnswer, TokenCounts
from riosim_agents.computer_tool.anthropic_messages import AnthropicMessages
from riosim_agents.computer_tool.anthropic_request import BETAS, answer_options, offered_tools
from riosim_agents.computer_tool.picture import size_setting
from riosim_agents.model.failure import Failure
from riosim_agents.model.model_api import Prices, Vendor, endpoint_of
from riosim_agents.model.prompt import load_prompt
from riosim_agents.model.sdk_client import SdkClient
from riosim_agents.model.setting import choice_setting, number_setting, text_setting, whole_setting

__all__ = ["AnthropicAgent"]

_VENDOR: Final = Vendor(
    "Anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"
)
_RECOMMENDED_PX: Final = 1_280


class AnthropicAgent(ComputerToolAgent):
    """Asks a model of Anthropic's, with its own computer-use tool and our functions beside it.

    A call of the tool is a step. What the model only wants to see (`screenshot`, `zoom`,
    `cursor_position`) is shown to it from the screen as it is, without a step, `looks` times; then
    it waits for a second, as a step. An answer without a call ends the episode, or asks the user.

    Args:
        model: The model's name.
        tool_version: `20260801` (a toolset, for current models), `20251124`, `20250124` or
            `20241022`; the beta header that belongs to it is sent.
        base_url: The server, with or without `/v1`; Anthropic's own if None.
        api_key_env: The environment variable that holds the key; `ANTHROPIC_API_KEY` if None and
            the server is Anthropic's own.
        prompt: A built-in system prompt (`plain`, `cautious`, `minimal`) or the path of a file.
        width_px: Width of the pictures; None keeps the screen's proportions.
        height_px: Height of the pictures; None keeps the screen's proportions. Without either, no
            edge is longer than 1280 pixels.
        history: Earlier pictures that are sent again, at most; older ones become a text.
        looks: How often the model may look, in one step, before it costs one.
        max_tokens: Most tokens of one answer, thinking included.
        temperature: Not sent if None; current models take none.
        thinking: `adaptive`, `disabled`, or a budget in tokens; not sent if None.
        effort: `low` to `max`; not sent if None.
        cache: Whether prompts are cached.
        code: Whether the model may run Python on a desktop.
        timeout_s: Of one request.
        max_retries: Of one request, after 408, 409, 429, 5xx and time-outs.
        headers: Sent with every request.
        content_filter: What a request is that the endpoint's filter refused: `refuse`, or `stop`
            ends the episode as not measured.
        usd_per_million_input_tokens: Price; without one no cost is counted.
        usd_per_million_output_tokens: Price.
        usd_per_million_cached_tokens: Price of input tokens read from the cache.
        usd_per_million_cache_write_tokens: Price of input tokens written to the cache.

    Raises:
        UsageError: A setting is wrong, or there is no key.
    """

    vendor = "anthropic"

    def __init__(
        self,
        *,
        model: str,
        tool_version: str | int = TOOLSET_VERSION,
        base_url: str | None = None,
        api_key_env: str | None = None,
        prompt: str = "plain",
        width_px: int | None = None,
        height_px: int | None = None,
        history: int = 10,
        looks: int = 5,
        max_tokens: int = 16_000,
        temperature: float | None = None,
        thinking: str | int | None = None,
        effort: str | None = None,
        cache: bool = True,
        code: bool = False,
        timeout_s: float = 300.0,
        max_retries: int = 5,
        headers: dict[str, str] | None = None,
        content_filter: str = "refuse",
        usd_per_million_input_tokens: float | None = None,
        usd_per_million_output_tokens: float | None = None,
        usd_per_million_cached_tokens: float | None = None,
        usd_per_million_cache_write_tokens: float | None = None,
    ) -> None:
        super().__init__(
            ComputerSettings(
                prompt=load_prompt(prompt),
                size=size_setting(width_px, height_px, longest_px=_RECOMMENDED_PX),
                history=whole_setting("history", history, least=0, most=1_000),
                looks=whole_setting("looks", looks, least=0, most=100),
                code=flag_setting("code", code),
                content_filter=choice_setting("content_filter", content_filter, ON_FILTER),
            ),
            endpoint_of(
                _VENDOR,
                base_url=_root(base_url),
                api_key_env=api_key_env,
                headers=headers,
                timeout_s=timeout_s,
                max_retries=max_retries,
            ),
        )
        self.model = text_setting("model", model)
        if not self.model:
            raise UsageError("model is empty; give the model's name, such as -A model=….")
        self.version = choice_setting("tool_version", str(tool_version), tuple(ANTHROPIC_VERSIONS))
        self._prices = Prices.of(
            usd_per_million_input_tokens,
            usd_per_million_output_tokens,
            usd_per_million_cached_tokens,
        )
        self._cache_write_usd = (
            None
            if usd_per_million_cache_write_tokens is None
            else number_setting(
                "usd_per_million_cache_write_tokens", usd_per_million_cache_write_tokens, least=0
            )
        )
        self._options = answer_options(
            max_tokens=max_tokens, temperature=temperature, thinking=thinking, effort=effort
        )
        if flag_setting("cache", cache):
            self._options["cache_control"] = {"type": "ephemeral"}
        self._keeps_thinking = type(thinking) is int
        sdk = Anthropic(
            api_key=self.endpoint.api_key or "none",
            base_url=self.endpoint.base_url,
            timeout=self.endpoint.timeout_s,
            max_retries=self.endpoint.max_retries,
            default_headers=dict(self.endpoint.headers),
        )
        self._client = SdkClient(self.endpoint, sdk.beta.messages.with_raw_response.create)
        self.close = weakref.finalize(self, sdk.close)
        self.forget()

    @override
    def forget(self) -> None:
        """Begin a new conversation."""
        self._talk = AnthropicMessages(
            self.settings.size, self.settings.history, keeps_last_thinking=self._keeps_thinking
        )

    @override
    def converse(self, observation: Observation, *, again: bool) -> Said:
        """Tell what happened, ask, and read the answer."""
        grid = self.grid(observation)
        if self.turn is not None:
            self._talk.tell(self.turn, observation, grid)
        elif not again:
            words = self.news(observation) if self._talk.messages else self.instruction
            self._talk.say(words, observation)
        functions = self.functions(observation)
        body = self._client.ask(self._request(observation, functions))
        if isinstance(body, Failure):
            return self.failed(body)
        if "content" not in body:  # gateways tell the failure of a server behind them so
            said = f"this is no message of the API: {shown_json(body)[:300]}"
            return self.failed(Failure("other", 200, said))
        counts = TokenCounts.of(body.get("usage"))
        tool = AnthropicComputer(grid, self.version, self.pointer)
        answer = AnthropicAnswer.read(
            body,
            tool,
            functions,
            usage=counts.usage(self._prices, self._cache_write_usd),
            facts=self._facts(body, counts),
        )
        if answer.content:
            self._talk.hear(answer.content)
        return replace(answer.said, pauses=answer.said.pauses and bool(answer.content))

    def _request(self, observation: Observation, functions: FunctionTools) -> dict[str, Any]:
        size = self.settings.size.of(screen_of(observation))
        return {
            "model": self.model,
            "system": self.system_prompt(observation),
            "messages": self._talk.messages,
            "tools": offered_tools(self.version, size, functions),
            **({"betas": BETAS[self.version]} if BETAS[self.version] else {}),
            **self._options,
        }

    def _facts(self, body: dict[str, Any], counts: TokenCounts) -> dict[str, Any]:
        facts: dict[str, Any] = {
            name: body[key][:200]
            for name, key in (("model", "model"), ("answer", "id"), ("stopped", "stop_reason"))
            if isinstance(body.get(key), str)
        }
        facts["tokens"] = {"cache_read": counts.cache_read, "cache_write": counts.cache_write}
        facts["pictures_left_out"] = self._talk.n_pictures_left_out
        facts["retries"] = self._client.n_retries
        if not self._prices.are_known:
            facts["cost"] = "not counted: no prices given"
        return facts


def _root(base_url: object) -> object:
    """Return the address without the `/v1` that this SDK adds itself."""
    return base_url.rstrip("/").removesuffix("/v1") if isinstance(base_url, str) else base_url
