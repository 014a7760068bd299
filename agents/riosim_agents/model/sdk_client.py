"""One question to a vendor's API through its official SDK; the answer as JSON, as it came.

What a vendor sends is not turned into the SDK's classes: parts of a conversation (signed thinking,
encrypted reasoning) must go back exactly as they came, fields that the SDK does not know included.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from riosim.evidence.event import well_formed
from riosim_agents.model.failure import Failure, failure_of
from riosim_agents.model.model_api import Endpoint

__all__ = ["SdkClient"]


class SdkClient:
    """Asks one endpoint; the SDK retries, nothing is raised for what a server does.

    SEND is a method of the SDK `with_raw_response`.

    Attributes:
        n_retries: How often the SDK had to try again for the last answer.
    """

    def __init__(self, endpoint: Endpoint, send: Callable[..., Any]) -> None:
        self.endpoint = endpoint
        self.n_retries = 0
        self._send = send

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any] | Failure:
        """Return the answer to a request, or why there is none; no secret is in either."""
        self.n_retries = 0
        try:
            raw = self._send(**well_formed(dict(request)))
        except Exception as exc:  # noqa: BLE001  # whatever the SDK raises is told, without its key
            return failure_of(exc, self.endpoint.secrets)
        self.n_retries = raw.retries_taken
        content: bytes = raw.http_response.content
        try:
            body = json.loads(content)
            body = self.endpoint.secrets.hide_in(well_formed(body))
        except (ValueError, RecursionError):
            shown = self.endpoint.secrets.hide(content[:4_000].decode(errors="replace"))[:300]
            return Failure("missing", raw.status_code, f"no JSON, but {shown!r}")
        if not isinstance(body, dict):
            said = f"no JSON object but a {type(body).__name__}: {str(body)[:300]!r}"
            return Failure("missing", raw.status_code, said)
        return body
