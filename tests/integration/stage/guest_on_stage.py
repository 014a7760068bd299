"""The guest in a container of its own, spoken to as the host speaks to it."""

import contextlib
import itertools
import json
import os
import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from riosim.content import content_root
from riosim.wire import Decoder, encode
from tests.integration.stage.stage_image import stage_image

CLIENTS = Path(__file__).parent / "clients"
SESSION_UID = "20001"


class RefusedError(Exception):
    """The guest answered with an error."""

    def __init__(self, error: dict[str, str]) -> None:
        super().__init__(error["message"])
        self.kind = error["kind"]


class Stage:
    """A running guest; the session's programs are started in the same container by another user."""

    def __init__(
        self,
        folder: Path,
        *,
        world: str | None = None,
        image: str | None = None,
        network: str = "none",
    ) -> None:
        self.name = f"riosim-dev-stage-{uuid.uuid4().hex[:8]}"
        _lay_out(folder, world)
        self.process = subprocess.Popen(
            [
                *("docker", "run", "--interactive", "--rm", "--name", self.name),
                *("--network", network, "--cap-drop", "ALL"),
                *("--security-opt", "no-new-privileges", "--tmpfs", "/tmp/.X11-unix:mode=1777"),
                *("--volume", f"{folder}:/opt/riosim:ro", "--volume", f"{CLIENTS}:/clients:ro"),
                image or stage_image(),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.events: list[dict[str, Any]] = []
        self._answers: dict[int, tuple[dict[str, Any], bytes]] = {}
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self.ended = False
        self.stderr = bytearray()
        self._programs: list[Program] = []
        self._readers = [
            threading.Thread(target=read, daemon=True) for read in (self._read, self._read_errors)
        ]
        for reader in self._readers:
            reader.start()

    def ask(self, op: str, *, timeout_s: float = 60.0, **args: Any) -> dict[str, Any]:
        return self.ask_blob(op, timeout_s=timeout_s, **args)[0]

    def ask_blob(
        self, op: str, *, timeout_s: float = 60.0, **args: Any
    ) -> tuple[dict[str, Any], bytes]:
        return self.answer(self.send(op, **args), timeout_s)

    def send(self, op: str, **args: Any) -> int:
        number = next(self._numbers)
        self.write(encode({"id": number, "op": op, "args": args}))
        return number

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def answer(self, number: int, timeout_s: float = 60.0) -> tuple[dict[str, Any], bytes]:
        with self._changed:
            self._changed.wait_for(lambda: number in self._answers or self.ended, timeout_s)
            if number not in self._answers:
                raise TimeoutError(f"no answer to request {number}; stderr: {self.stderr[-800:]!r}")
            message, blob = self._answers.pop(number)
        if "error" in message:
            raise RefusedError(message["error"])
        return message["ok"], blob

    def has_answered(self, number: int) -> bool:
        with self._changed:
            return number in self._answers

    def act(self, kind: str, **parts: Any) -> dict[str, Any]:
        return self.ask("act", action={"kind": kind, **parts})

    def wait_for(self, ready: Callable[[], Any], timeout_s: float = 30.0) -> Any:
        """Wait until READY says something true, asked at each event and now and then."""
        deadline = time.monotonic() + timeout_s
        while not (found := ready()) and time.monotonic() < deadline:
            with self._changed:
                self._changed.wait(0.05)
        return found

    def event(self, kind: str, timeout_s: float = 30.0, **data: Any) -> dict[str, Any]:
        """Return the data of the first event of that kind with that data; wait for it."""

        def seen() -> list[dict[str, Any]]:
            return [
                e["data"]
                for e in list(self.events)
                if e["kind"] == kind and data.items() <= e["data"].items()
            ]

        found = self.wait_for(seen, timeout_s)
        assert found, f"no {kind} with {data}; there were {[e['kind'] for e in self.events][-30:]}"
        return dict(found[0])

    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.events]

    def run(self, *argv: str) -> "Program":
        """Start a program of the session."""
        program = Program(self, argv)
        self._programs.append(program)
        return program

    def shell(self, command: str) -> str:
        """Run a command of the session to its end; return what it printed."""
        return self.run("sh", "-c", command).output()

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(60)
        finally:
            subprocess.run(["docker", "rm", "-f", self.name], capture_output=True, check=False)
        for program in self._programs:
            program.end()
        for reader in self._readers:
            reader.join(5)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        decoder = Decoder()
        while data := os.read(self.process.stdout.fileno(), 1 << 20):
            for message, blob in decoder.feed(data):
                with self._changed:
                    if "event" in message:
                        self.events.append(message["event"])
                    else:
                        self._answers[message["id"]] = (message, blob)
                    self._changed.notify_all()
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        while data := os.read(self.process.stderr.fileno(), 1 << 16):
            self.stderr += data


class Program:
    """A program of the session, its standard output as JSON lines."""

    def __init__(self, stage: Stage, argv: tuple[str, ...]) -> None:
        self._stage = stage
        environment = ("-e", "DISPLAY=:0", "-e", "HOME=/home/user", "-e", "LANG=C.UTF-8")
        self.process = subprocess.Popen(
            ["docker", "exec", "-i", "-u", SESSION_UID, *environment, stage.name, *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.lines: list[Any] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def output(self) -> str:
        self.go_on()
        self._reader.join(60)
        self.process.wait(60)
        return "\n".join(str(line) for line in self.lines)

    def end(self) -> None:
        """Wait for the end that the loss of its container brings."""
        self.go_on()
        self.process.kill()
        self.process.wait(10)
        self._reader.join(10)

    def go_on(self) -> None:
        """Close its standard input, which our hostile clients take as the word to stop."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                self.lines.append(json.loads(line))
            except ValueError:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))
        self.process.stdout.close()


def _lay_out(folder: Path, world: str | None) -> None:
    """Put the guest and what it imports where its image has them."""
    root = content_root("images")
    shutil.copytree(root / "stage" / "guest", folder / "guest")
    package = Path(content_root.__globals__["__file__"]).parent
    for name in ("wire.py", "accessibility.py"):
        shutil.copy(package / name, folder / "guest" / name)
    (folder / "lib" / "riosim_world").mkdir(parents=True)
    if world is not None:
        (folder / "lib" / "riosim_world" / "__main__.py").write_text(world)
        shutil.copy(package / "wire.py", folder / "lib" / "wire.py")
