"""Plays of agents for GUI models against a server, without a world."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from riosim.agent import Decision, InvalidOutput
from riosim.dialects.coordinate import Screen
from riosim.observation import Observation
from riosim_agents.gui_model.agent import GuiModelAgent
from tests.support.model_server.server import ModelServer, Reply, Request, Script

__all__ = ["SCREEN", "TASK", "decide", "played", "screen", "texts_of", "the_agent"]

SCREEN = Screen(1_280, 800)
TASK = "Look up the paper."


def screen(step: int = 0, message: str = "", **parts: Any) -> Observation:
    """Return what is seen after STEP steps; each step has another shade."""
    pixels = np.full((SCREEN.height_px, SCREEN.width_px, 3), step % 256, np.uint8)
    return Observation(pixels, TASK, step, message, **parts)


@contextmanager
def the_agent(
    kind: Callable[..., GuiModelAgent], script: Script, **settings: Any
) -> Iterator[tuple[GuiModelAgent, ModelServer]]:
    """An agent that has been given its task, and its server."""
    with ModelServer(script) as server:
        agent = kind(
            **{"model": "testmodel", "base_url": f"{server.url}/v1", "max_retries": 2, **settings}
        )
        agent.reset(TASK, seed=7)
        try:
            yield agent, server
        finally:
            agent.close()


def played(
    kind: Callable[..., GuiModelAgent], script: Script, n_steps: int, **settings: Any
) -> tuple[list[Decision], list[Request]]:
    """Return what is decided in N_STEPS steps, and what the server was asked for.

    An invalid action is told with the next screen, as the environment does.
    """
    with the_agent(kind, script, **settings) as (agent, server):
        decisions: list[Decision] = []
        message = ""
        for step in range(n_steps):
            decisions.append(agent.act(screen(step, message)))
            action = decisions[-1].action
            message = (
                f"No action was understood: {action.reason}"
                if isinstance(action, InvalidOutput)
                else ""
            )
        return decisions, list(server.requests)


def decide(kind: Callable[..., GuiModelAgent], *replies: Reply, **settings: Any) -> Decision:
    """Return what is decided on one screen."""
    return played(kind, replies, 1, **settings)[0][0]


def texts_of(message: dict[str, Any]) -> str:
    """Return what a message says in words."""
    content = message["content"]
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] == "text")


def roles_of(requests: Sequence[Request]) -> list[str]:
    """Return who speaks in the last request, in order."""
    return [said["role"] for said in requests[-1].body["messages"]]
