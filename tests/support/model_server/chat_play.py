"""Plays of the chat agent against a server, without a world."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from riosim.agent import Decision, InvalidOutput
from riosim.dialects.coordinate import Screen
from riosim.observation import Observation
from riosim_agents.chat import ChatAgent
from tests.support.model_server.server import ModelServer, Reply, Script

__all__ = ["SCREEN", "asked", "decide", "played", "screen", "the_chat"]

SCREEN = Screen(320, 200)
TASK = "Look up the paper."


def screen(step: int = 0, message: str = "", **parts: Any) -> Observation:
    """Return what is seen after STEP steps; each step has another shade."""
    pixels = np.full((SCREEN.height_px, SCREEN.width_px, 3), step % 256, np.uint8)
    return Observation(pixels, TASK, step, message, **parts)


@contextmanager
def the_chat(script: Script, **settings: Any) -> Iterator[tuple[ChatAgent, ModelServer]]:
    """An agent that has been given its task, and its server."""
    with ModelServer(script) as server:
        agent = ChatAgent(
            **{"model": "testmodel", "base_url": f"{server.url}/v1", "max_retries": 2, **settings}
        )
        agent.reset(TASK, seed=7)
        try:
            yield agent, server
        finally:
            agent.close()


def played(script: Script, n_steps: int, **settings: Any) -> tuple[list[Decision], list[Any]]:
    """Return what is decided in N_STEPS steps, and what the server was asked for.

    An invalid action is told with the next screen, as the environment does.
    """
    with the_chat(script, **settings) as (agent, server):
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


def decide(*replies: Reply, **settings: Any) -> Decision:
    """Return what is decided on one screen."""
    return played(replies, 1, **settings)[0][0]


def asked(request: Any) -> list[dict[str, Any]]:
    """Return the messages of a request, pictures left out."""
    return [
        {**said, "content": said["content"][0]["text"]}
        if isinstance(said.get("content"), list)
        else said
        for said in request.body["messages"]
    ]


def texts(requests: Sequence[Any]) -> str:
    """Return all that was said in requests, in one text."""
    return "\n".join(str(said["content"]) for request in requests for said in asked(request))
