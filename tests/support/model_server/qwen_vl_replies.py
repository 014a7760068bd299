"""What a server of Qwen-VL answers: calls of `computer_use` in a chat completion."""

import json

from riosim.action import Action
from riosim.dialects.coordinate import Screen
from riosim.dialects.qwen_vl import QwenVL, QwenVLVersion
from tests.support.model_server.chat_replies import call, completion, message, tool_reply
from tests.support.model_server.server import Reply

__all__ = ["as_tool_call", "in_tags", "say", "script_of"]


def say(action: Action, *, screen: Screen, number: int, version: QwenVLVersion = "3") -> Reply:
    """Return the answer that makes the agent do ACTION, extras included.

    Some places cannot be said to the pixel: the version counts 0–1000, or the picture is smaller.
    """
    dialect = QwenVL.for_screen(screen, version, extras=True)
    return in_tags(f"Next comes {action.kind}.\n{dialect.write(action)}", number=number)


def in_tags(said: str, *, number: int = 1, finish_reason: str = "stop") -> Reply:
    """Return an answer of these words."""
    return completion(message(said), number=number, finish_reason=finish_reason)


def as_tool_call(arguments: object, *, name: str = "computer_use", number: int = 1) -> Reply:
    """Return an answer out of which the server has taken the call."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return tool_reply([call(text, name=name, number=number)], number=number)


def script_of(*actions: Action, screen: Screen, version: QwenVLVersion = "3") -> list[Reply]:
    """Return the answers that make the agent do these actions."""
    return [
        say(action, screen=screen, number=number, version=version)
        for number, action in enumerate(actions, start=1)
    ]
