"""What OpenAI's Responses API answers: actions through its computer tool, and every fault."""

import json
from typing import Any

from riosim.action import Action, Press, Wait
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.function_tool import FunctionTools, offered_kinds
from riosim.dialects.openai_computer import OpenAIComputer
from tests.support.model_server.server import Reply, Request

__all__ = [
    "check",
    "computer_call",
    "error",
    "function_call",
    "items_in",
    "message",
    "pictures_in",
    "reasoning",
    "refusal",
    "response",
    "say",
    "texts_in",
]

Json = dict[str, Any]

FUNCTIONS = FunctionTools(
    tuple(kind for kind in offered_kinds(browser=True, code=True) if kind != "back")
)


def say(action: Action, *, screen: Screen, number: int, preview: bool = False) -> Reply:
    """Return the answer that makes the agent do ACTION.

    The tool has one `wait`, of 2 s, for all waits, and says a key pressed several times as several
    presses.
    """
    if action.kind in FUNCTIONS.kinds:
        said = FUNCTIONS.write(action)
        return response(
            [function_call(said["name"], said["arguments"], f"call_{number}")], number=number
        )
    tool = OpenAIComputer(Grid.pixels(screen))
    if isinstance(action, Wait):
        actions = [{"type": "wait"}]
    elif isinstance(action, Press):
        actions = [tool.write(Press(key=action.key))] * action.count
    else:
        actions = [tool.write(action)]
    call = computer_call(actions, f"call_{number}", preview=preview and len(actions) == 1)
    return response([reasoning(f"Next comes {action.kind}.", f"rs_{number}"), call], number=number)


def computer_call(
    actions: Any, id: object = "call_1", *, preview: bool = False, checks: Any = None
) -> Json:
    """Return a call of the computer: a list of actions, in the preview one alone."""
    said: Json = {"action": actions[0]} if preview else {"actions": actions}
    return {
        "type": "computer_call",
        "id": f"cu_{id}",
        "call_id": id,
        "pending_safety_checks": [] if checks is None else checks,
        "status": "completed",
        **said,
    }


def check(message: str, code: str = "malicious_instructions", id: str = "cu_sc_1") -> Json:
    """Return a safety check that waits for consent."""
    return {"id": id, "code": code, "message": message}


def function_call(name: str, arguments: object, id: str = "call_1") -> Json:
    """Return a call of a function; ARGUMENTS is JSON, or text as it is."""
    given = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {
        "type": "function_call",
        "id": f"fc_{id}",
        "call_id": id,
        "name": name,
        "arguments": given,
        "status": "completed",
    }


def reasoning(summary: str = "", id: str = "rs_1") -> Json:
    """Return reasoning, its content encrypted."""
    summaries = [{"type": "summary_text", "text": summary}] if summary else []
    return {"type": "reasoning", "id": id, "summary": summaries, "encrypted_content": "gAAA=="}


def message(words: str) -> Json:
    """Return prose."""
    part = {"type": "output_text", "text": words, "annotations": []}
    return {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [part],
    }


def refusal(words: str) -> Json:
    """Return what the API calls a refusal."""
    return {**message(""), "content": [{"type": "refusal", "refusal": words}]}


def response(output: object, *, number: int = 1, status: str = "completed", **fields: Any) -> Reply:
    """Return an answer: 1200 input tokens, 1024 of them cached, and 40 output tokens."""
    body: Json = {
        "id": f"resp_{number:024d}",
        "object": "response",
        "created_at": 1_770_000_000,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "model": "gpt-test-1",
        "output": output,
        "parallel_tool_calls": True,
        "usage": {
            "input_tokens": 1200,
            "input_tokens_details": {"cached_tokens": 1024},
            "output_tokens": 40,
            "output_tokens_details": {"reasoning_tokens": 24},
            "total_tokens": 1240,
        },
        **fields,
    }
    return Reply(body)


def error(status: int, said: str, *, kind: str = "invalid_request_error", **headers: str) -> Reply:
    """Return an error in the shape of the API."""
    body = {"error": {"message": said, "type": kind, "param": None, "code": None}}
    return Reply(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def items_in(request: Request, kind: str) -> list[Json]:
    """Return the items of a request that are of one type."""
    return [item for item in request.body["input"] if item["type"] == kind]


def _parts(request: Request) -> list[Json]:
    return [part for item in items_in(request, "message") for part in item["content"]]


def pictures_in(request: Request) -> list[str]:
    """Return the URLs of all pictures in a request."""
    shown = [part["image_url"] for part in _parts(request) if part["type"] == "input_image"]
    outputs = items_in(request, "computer_call_output")
    return shown + [item["output"]["image_url"] for item in outputs]


def texts_in(request: Request) -> list[str]:
    """Return what a request tells in words, and the output of functions."""
    told = [part["text"] for part in _parts(request) if part["type"] == "input_text"]
    return told + [item["output"] for item in items_in(request, "function_call_output")]
