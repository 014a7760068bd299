"""What OpenAI-compatible chat-completions servers answer: actions, and every kind of fault."""

import json
from typing import Any

from riosim.action import Action
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.own_json import OwnJson
from tests.support.model_server.server import Reply, Request

__all__ = [
    "call",
    "completion",
    "error",
    "in_words",
    "message",
    "pictures_of",
    "roles_of",
    "say",
    "script_of",
    "tool_reply",
]

Json = dict[str, Any]


def say(action: Action, *, screen: Screen, number: int) -> Reply:
    """Return the answer that makes the agent do ACTION: a call of its function `act`.

    Points are pixels of the screen, as the agent counts them unless told otherwise.
    """
    return tool_reply([call(_arguments(action, screen), number=number)], number=number)


def in_words(action: Action, *, screen: Screen, number: int = 1) -> Reply:
    """Return ACTION as a model says it that was asked for text."""
    said = json.dumps(_arguments(action, screen))
    return completion(message(f"I go on.\n```json\n{said}\n```"), number=number)


def _arguments(action: Action, screen: Screen) -> Json:
    written = json.loads(OwnJson(Grid.pixels(screen)).write(action))
    return {"thought": f"Next comes {action.kind}.", "action": written}


def call(arguments: object, *, name: str = "act", number: int = 1) -> Json:
    """Return one call of a tool; ARGUMENTS is JSON, or text as it is."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {
        "id": f"call_{number}",
        "type": "function",
        "function": {"name": name, "arguments": text},
    }


def tool_reply(calls: list[Json], *, number: int = 1, text: str | None = None) -> Reply:
    """Return an answer that calls tools."""
    said = {**message(text), "tool_calls": calls}
    return completion(said, number=number, finish_reason="tool_calls")


def message(text: object = None, **fields: Any) -> Json:
    """Return what an assistant says; FIELDS are those of some servers, or a refusal."""
    return {"role": "assistant", "content": text, "refusal": None, **fields}


def completion(
    said: Json,
    *,
    number: int = 1,
    finish_reason: str = "stop",
    usage: Json | None = None,
    counts: bool = True,
    **fields: Any,
) -> Reply:
    """Return an answer with 1200 input tokens, 1024 of them cached, and 40 output tokens."""
    body: Json = {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1_770_000_000,
        "model": "testmodel-2026-01-01",
        "system_fingerprint": "fp_11aa22bb33",
        "choices": [
            {"index": 0, "message": said, "logprobs": None, "finish_reason": finish_reason}
        ],
        **fields,
    }
    if counts:
        body["usage"] = usage or {
            "prompt_tokens": 1200,
            "completion_tokens": 40,
            "total_tokens": 1240,
            "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 24},
        }
    return Reply(body)


def error(
    status: int,
    said: str,
    *,
    kind: str = "invalid_request_error",
    code: str | None = None,
    param: str | None = None,
    flat: bool = False,
    **headers: str,
) -> Reply:
    """Return an error as OpenAI words it, or FLAT as vLLM does."""
    inner = {"message": said, "type": kind, "param": param, "code": code}
    body = {"object": "error", **inner, "code": status} if flat else {"error": inner}
    return Reply(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def script_of(*actions: Action, screen: Screen) -> list[Reply]:
    """Return the answers that make the agent do these actions."""
    return [say(action, screen=screen, number=n) for n, action in enumerate(actions, start=1)]


def roles_of(request: Request) -> list[str]:
    """Return who speaks in a request, in order."""
    return [said["role"] for said in request.body["messages"]]


def pictures_of(request: Request) -> list[str]:
    """Return the URLs of all pictures in a request, in order."""
    return [
        part["image_url"]["url"]
        for said in request.body["messages"]
        if isinstance(said.get("content"), list)
        for part in said["content"]
        if part["type"] == "image_url"
    ]
