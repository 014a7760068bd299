"""Why a model could not be asked: what the exceptions of the vendors' SDKs mean.

Neither SDK is imported; their exceptions have the same attributes, which are read by name.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from riosim.errors import ModelError
from riosim_agents.model.model_api import Endpoint
from riosim_agents.model.secret import Secrets

__all__ = ["Failure", "Trouble", "failure_of"]

Trouble = Literal[
    "context", "filter", "key", "missing", "no_pictures", "other", "parameter", "pictures", "reach"
]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a model could not be asked; no text of it holds a secret.

    Attributes:
        trouble: What kind of failure it is.
        status: Of the HTTP answer, None if there was none.
        said: What the server said, cut.
        parameter: Which part of the request the server did not take, if it said so.
    """

    trouble: Trouble
    status: int | None
    said: str
    parameter: str = ""

    def error(self, endpoint: Endpoint, *, tried: str = "") -> ModelError:
        """Return the error that stops the episode; raise it outside of the `except` block.

        Inside, the SDK's exception, with the request and its headers, would hang on it.
        """
        what = f"it answered {self.status}" if self.status else "no answer came"
        parts = [f"The model at {endpoint.base_url} could not be asked: {what}: {self.said!r}."]
        if tried:
            parts.append(tried)
        advice = _ADVICE.get(self.trouble, "")
        if advice:
            variable = endpoint.key_variable or "the variable that api_key_env names"
            parts.append(advice.replace("KEY", variable))
        return ModelError(" ".join(parts))


_ADVICE: Final[Mapping[Trouble, str]] = {
    "key": "Check the key in KEY.",
    "missing": "Check base_url (it mostly ends in /v1) and model.",
    "reach": "Check base_url, that the server runs, and timeout_s.",
    "pictures": "Send fewer or smaller pictures; `riosim agents show NAME` tells the settings.",
    "no_pictures": "This model takes no pictures; use one that does, or `chat` with style=tree.",
    "context": "Send less: history=0, smaller pictures, or a server with a longer context.",
}


def failure_of(exc: Exception, secrets: Secrets) -> Failure:
    """Say what an exception of the `openai` or `anthropic` SDK means."""
    status = getattr(exc, "status_code", None)
    status = status if isinstance(status, int) else None
    body = getattr(exc, "body", None)
    said = _said(body) or str(getattr(exc, "message", "") or exc) or type(exc).__name__
    if status is None and exc.__cause__ is not None:
        said = f"{said} ({type(exc.__cause__).__name__}: {exc.__cause__})"
    said = " ".join(secrets.hide(said).split())
    codes = _codes(body)
    trouble = _trouble(status, f"{said} {codes}".casefold())
    parameter = ""
    if status is not None and 400 <= status < 500:
        named = body.get("param") if isinstance(body, Mapping) else None
        parameter = secrets.hide(named)[:100] if isinstance(named, str) else ""
    return Failure(trouble, status, said[:600] + ("…" if len(said) > 600 else ""), parameter)


def _said(body: object) -> str:
    """Return the message in an error body, whose shape differs from server to server."""
    if isinstance(body, Mapping):
        for name in ("message", "detail", "error", "msg"):
            found = body.get(name)
            if isinstance(found, str) and found:
                return found
            if isinstance(found, Mapping):
                return _said(found)
            if isinstance(found, list):  # FastAPI's: with the whole request in each
                return "; ".join(_place(item) for item in found[:5])
        return json.dumps(body, default=repr)
    return body if isinstance(body, str) else ""


def _place(item: object) -> str:
    if not isinstance(item, Mapping):
        return str(item)[:200]
    where = item.get("loc")
    path = ".".join(str(step) for step in where) if isinstance(where, list | tuple) else ""
    return f"{path}: {str(item.get('msg', ''))[:200]}"


def _codes(body: object) -> str:
    if not isinstance(body, Mapping):
        return ""
    inner = body.get("error")
    own = " ".join(str(body.get(name)) for name in ("code", "type") if body.get(name))
    return f"{own} {_codes(inner)}".strip()


_LIMIT = r"at most|too many|too large|too big|exceed|limit|maximum|max allowed|larger than"
_CONTEXT: Final = re.compile(
    r"context.?length|context.?window|context.?size|context_length_exceeded|maximum model length|"
    r"prompt is too long|input is too long|longer than the (?:model|maximum)|max_model_len|"
    r"too many tokens|token limit|context the overflows"
)
_PICTURE: Final = re.compile(r"image|picture|pixel|multi.?modal|vision|media")
_NO_PICTURE: Final = re.compile(
    r"(?:not|n't|no\b|only)[^.]{0,60}(?:support|accept|take)[^.]{0,60}(?:image|vision|multi.?modal)|"
    r"(?:image|vision|multi.?modal)[^.]{0,60}(?:not|n't|only)[^.]{0,20}(?:support|accept|allow)|"
    r"not a multi.?modal model|no endpoints found that support image"
)
_FILTER: Final = re.compile(r"content_filter|content management policy|responsible.?ai|moderation")


def _trouble(status: int | None, text: str) -> Trouble:
    if status is None:
        return "reach"
    if status in (401, 403):
        return "filter" if _FILTER.search(text) else "key"
    if status == 413:
        return "pictures"
    if status not in (400, 404, 422, 500, 501):
        return "other"
    if _FILTER.search(text):
        return "filter"
    if _NO_PICTURE.search(text):
        return "no_pictures"
    if _CONTEXT.search(text):
        return "context"
    if _PICTURE.search(text) and re.search(_LIMIT, text):
        return "pictures"
    if status == 404:
        return "missing"
    return "parameter" if status in (400, 422, 501) else "other"
