"""The world's process: a child of the guest that speaks the host's protocol over pipes."""

import contextlib
import itertools
import os
import subprocess
import sys
import threading
from typing import Any

from channel import Channel
from reaper import wait_for_it_ourselves
from wire import Decoder, WireError, encode

__all__ = ["World"]

_READ_BYTES = 1 << 16
_MAY_START = ("world.hello", "world.reset")  # after a death, only what begins anew


class World:
    """Passes requests on under numbers of its own, answers back, events as they are."""

    def __init__(self, channel: Channel, inside: str | None = None) -> None:
        self._channel = channel
        where = ["--bind", inside, "--address", inside] if inside else []
        self._command = [sys.executable, "-m", "riosim_world", *where]
        self._numbers = itertools.count(1)
        self._pending: dict[int, Any] = {}  # our number → the host's
        self._waiting: dict[int, tuple[threading.Event, dict[str, Any]]] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._died = False
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def forward(self, message: dict[str, Any], blob: bytes) -> None:
        """Send a request of the host on; the answer goes to the host by itself."""
        op = str(message.get("op"))
        with self._lock:
            if not self._running() and self._died and op not in _MAY_START:
                reason = "The world's process died; world.reset starts a new one."
                self._channel.refuse(message.get("id"), "failed", reason)
                return
            self._start_if_needed()
            number = next(self._numbers)
            self._pending[number] = message.get("id")
        self._write({**message, "id": number}, blob)

    def acknowledge(self, message: dict[str, Any]) -> None:
        """Pass the host's acknowledgement on."""
        if self._running():
            self._write(message)

    def ask(self, op: str, timeout_s: float) -> dict[str, Any]:
        """Ask the world something for ourselves; no answer is an empty one."""
        if not self._running():
            return {}
        number = next(self._numbers)
        done, answer = threading.Event(), dict[str, Any]()
        self._waiting[number] = done, answer
        self._write({"id": number, "op": op, "args": {}})
        done.wait(timeout_s)
        self._waiting.pop(number, None)
        return answer

    def stop(self) -> None:
        """End the process, at once."""
        if self._process is not None:
            self._process.kill()

    def _running(self) -> bool:
        return self._process is not None and self._process.poll() is None and not self._died

    def _start_if_needed(self) -> None:
        if self._running():
            return
        self._died = False
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        wait_for_it_ourselves(self._process.pid)
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()

    def _write(self, message: dict[str, Any], blob: bytes = b"") -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        with self._writing, contextlib.suppress(OSError, ValueError):
            process.stdin.write(encode(message, blob))
            process.stdin.flush()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is None:
            return
        decoder, reason = Decoder(), "The world's process ended."
        try:
            while data := os.read(process.stdout.fileno(), _READ_BYTES):
                for message, blob in decoder.feed(data):
                    self._heard(message, blob)
        except WireError as exc:
            reason = f"The world's process sent no frame: {exc}"
        process.kill()
        status = process.wait()
        with self._lock:
            self._died = True
            lost, self._pending = self._pending, {}
        for host_id in lost.values():
            self._channel.refuse(host_id, "failed", f"{reason} Its status was {status}.")

    def _heard(self, message: dict[str, Any], blob: bytes) -> None:
        if "event" in message:
            self._channel.send(message, blob)
            return
        number = message.get("id")
        if not isinstance(number, int):
            return
        if number in self._waiting:
            done, answer = self._waiting[number]
            answer.update(message.get("ok") or {})
            done.set()
            return
        with self._lock:
            if number not in self._pending:
                return
            host_id = self._pending.pop(number)
        self._channel.send({**message, "id": host_id}, blob)
