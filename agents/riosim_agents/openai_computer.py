"""An agent on OpenAI's Responses API with its computer tool."""

import re
import weakref
from dataclasses import dataclass
from typing import Any, Final

from openai import OpenAI
from typing_extensions import override

from riosim.action import AskUser
from riosim.agent import Usage
from riosim.dialects.function_tool import FunctionTools
from riosim.dialects.openai_computer import OpenAIComputer
from riosim.errors import UsageError
from riosim.monitors.words import sounds_like_agreement
from riosim.observation import Observation
from riosim.styles.screenshot import screen_of
from riosim_agents.completions.client import OPENAI
from riosim_agents.computer_tool.agent import (
    ON_FILTER,
    ComputerSettings,
    ComputerToolAgent,
    Said,
    flag_setting,
)
from riosim_agents.computer_tool.picture import size_setting
from riosim_agents.computer_tool.responses_answer import POLICY_CODES, ResponsesAnswer, failure_in
from riosim_agents.computer_tool.responses_items import ResponsesItems
from riosim_agents.computer_tool.responses_request import (
    PREVIEW,
    TOOLS,
    answer_options,
    offered_tools,
)
from riosim_agents.model.failure import Failure
from riosim_agents.model.model_api import Prices, endpoint_of
from riosim_agents.model.prompt import load_prompt
from riosim_agents.model.refusal import refuse
from riosim_agents.model.sdk_client import SdkClient
from riosim_agents.model.setting import choice_setting, text_setting, whole_setting

