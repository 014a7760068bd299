"""What a server of UI-TARS answers: its grammar in a chat completion."""

from riosim.action import Action
from riosim.dialects.coordinate import Screen
from riosim.dialects.ui_tars import UiTars, UiTarsVersion
from tests.support.model_server.chat_replies import completion, message
from tests.support.model_server.server import Reply

__all__ = ["in_grammar", "say", "script_of"]


def say(
    action: Action,
    *,
    screen: Screen,
    number: int,
    version: UiTarsVersion = "1.5",
    max_pixels: int | None = None,
) -> Reply:
    """Return the answer that makes the agent do ACTION, extras included.

    Some places cannot be said to the pixel: the version counts 0–1000, or the picture is smaller.
    """
    dialect = UiTars.for_screen(screen, version, max_pixels=max_pixels, extras=True)
    return in_grammar(f"Thought: Next comes {action.kind}.\n{dialect.write(action)}", number=number)


def in_grammar(said: str, *, number: int = 1, finish_reason: str = "stop") -> Reply:
    """Return an answer of these words."""
    return completion(message(said), number=number, finish_reason=finish_reason)


def script_of(*actions: Action, screen: Screen, version: UiTarsVersion = "1.5") -> list[Reply]:
    """Return the answers that make the agent do these actions."""
    return [
        say(action, screen=screen, number=number, version=version)
        for number, action in enumerate(actions, start=1)
    ]
