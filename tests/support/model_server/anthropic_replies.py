"""What Anthropic's Messages API answers: actions through its computer tool, and every fault."""

from typing import Any

from riosim.action import Action, Click, Drag, MouseDown, MouseUp, Move
from riosim.dialects.anthropic_computer import AnthropicComputer
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.function_tool import FunctionTools, offered_kinds
from riosim_agents.computer_tool.picture import PictureSize
from tests.support.model_server.server import Reply, Request

__all__ = [
    "calls",
    "error",
    "message",
    "pictures_in",
    "results_in",
    "say",
    "text",
    "texts_in",
    "thinking",
    "tool_use",
]

Json = dict[str, Any]

TOOLSET = "20260801"
FUNCTIONS = FunctionTools((*offered_kinds(browser=True, code=True),))


def say(action: Action, *, screen: Screen, number: int, version: str = TOOLSET) -> Reply:
    """Return the answer that makes the agent do ACTION.

    Points are pixels of the picture that the agent sends by default. Where the tool acts at the
    pointer, a move there comes first, as a call of its own in the same answer.
    """
    if action.kind in FUNCTIONS.kinds:
        said = FUNCTIONS.write(action)
        return calls([tool_use(said["name"], said["arguments"], f"toolu_{number}", family=None)])
    grid = Grid.resized(screen, PictureSize(longest_px=1280).of(screen))
    blocks = [
        _block(AnthropicComputer(grid, version, _start(action)).write(part), version, number, index)
        for index, part in enumerate([*_moves_before(action, version), action])
    ]
    return calls([text(f"Next comes {action.kind}."), *blocks], number=number)


def _block(said: Json, version: str, number: int, index: int) -> Json:
    name = f"toolu_{number}_{index}"
    if version == TOOLSET:
        return tool_use(said["name"], said["input"], name)
    return tool_use("computer", said, name, family=None)


def _start(action: Action) -> Any:
    return action.start if isinstance(action, Drag) else getattr(action, "at", None)


def _moves_before(action: Action, version: str) -> list[Action]:
    at_pointer: tuple[type, ...] = (MouseDown, MouseUp)
    if version == "20241022":
        at_pointer = (MouseDown, MouseUp, Click, Drag)
    return [Move(at=_start(action))] if isinstance(action, at_pointer) else []


def text(words: str) -> Json:
    """Return a block of prose."""
    return {"type": "text", "text": words}


def thinking(words: str, signature: str = "sig") -> Json:
    """Return a block of signed thinking."""
    return {"type": "thinking", "thinking": words, "signature": signature}


def tool_use(
    name: str, given: object, id: str = "toolu_1", *, family: str | None = "computer"
) -> Json:
    """Return a call; FAMILY is the toolset it belongs to."""
    block: Json = {"type": "tool_use", "id": id, "name": name, "input": given}
    return block | ({"toolset_name": family} if family else {})


def calls(content: list[Json], *, number: int = 1, **fields: Any) -> Reply:
    """Return an answer that calls tools."""
    return message(content, stop_reason="tool_use", number=number, **fields)


def message(
    content: object,
    *,
    stop_reason: str | None = "end_turn",
    number: int = 1,
    usage: Json | None = None,
    **fields: Any,
) -> Reply:
    """Return an answer: 100 fresh input tokens, 1000 from the cache, 50 into it, 40 output."""
    body: Json = {
        "id": f"msg_{number:024d}",
        "type": "message",
        "role": "assistant",
        "model": "claude-test-1",
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": usage
        or {
            "input_tokens": 100,
            "cache_creation_input_tokens": 50,
            "cache_read_input_tokens": 1000,
            "output_tokens": 40,
            "service_tier": "standard",
        },
        **fields,
    }
    return Reply(body)


def error(status: int, said: str, *, kind: str = "invalid_request_error", **headers: str) -> Reply:
    """Return an error in the shape of the API."""
    body = {
        "type": "error",
        "error": {"type": kind, "message": said},
        "request_id": "req_test0000000000000000",
    }
    return Reply(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def results_in(request: Request) -> list[Json]:
    """Return the tool results of the newest message of a request."""
    content = request.body["messages"][-1]["content"]
    return [block for block in content if block["type"] == "tool_result"]


def _blocks(request: Request) -> list[Json]:
    blocks = [block for said in request.body["messages"] for block in said["content"]]
    inner = [
        part
        for block in blocks
        for part in block.get("content", ())
        if block["type"] == "tool_result"
    ]
    return blocks + inner


def pictures_in(request: Request) -> list[Json]:
    """Return the pictures of a request, those of results last."""
    return [block["source"] for block in _blocks(request) if block["type"] == "image"]


def texts_in(request: Request) -> list[str]:
    """Return the texts of a request, those of results last."""
    return [block["text"] for block in _blocks(request) if block["type"] == "text"]
