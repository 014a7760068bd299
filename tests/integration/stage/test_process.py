"""The guest as a process: its line to the host, the world behind it, its end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from riosim.wire import encode
from tests.integration.stage.guest_on_stage import RefusedError, Stage
from tests.support.require import require

pytestmark = pytest.mark.docker

WORLD = """
import os, sys
from wire import Decoder, encode
def send(message, blob=b""):
    os.write(1, encode(message, blob))
decoder = Decoder()
while data := os.read(0, 65536):
    for message, blob in decoder.feed(data):
        op = message.get("op")
        if "ack" in message:
            send({"event": {"source": "world", "kind": "acked", "data": message}})
        elif op == "world.die":
            os._exit(3)
        elif op == "world.pending":
            send({"id": message["id"], "ok": {"requests": 2, "pages": 1}})
        elif op == "world.garbage":
            os.write(1, b"x" * 64)
        else:
            event = {"source": "world", "kind": "seen", "data": {"op": op}}
            send({"event": event, "ack": 7})
            send({"id": message["id"], "ok": message["args"]}, blob[::-1])
"""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    require("docker")
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o755)
    started = Stage(tmp_path / "riosim", world=WORLD)
    try:
        yield started
    finally:
        started.close()


def test_the_world_is_passed_requests_answers_events_and_acknowledgements(stage: Stage):
    assert stage.ask("world.apply", verb="mail") == {"verb": "mail"}
    assert stage.wait_for(lambda: "seen" in stage.kinds())
    stage.write(encode({"ack": 7}))
    assert stage.wait_for(lambda: "acked" in stage.kinds())
    stage.write(encode({"id": 900, "op": "world.blob", "args": {}}, b"abc"))
    assert stage.answer(900)[1] == b"cba"


def test_a_world_that_dies_fails_what_waits_and_begins_anew_when_reset(stage: Stage):
    for op in ("world.die", "world.garbage"):
        assert stage.ask("world.hello") == {}
        with pytest.raises(RefusedError) as lost:
            stage.ask(op)
        assert lost.value.kind == "failed"
        with pytest.raises(RefusedError) as still_lost:
            stage.ask("world.state", site="shop")
        assert still_lost.value.kind == "failed"
        assert stage.ask("world.reset", seed=1) == {"seed": 1}


def test_quiet_says_what_the_world_waits_for(stage: Stage):
    stage.ask("start", width_px=800, height_px=600)
    assert stage.ask("quiet")["world"] == {"requests": 0, "pages": 0}
    stage.ask("world.hello")
    assert stage.ask("quiet")["world"] == {"requests": 2, "pages": 1}


def test_what_needs_a_screen_says_that_there_is_none(stage: Stage):
    for op in ("capture", "quiet", "windows", "reset"):
        with pytest.raises(RefusedError, match="start"):
            stage.ask(op)


def test_the_container_ends_when_the_host_closes_the_line(stage: Stage):
    stage.ask("start")
    assert stage.process.stdin is not None
    stage.process.stdin.close()
    assert stage.process.wait(60) == 0


def test_the_container_ends_on_what_is_no_frame(stage: Stage):
    stage.ask("hello")
    stage.write(b"\xff" * 16)
    assert stage.process.wait(60) == 0
    assert stage.wait_for(lambda: b"no frame" in bytes(stage.stderr))
