"""One question to an OpenAI-compatible chat-completions endpoint, through the official SDK."""

import json
import weakref
from collections.abc import Mapping
from typing import Any, Final

from openai import OpenAI

from riosim_agents.completions.completion import Completion, NoCompletionError
from riosim_agents.model.failure import Failure, failure_of
from riosim_agents.model.model_api import Endpoint, Vendor

__all__ = ["OPENAI", "ChatClient"]

OPENAI: Final = Vendor("OpenAI", "https://api.openai.com/v1", "OPENAI_API_KEY", "OPENAI_BASE_URL")
_NO_KEY: Final = "none"  # the SDK sends one in any case


class ChatClient:
    """Asks one endpoint; the SDK retries, nothing is raised for what a server does.

    Attributes:
        n_retries: How often the SDK had to try again for the last answer.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.n_retries = 0
        self._sdk = OpenAI(
            api_key=endpoint.api_key or _NO_KEY,
            base_url=endpoint.base_url,
            timeout=endpoint.timeout_s,
            max_retries=endpoint.max_retries,
            default_headers=dict(endpoint.headers),
        )
        self.close = weakref.finalize(self, self._sdk.close)

    def complete(self, request: Mapping[str, Any]) -> Completion | Failure:
        """Return the answer to a request, or why there is none; no secret is in either."""
        self.n_retries = 0
        try:
            raw = self._sdk.chat.completions.with_raw_response.create(**request)
        except Exception as exc:  # noqa: BLE001  # whatever the SDK raises is told, without its key
            return failure_of(exc, self.endpoint.secrets)
        self.n_retries = raw.retries_taken
        return self._read(raw.http_response.content)

    def _read(self, content: bytes) -> Completion | Failure:
        hide = self.endpoint.secrets.hide
        try:
            body = self.endpoint.secrets.hide_in(json.loads(content))
        except (ValueError, RecursionError):
            shown = hide(content[:4_000].decode(errors="replace"))[:300]
            return Failure("missing", 200, f"no JSON, but {shown!r}")
        try:
            return Completion.of(body)
        except NoCompletionError as exc:
            # gateways tell the failure of a server behind them with status 200
            error = body.get("error") if isinstance(body, Mapping) else None
            said = json.dumps(error if error else body)[:300]
            return Failure("other", 200, f"{exc}: {said}")
