"""A guest for tests: speaks the wire, does what it is told, plays both supervisor and stage.

Standard library only; it runs as the first process of a container, or as a plain subprocess.
"""

import os
import select
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from riosim.wire import Decoder, encode

Message = dict[str, Any]


class Guest:
    """Answers requests one after the other."""

    def __init__(self) -> None:
        self.n_acks = 0
        self.last_ack = -1
        self.held: list[tuple[Message, bytes]] = []

    def say(self, message: Message, blob: bytes = b"") -> None:
        self.raw(encode(message, blob))

    @staticmethod
    def raw(data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(1, view) :]

    def answer(self, message: Message, ok: Message | None = None, blob: bytes = b"") -> None:
        self.say({"id": message["id"], "ok": ok or {}}, blob)

    def run(self) -> None:
        decoder = Decoder()
        while data := os.read(0, 2**20):
            for message, blob in decoder.feed(data):
                if "ack" in message:
                    self.n_acks += 1
                    self.last_ack = message["ack"]
                    continue
                method = getattr(self, "op_" + message["op"].replace(".", "_"), None)
                if method is None:
                    refusal = {"kind": "bad_request", "message": f"no operation {message['op']}"}
                    self.say({"id": message["id"], "error": refusal})
                else:
                    method(message, blob)

    def op_hello(self, message: Message, blob: bytes) -> None:
        self.answer(message, {"protocol": 1, "kernel": os.uname().release, "witness": "none"})

    def op_start(self, message: Message, blob: bytes) -> None:
        self.answer(message, {"display": ":0"})

    def op_reset(self, message: Message, blob: bytes) -> None:
        self.answer(message)

    def op_echo(self, message: Message, blob: bytes) -> None:
        self.answer(message, message["args"], blob)

    def op_acks(self, message: Message, blob: bytes) -> None:
        self.answer(message, {"n": self.n_acks, "last": self.last_ack})

    def op_hold(self, message: Message, blob: bytes) -> None:
        """Answer only when `release` comes, newest first."""
        self.held.append((message, blob))

    def op_release(self, message: Message, blob: bytes) -> None:
        while self.held:
            held, its_blob = self.held.pop()
            self.answer(held, held["args"], its_blob)
        self.answer(message)

    def op_refuse(self, message: Message, blob: bytes) -> None:
        refusal = {"kind": message["args"]["kind"], "message": "as asked"}
        self.say({"id": message["id"], "error": refusal})

    def op_emit(self, message: Message, blob: bytes) -> None:
        for number in range(message["args"]["n"]):
            event = {
                "source": "exec",
                "kind": "exec.exited",
                "actor": "agent",
                "t_ns": time.monotonic_ns(),
                "data": {"pid": number, "status": 0, "argv": ["true"]},
            }
            ack = {"ack": number} if message["args"].get("ack") else {}
            self.say({"event": event, **ack})
        self.answer(message)

    def op_garbage(self, message: Message, blob: bytes) -> None:
        self.raw(blob)

    def op_complain(self, message: Message, blob: bytes) -> None:
        os.write(2, message["args"]["text"].encode())
        self.answer(message)

    def op_exit(self, message: Message, blob: bytes) -> None:
        os._exit(message["args"].get("status", 0))

    def op_stop_reading(self, message: Message, blob: bytes) -> None:
        self.answer(message)
        while True:
            select.select([], [], [], 60.0)

    def op_exec(self, message: Message, blob: bytes) -> None:
        args = message["args"]
        try:
            done = subprocess.run(
                args["argv"],
                capture_output=True,
                timeout=args["timeout_s"],
                cwd=args["cwd"],
                input=(args.get("stdin") or "").encode(),
                preexec_fn=None if args["user"] == "root" else _become_user,
            )
            status, out, err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired:
            refusal = {"kind": "timeout", "message": "the command took too long"}
            self.say({"id": message["id"], "error": refusal})
            return
        text = {"stdout": out.decode("utf-8", "replace"), "stderr": err.decode("utf-8", "replace")}
        self.answer(message, {"status": status, **text})

    def op_usage(self, message: Message, blob: bytes) -> None:
        disk = int(subprocess.run(["du", "-sbx", "/root"], capture_output=True).stdout.split()[0])
        figures = {"cpu_us": 1, "own_cpu_us": 1, "memory_bytes": 1, "pids": 1, "disk_bytes": disk}
        self.answer(message, figures)

    def op_capabilities(self, message: Message, blob: bytes) -> None:
        lines = Path("/proc/self/status").read_text().splitlines()
        self.answer(message, dict(line.split(":\t", 1) for line in lines if line[:3] == "Cap"))

    def op_eat(self, message: Message, blob: bytes) -> None:
        """Fill the memory of this very process."""
        kept = []
        while True:
            kept.append(bytearray(os.urandom(2**16) * 2**8))


def _become_user() -> None:
    os.setgroups([])
    os.setgid(20_000)
    os.setuid(20_000)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Guest().run()
