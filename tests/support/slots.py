"""Slots of echo guests: how tests get and lose them."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from riosim_envs.desktop import Desktop
from riosim_envs.engine import Engine
from riosim_envs.prune import prune
from riosim_envs.slot import Slot, SlotSettings
from riosim_envs.stage import Stage
from tests.support.echo_image import echo_image

__all__ = [
    "ANSWERING",
    "counts",
    "echo_settings",
    "engine_for_tests",
    "serve_on",
    "slot_of_echoes",
]


def echo_settings(**changes: Any) -> SlotSettings:
    """Return settings of a run of its own whose images both hold the echo guest."""
    image = echo_image()
    values: dict[str, Any] = {
        "run_id": f"test-{uuid.uuid4().hex[:8]}",
        "desktop_image": image,
        "stage_image": image,
    }
    return SlotSettings(**(values | changes))


ANSWERING = """
import os, socket
listener = socket.create_server(("0.0.0.0", 8080))
if os.fork() == 0:
    for fd in (0, 1, 2):
        os.close(fd)
    listener.accept()
    os._exit(0)
"""
"""Answers one connection, so that a probe that reaches it is seen to work."""


def serve_on(machine: Stage | Desktop, code: str) -> None:
    """Start a server in an echo guest."""
    args = {"argv": ["python3", "-c", code], "user": "root", "cwd": "/", "timeout_s": 10}
    answer = machine.channel.request("exec", args)
    assert answer.ok["status"] == 0, answer.ok["stderr"]


@contextmanager
def engine_for_tests() -> Iterator[Engine]:
    """Connect to the engine and close the connections after."""
    engine = Engine.connect()
    try:
        yield engine
    finally:
        engine.close()


@contextmanager
def slot_of_echoes(engine: Engine, **changes: Any) -> Iterator[Slot]:
    """Open a slot and remove all of its run after, whatever the test did to it."""
    settings = echo_settings(**changes)
    slot = Slot.open(engine, settings)
    try:
        yield slot
    finally:
        slot.close()
        prune(engine, run_id=settings.run_id, even_alive=True)


def counts(engine: Engine, run_id: str) -> tuple[int, int, int]:
    """Return how many containers, networks and volumes carry a run's label."""
    api, selected = engine.client.api, {"label": f"riosim={run_id}"}
    return (
        len(api.containers(all=True, filters=selected)),
        len(api.networks(filters=selected)),
        len(api.volumes(filters=selected).get("Volumes") or []),
    )
