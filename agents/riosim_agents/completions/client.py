"""One question to an OpenAI-compatible chat-completions endpoint, through the official SDK."""

import json
import weakref
from collections.abc import Mapping
from typing import Any, Final

from openai import OpenAI

from riosim_agents.completions.completion import Completion, NoCompletionError
from riosim_agents.model.failure import Failure
from riosim_agents.model.model_api import Endpoint, Vendor
from riosim_agents.model.sdk_client import SdkClient

__all__ = ["OPENAI", "ChatClient"]

OPENAI: Final = Vendor("OpenAI", "https://api.openai.com/v1", "OPENAI_API_KEY", "OPENAI_BASE_URL")
_NO_KEY: Final = "none"  # the SDK sends one in any case


class ChatClient:
    """Asks one endpoint; the SDK retries, nothing is raised for what a server does."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        sdk = OpenAI(
            api_key=endpoint.api_key or _NO_KEY,
            base_url=endpoint.base_url,
            timeout=endpoint.timeout_s,
            max_retries=endpoint.max_retries,
            default_headers=dict(endpoint.headers),
        )
        self._client = SdkClient(endpoint, sdk.chat.completions.with_raw_response.create)
        self.close = weakref.finalize(self, sdk.close)

    @property
    def n_retries(self) -> int:
        """How often the SDK had to try again for the last answer."""
        return self._client.n_retries

    def complete(self, request: Mapping[str, Any]) -> Completion | Failure:
        """Return the answer to a request, or why there is none; no secret is in either."""
        body = self._client.ask(request)
        if isinstance(body, Failure):
            return body
        try:
            return Completion.of(body)
        except NoCompletionError as exc:
            # gateways tell the failure of a server behind them with status 200
            said = json.dumps(body.get("error") or body)[:300]
            return Failure("other", 200, f"{exc}: {said}")
