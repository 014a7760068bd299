"""A desktop container driven over its own input and output, for these tests only."""

import contextlib
import itertools
import queue
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import docker

from riosim import wire

CAPABILITIES = [
    "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETUID", "SETGID", "KILL", "SYS_CHROOT",
    "SYS_PTRACE",
]  # fmt: skip
Event = dict[str, Any]


class RefusedError(Exception):
    """The supervisor refused a request."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class Machine:
    """One running desktop; events are collected and, unless told otherwise, acknowledged."""

    def __init__(self, container: Any) -> None:
        self.container = container
        attached = container.attach_socket(
            params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        )
        self._socket: socket.socket = attached._sock
        self._attached = attached
        self._numbers = itertools.count(1)
        self._answers: dict[int, queue.Queue[tuple[dict[str, Any], bytes]]] = {}
        self._changed = threading.Condition()
        self.events: list[Event] = []
        self.log = bytearray()
        self.acknowledge = True
        self._write_lock = threading.Lock()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def call(
        self, op: str, *, blob: bytes = b"", limit_s: float = 40.0, **args: Any
    ) -> tuple[dict[str, Any], bytes]:
        number = next(self._numbers)
        answers = self._answers[number] = queue.Queue()
        self._send({"id": number, "op": op, "args": args}, blob)
        try:
            message, out = answers.get(timeout=limit_s)
        except queue.Empty:
            raise AssertionError(
                f"{op} was not answered; log: {self.log.decode()[-3000:]}"
            ) from None
        if "error" in message:
            raise RefusedError(message["error"]["kind"], message["error"]["message"])
        return message["ok"], out

    def sh(self, script: str, *, user: str = "user", **more: Any) -> dict[str, Any]:
        return self.call("exec", argv=["sh", "-c", script], user=user, **more)[0]

    def wait_for(
        self, wanted: Callable[[Event], bool], *, count: int = 1, limit_s: float = 10.0
    ) -> list[Event]:
        with self._changed:
            self._changed.wait_for(lambda: sum(map(wanted, self.events)) >= count, limit_s)
            return [event for event in self.events if wanted(event)]

    def started(self, *argv: str, limit_s: float = 10.0) -> Event:
        found = self.wait_for(is_start_of(*argv), limit_s=limit_s)
        assert found, f"no exec of {argv}; seen: {[e['data'].get('argv') for e in self.events]}"
        return found[0]

    def exited(self, pid: int, limit_s: float = 10.0) -> Event:
        found = self.wait_for(
            lambda e: e["kind"] == "exec.exited" and e["data"]["pid"] == pid, limit_s=limit_s
        )
        assert found, f"no exit of {pid}"
        return found[0]

    def forget(self) -> None:
        with self._changed:
            self.events.clear()

    def _send(self, message: dict[str, Any], blob: bytes = b"") -> None:
        with self._write_lock:
            self._socket.sendall(wire.encode(message, blob))

    def _read(self) -> None:
        decoder = wire.Decoder()
        try:
            while head := self._exactly(8):
                kind, size = struct.unpack(">BxxxI", head)
                data = self._exactly(size)
                if kind != 1:
                    self.log += data
                    continue
                for message, blob in decoder.feed(data):
                    self._take(message, blob)
        except OSError:
            return

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            part = self._socket.recv(size - len(data))
            if not part:
                return b""
            data += part
        return bytes(data)

    def _take(self, message: dict[str, Any], blob: bytes) -> None:
        if "event" not in message:
            self._answers[message["id"]].put((message, blob))
            return
        if "ack" in message and self.acknowledge:
            self._send({"ack": message["ack"]})
        with self._changed:
            self.events.append(message["event"])
            self._changed.notify_all()

    def close(self) -> None:
        self._attached.close()
        self._socket.close()


def is_start_of(*argv: str) -> Callable[[Event], bool]:
    return lambda e: e["kind"] == "exec.started" and e["data"]["argv"][: len(argv)] == list(argv)


def client() -> Any:
    return docker.from_env()


@contextmanager
def machine(
    image: str, *, start: dict[str, Any] | None = None, **options: Any
) -> Iterator[Machine]:
    """A desktop that is hardened as in earnest; started without a session unless told otherwise."""
    engine = client()
    settings: dict[str, Any] = {
        "stdin_open": True, "network_mode": "none", "user": "0", "cap_drop": ["ALL"],
        "cap_add": CAPABILITIES, "security_opt": ["no-new-privileges"], "pids_limit": 256,
        "mem_limit": "1g", "auto_remove": True, "log_config": {"Type": "none"},
        "labels": {"riosim": "supervisor-tests"},
        "command": ["python3", "/usr/lib/deskd/supervisor"], "entrypoint": [],
    } | options  # fmt: skip
    container = engine.containers.create(image, **settings)
    box = Machine(container)
    try:
        container.start()
        box.begin()
        if start is not None:
            box.call("start", **start_arguments(**start))
        yield box
    finally:
        box.close()
        with contextlib.suppress(docker.errors.APIError):  # it removes itself
            container.remove(force=True)
        engine.close()


@contextmanager
def x_server(image: str) -> Iterator[str]:
    """An X server in a container of its own; yields the volume with its socket."""
    engine = client()
    volume = engine.volumes.create(labels={"riosim": "supervisor-tests"})
    script = "chmod 1777 /tmp/.X11-unix; exec Xvfb :7 -screen 0 1280x800x24 -nolisten tcp -ac"
    server = engine.containers.run(
        image, ["-c", script], entrypoint="sh", user="0", detach=True, network_mode="none",
        volumes={volume.name: {"bind": "/tmp/.X11-unix", "mode": "rw"}},
        labels={"riosim": "supervisor-tests"},
    )  # fmt: skip
    try:
        there = until(lambda: server.exec_run(["test", "-S", "/tmp/.X11-unix/X7"]).exit_code == 0)
        assert there, server.logs()
        yield str(volume.name)
    finally:
        server.remove(force=True)
        volume.remove()
        engine.close()


def start_arguments(**changes: Any) -> dict[str, Any]:
    return {
        "display": ":7", "uid": 41000, "gid": 41000, "hostname": "office-7", "dns": "10.9.8.7",
        "session": False, "password": "maple-7",
    } | changes  # fmt: skip


def until(fact: Callable[[], bool], *, limit_s: float = 10.0) -> bool:
    """Poll a fact; a poll is a request, with a short wait between two."""
    limit = time.monotonic() + limit_s
    pause = threading.Event()
    while time.monotonic() < limit:
        if fact():
            return True
        pause.wait(0.03)
    return False