__all__ = ["OpenAIComputerAgent"]
_YES: Final = re.compile(r"\W*(?:yes|go ahead|please do|proceed)\b", re.IGNORECASE)
_NO: Final = re.compile(r"\b(?:no|not|never|none|stop|unless|but)\b|n't\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Held:
    """An answer whose safety checks the person was asked about."""

    answer: ResponsesAnswer
    response_id: str


class OpenAIComputerAgent(ComputerToolAgent):
    """Asks a model of OpenAI's, with its own computer tool and our functions beside it.

    Each action of a call is a step. A call that only wants a screenshot is answered from the screen
    as it is, without a step, `looks` times; then it waits for a second, as a step. An answer
    without a call ends the episode, or asks the user.

    The API may want consent to a call (`pending_safety_checks`). Nobody is there to give it, so by
    default the agent asks the user, as a careful product would, and carries the call out only if
    the reply agrees; the model is told the reply.

    Args:
        model: The model's name.
        tool: `computer`, or `computer_use_preview` for the model of that name.
        safety_checks: `ask` the user; `refuse` ends the episode; `acknowledge` goes on, and is what
            most harnesses do. Each is in the record.
        base_url: The server; OpenAI's own if None.
        api_key_env: The environment variable that holds the key; `OPENAI_API_KEY` if None and the
            server is OpenAI's own.
        prompt: A built-in system prompt (`plain`, `cautious`, `minimal`) or the path of a file.
        width_px: Width of the pictures; None keeps the screen's proportions.
        height_px: Height of the pictures; None keeps the screen's proportions. Without either they
            are as large as the screen.
        detail: How pictures are looked at: `original` if None, nothing is sent if empty.
        history: Steps with earlier pictures that are sent again, at most; older ones are told in
            words. Not used with `server_state`.
        looks: How often the model may look, in one step, before it costs one.
        server_state: Whether the server keeps the conversation (`previous_response_id`) rather
            than being sent all of it each time.
        max_tokens: Most tokens of one answer, reasoning included; not sent if None.
        temperature: Not sent if None.
        effort: Of reasoning, `none` to `xhigh`; not sent if None.
        summary: Of reasoning: `auto`, `concise` or `detailed`; not asked for if None.
        code: Whether the model may run Python on a desktop.
        timeout_s: Of one request.
        max_retries: Of one request, after 408, 409, 429, 5xx and time-outs.
        headers: Sent with every request.
        content_filter: What a request is that the endpoint's filter refused: `refuse`, or `stop`
            ends the episode as not measured.
        usd_per_million_input_tokens: Price; without one no cost is counted.
        usd_per_million_output_tokens: Price.
        usd_per_million_cached_tokens: Price of input tokens read from the cache.

    Raises:
        UsageError: A setting is wrong, or there is no key.
    """

    vendor = "openai"

    def __init__(
        self,
        *,
        model: str,
        tool: str = "computer",
        safety_checks: str = "ask",
        base_url: str | None = None,
        api_key_env: str | None = None,
        prompt: str = "plain",
        width_px: int | None = None,
        height_px: int | None = None,
        detail: str | None = None,
        history: int = 10,
        looks: int = 5,
        server_state: bool = False,
        max_tokens: int | None = 16_000,
        temperature: float | None = None,
        effort: str | None = None,
        summary: str | None = None,
        code: bool = False,
        timeout_s: float = 300.0,
        max_retries: int = 5,
        headers: dict[str, str] | None = None,
        content_filter: str = "refuse",
        usd_per_million_input_tokens: float | None = None,
        usd_per_million_output_tokens: float | None = None,
        usd_per_million_cached_tokens: float | None = None,
    ) -> None:
        super().__init__(
            ComputerSettings(
                prompt=load_prompt(prompt),
                size=size_setting(width_px, height_px, longest_px=0),
                history=whole_setting("history", history, least=0, most=1_000),
                looks=whole_setting("looks", looks, least=0, most=100),
                code=flag_setting("code", code),
                content_filter=choice_setting("content_filter", content_filter, ON_FILTER),
            ),
            endpoint_of(
                OPENAI,
                base_url=base_url,
                api_key_env=api_key_env,
                headers=headers,
                timeout_s=timeout_s,
                max_retries=max_retries,
            ),
        )
        self.model = text_setting("model", model)
        if not self.model:
            raise UsageError("model is empty; give the model's name, such as -A model=….")
        self.tool = choice_setting("tool", tool, TOOLS)
        self.safety_checks = choice_setting(
            "safety_checks", safety_checks, ("ask", "refuse", "acknowledge")
        )
        self.server_state = flag_setting("server_state", server_state)
        is_preview = self.tool == PREVIEW
        usual = "" if is_preview else "original"
        self._detail = usual if detail is None else text_setting("detail", detail)
        self._prices = Prices.of(
            usd_per_million_input_tokens,
            usd_per_million_output_tokens,
            usd_per_million_cached_tokens,
        )
        self._options = answer_options(
            max_tokens=max_tokens, temperature=temperature, effort=effort, summary=summary
        )
        if is_preview:
            self._options["truncation"] = "auto"
        sdk = OpenAI(
            api_key=self.endpoint.api_key or "none",
            base_url=self.endpoint.base_url,
            timeout=self.endpoint.timeout_s,
            max_retries=self.endpoint.max_retries,
            default_headers=dict(self.endpoint.headers),
        )
        self._client = SdkClient(self.endpoint, sdk.responses.with_raw_response.create)
        self.close = weakref.finalize(self, sdk.close)
        self.forget()

    @override
    def forget(self) -> None:
        """Begin a new conversation."""
        self._talk = ResponsesItems(self.settings.size, self.settings.history, detail=self._detail)
        self._held: _Held | None = None
        self._response_id = ""

    @override
    def converse(self, observation: Observation, *, again: bool) -> Said:
        """Tell what happened, ask, and read the answer; this API never pauses."""
        del again
        held, self._held = self._held, None
        if held is not None and _consents(observation.message):
            return self._go_on(held.answer, held.response_id, Usage(), {"consent": "given"})
        if held is not None:
            self._talk.say(_not_carried_out(held.answer.checks, observation.message), observation)
        elif self.turn is not None:
            self._talk.tell(self.turn, observation)
        else:
            words = self.instruction if self._talk.is_empty else self.news(observation)
            self._talk.say(words, observation)
        functions = self.functions(observation)
        body = self._client.ask(self._request(observation, functions))
        if isinstance(body, Failure):
            return self.failed(body)
        usage, facts, failure = self._usage(body), self._facts(body), failure_in(body)
        if failure is not None:
            return self._failed_response(*failure, usage, facts)
        answer = ResponsesAnswer.read(body, OpenAIComputer(self.grid(observation)), functions)
        response_id = body.get("id")
        name = response_id if isinstance(response_id, str) else ""
        if answer.checks:
            facts["safety_checks"] = [
                {name: str(part)[:2_000] for name, part in check.items()} for check in answer.checks
            ]
            if self.safety_checks != "acknowledge":
                return self._hold(answer, name, usage, facts)
        return self._go_on(answer, name, usage, facts)

    def _go_on(
        self, answer: ResponsesAnswer, response_id: str, usage: Usage, facts: dict[str, Any]
    ) -> Said:
        """Take an answer into the conversation."""
        for call in answer.calls:
            call.facts["acknowledged"] = call.facts.get("checks")
        if answer.items:
            self._talk.hear(answer.items, answer.brief)
            self._response_id = response_id
        return Said(answer.calls, answer.otherwise, answer.thought, usage, facts)

    def _hold(
        self, answer: ResponsesAnswer, response_id: str, usage: Usage, facts: dict[str, Any]
    ) -> Said:
        """Do nothing of an answer before somebody agreed to it."""
        said = _said_by(answer.checks)
        if self.safety_checks == "refuse":
            action: Any = refuse(f"A safety check of the model's API: {said}")
        else:
            self._held = _Held(answer, response_id)
            action = AskUser(
                question=f"A safety check of the model's API asks for your consent: {said} The "
                f"next step would be: {answer.brief[:500]}. Shall it be done?"
            )
        return Said(otherwise=action, thought=answer.thought, usage=usage, facts=facts)

    def _failed_response(
        self, code: str, message: str, usage: Usage, facts: dict[str, Any]
    ) -> Said:
        if code in POLICY_CODES and self.settings.content_filter == "refuse":
            facts["filtered"] = f"{code}: {message}"[:2_000]
            return Said(otherwise=refuse(message), usage=usage, facts=facts)
        failure = Failure("other", 200, f"{code}: {message}"[:600])
        raise failure.error(self.endpoint)

    def _request(self, observation: Observation, functions: FunctionTools) -> dict[str, Any]:
        request = {
            "model": self.model,
            "instructions": self.system_prompt(observation),
            "tools": offered_tools(
                self.tool,
                self.settings.size.of(screen_of(observation)),
                functions,
                browser=self.has_browser(observation),
            ),
            "store": self.server_state,
            **self._options,
        }
        if self.server_state and self._response_id:
            request["previous_response_id"] = self._response_id
            request["input"] = self._talk.new_items()
            return request
        request["input"] = self._talk.items()
        if not self.server_state:
            request["include"] = ["reasoning.encrypted_content"]
        return request

    def _usage(self, body: dict[str, Any]) -> Usage:
        usage = body.get("usage")
        given = usage if isinstance(usage, dict) else {}
        cached = given.get("input_tokens_details")
        return self._prices.usage(
            _count(given, "input_tokens"),
            _count(given, "output_tokens"),
            _count(cached if isinstance(cached, dict) else {}, "cached_tokens"),
        )

    def _facts(self, body: dict[str, Any]) -> dict[str, Any]:
        facts: dict[str, Any] = {
            name: body[key][:200]
            for name, key in (("model", "model"), ("answer", "id"), ("status", "status"))
            if isinstance(body.get(key), str)
        }
        facts["steps_left_out"] = self._talk.n_steps_left_out
        facts["retries"] = self._client.n_retries
        if not self._prices.are_known:
            facts["cost"] = "not counted: no prices given"
        return facts


def _consents(reply: str) -> bool:
    """Whether the person's reply allows a step; in doubt it does not."""
    agrees = bool(_YES.match(reply)) or sounds_like_agreement(reply)
    return agrees and not _NO.search(reply.replace("’", "'"))


def _said_by(checks: list[dict[str, Any]]) -> str:
    texts = [
        str(check.get("message") or check.get("code") or "no reason given") for check in checks
    ]
    return " ".join(texts)[:2_000]


def _not_carried_out(checks: list[dict[str, Any]], reply: str) -> str:
    return (
        f"Your last step was not carried out: a safety check held it back: {_said_by(checks)} The "
        f"person was asked and says: {reply or '(nothing)'}"
    )


def _count(given: dict[str, Any], name: str) -> int:
    count = given.get(name)
    return count if type(count) is int and count >= 0 else 0
