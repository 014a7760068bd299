"""The world as a process of this host; one loopback port takes http and https of all its hosts."""

import base64
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from riosim.errors import SandboxError
from riosim_envs.channel import Channel
from riosim_envs.stream import PipeStream
from riosim_envs.world_client import WorldClient

__all__ = ["QUIET", "LocalWorld"]

QUIET: Final[Mapping[str, str]] = {"LANG": "en_US.UTF-8", "PATH": "/usr/bin:/bin"}
"""All of the environment that a process of ours gets: no key of the user's is in it."""

_OPTIONS: Final = (
    *("--bind", "127.0.0.1"),
    *("--address", "127.0.0.1"),
    *("--only", ""),
)


class LocalWorld:
    """Runs while `with` lasts.

    Attributes:
        channel: The line to it.
        client: What one asks of it; it has no state before the first `reset`.
        port: Of all its hosts.

    Args:
        folder: Where it runs; its files go there.
        on_event: Gets what it sends of its own accord, in the channel's thread.
        port: The port to take; 0 takes a free one.
    """

    channel: Channel
    client: WorldClient
    port: int

    def __init__(
        self, folder: Path, *, on_event: Callable[[dict[str, Any]], None], port: int = 0
    ) -> None:
        self._folder = folder
        self._on_event = on_event
        self._wanted_port = port
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start it.

        Raises:
            SandboxError: It did not start; the message says why.
        """
        with ExitStack() as stack:
            self.channel = self._start(stack)
            self.client = WorldClient(
                lambda op, args, timeout_s: self.channel.request(
                    op, dict(args), timeout_s=timeout_s
                )
            )
            self.port = int(self.client.hello()["ports"]["sniff"])
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        """End it."""
        self._stack.close()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def spki(self) -> str:
        """The digest by which Chromium is told to trust its authority."""
        key = x509.load_pem_x509_certificate(self.client.ca_pem).public_key()
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(sha256(der).digest()).decode()

    def _start(self, stack: ExitStack) -> Channel:
        argv = [sys.executable, "-m", "riosim_world", *_OPTIONS]
        process = subprocess.Popen(  # noqa: S603  # our own module, with arguments of ours
            [*argv, "--sniff-port", str(self._wanted_port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**QUIET, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            cwd=self._folder,
            start_new_session=True,  # Ctrl-C is for us to handle
        )
        stack.callback(_end, process)
        pipes = (process.stdout, process.stdin, process.stderr)
        if any(pipe is None for pipe in pipes):
            raise SandboxError("The world's process has no pipes.")
        read_fd, write_fd, error_fd = (os.dup(pipe.fileno()) for pipe in pipes if pipe)
        for pipe in pipes:
            if pipe is not None:
                pipe.close()
        channel = Channel(
            PipeStream(read_fd, write_fd, error_fd), name="The world", on_event=self._on_event
        )
        stack.callback(channel.close)
        return channel


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the world: closing its input is enough, unless it hangs."""
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
