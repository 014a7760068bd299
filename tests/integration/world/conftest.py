"""A world as a process, spoken to over its pipes, and a site to try things on."""

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from riosim.wire import Decoder, encode

_ROOT = Path(__file__).resolve().parents[3]


class WorldProcess:
    """The world's process; keeps every event that came before an answer."""

    def __init__(self, *argv: str) -> None:
        path = os.pathsep.join(map(str, (_ROOT, _ROOT / "envs", Path(__file__).parent)))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "riosim_world", "--bind", "127.0.0.1", "--address", "127.0.0.1",
             "--http-port", "0", "--https-port", "0", "--sniff-port", "0", "--dns-port", "0",
             "--smtp-port", "0", "--imap-port", "0", *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        self._heard: queue.SimpleQueue = queue.SimpleQueue()
        self._hearing = threading.Thread(target=self._hear, daemon=True)
        self._hearing.start()
        self._number = 0
        self.events: list[dict] = []
        self.hello = self.ask("world.hello")
        self.ports = self.hello["ports"]

    @property
    def pid(self):
        return self._process.pid

    def ask(self, op, **args):
        answer, _ = self.ask_with_blob(op, **args)
        return answer

    def ask_with_blob(self, op, **args):
        message, blob = self._exchange(op, args)
        if "error" in message:
            raise RefusedError(message["error"]["kind"], message["error"]["message"])
        return message["ok"], blob

    def reset(self, **args):
        answer = self.ask("world.reset", **{"seed": 1, "now": "2026-03-02T09:00:00+00:00"} | args)
        self.events.clear()
        return answer["digest"]

    def state(self, site):
        return json.loads(self.ask_with_blob("world.state", site=site)[1])

    def memory_mb(self):
        """Resident memory of the process."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def of_kind(self, kind):
        """Events of a kind, everything that was sent so far included."""
        self.ask("world.pending")
        return [event["data"] for event in self.events if event["kind"] == kind]

    def close(self):
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._hearing.join(timeout=10)
        self._process.stdout.close()
        return self._process.returncode

    def _exchange(self, op, args):
        self._number += 1
        self._process.stdin.write(encode({"id": self._number, "op": op, "args": args}))
        self._process.stdin.flush()
        while True:
            message, blob = self._heard.get()
            assert message is not None, "the world has ended"
            if "event" not in message:
                return message, blob
            self.events.append(message["event"])

    def _hear(self):
        """Take what the world says as it comes: it would wait for us while we wait for it."""
        decoder = Decoder()
        while data := os.read(self._process.stdout.fileno(), 2**16):
            for item in decoder.feed(data):
                self._heard.put(item)
        self._heard.put((None, b""))


class RefusedError(Exception):
    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


@pytest.fixture(scope="session")
def running_world():
    world = WorldProcess()
    yield world
    assert world.close() == 0


@pytest.fixture
def world(running_world):
    running_world.reset()
    return running_world
