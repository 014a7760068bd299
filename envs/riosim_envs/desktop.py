"""The agent's machine: its supervisor's operations as methods."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

from riosim.accessibility import Node
from riosim.errors import ProtocolError
from riosim_envs.agreed import agreed
from riosim_envs.channel import Channel
from riosim_envs.container import ContainerSpec, Running, remove_container, start_container
from riosim_envs.desktop_facts import (
    ExecResult,
    FileRead,
    Listing,
    Process,
    PythonResult,
    SessionSettings,
    Usage,
)
from riosim_envs.engine import Engine
from riosim_envs.limits import ContainerLimits

__all__ = ["Desktop", "start_desktop"]

_HELLO_TIMEOUT_S: Final = 30.0
_PROTOCOL: Final = 1
_MARGIN_S: Final = 10.0  # for an answer, on top of the limit that the guest itself keeps


class Desktop:
    """A running desktop; every method is one request to its supervisor."""

    def __init__(self, engine: Engine, running: Running, limits: ContainerLimits) -> None:
        self.engine = engine
        self.container_id = running.id
        self.name = running.name
        self.channel: Channel = running.channel
        self.limits = limits
        self.witness: Literal["seccomp", "none"] = "none"

    def hello(self) -> dict[str, Any]:
        """Greet the supervisor, check its protocol, learn of its witness."""
        facts = self.channel.request("hello", timeout_s=_HELLO_TIMEOUT_S).ok
        if facts.get("protocol") != _PROTOCOL:
            raise ProtocolError(
                f"The desktop speaks protocol {facts.get('protocol')!r}, not {_PROTOCOL}: its "
                "image is of another version. Build it again with `riosim image build`."
            )
        self.witness = "seccomp" if facts.get("witness") == "seccomp" else "none"
        return facts

    def start(
        self, settings: SessionSettings, ca_pem: bytes = b"", *, timeout_s: float = 100.0
    ) -> None:
        """Start the session; returns when panel and window manager are there."""
        self.channel.request("start", settings.to_args(), ca_pem, timeout_s=timeout_s)

    def configure(self, *, password: str) -> None:
        """Change what the pool could not know when it started the session: the user's password."""
        self.channel.request("configure", {"password": password})

    def untar(
        self,
        dest: str,
        tar: bytes,
        *,
        owner: Literal["user", "root"] | None = "user",
        timeout_s: float = 60.0,
    ) -> None:
        """Unpack files below DEST: set-up, never charged."""
        self.channel.request("untar", {"dest": dest, "owner": owner}, tar, timeout_s=timeout_s)

    def exec(
        self,
        *argv: str,
        user: Literal["user", "root"] = "user",
        cwd: str = "/",
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
        timeout_s: float = 30.0,
    ) -> ExecResult:
        """Run a command for set-up or a check, outside the witness; its status is a result."""
        args: dict[str, Any] = {
            "argv": list(argv),
            "user": user,
            "cwd": cwd,
            "env": dict(env or {}),
            "timeout_s": timeout_s,
        }
        if stdin is not None:
            args["stdin"] = stdin
        with agreed("desktop", "exec"):
            ok = self.channel.request("exec", args, timeout_s=timeout_s + _MARGIN_S).ok
            return ExecResult(int(ok["status"]), str(ok["stdout"]), str(ok["stderr"]))

    def spawn(
        self, argv: Sequence[str], *, cwd: str = "", env: Mapping[str, str] | None = None
    ) -> int:
        """Start an application in the session, seen by the witness; return its pid."""
        args: dict[str, Any] = {"argv": list(argv), "env": dict(env or {})}
        if cwd:
            args["cwd"] = cwd
        with agreed("desktop", "spawn"):
            return int(self.channel.request("spawn", args).ok["pid"])

    def run_python(self, code: str, *, timeout_s: float = 60.0) -> PythonResult:
        """Run the agent's code as `user`, seen by the witness, in a process of its own."""
        args = {"code": code, "timeout_s": timeout_s}
        with agreed("desktop", "run_python"):
            ok = self.channel.request("run_python", args, timeout_s=timeout_s + _MARGIN_S).ok
            return PythonResult(
                int(ok["status"]), str(ok["stdout"]), str(ok["stderr"]), bool(ok["timed_out"])
            )

    def read(self, path: str, *, max_bytes: int = 2**20) -> FileRead:
        """Return a file's first bytes.

        Raises:
            GuestError: With kind `not_found` if there is no such file.
        """
        with agreed("desktop", "read"):
            answer = self.channel.request("read", {"path": path, "max_bytes": max_bytes})
            ok = answer.ok
            return FileRead(
                data=answer.blob[:max_bytes],
                size=int(ok["size"]),
                mode=int(ok["mode"]),
                uid=int(ok["uid"]),
                gid=int(ok["gid"]),
                truncated=bool(ok["truncated"]),
            )

    def listing(
        self,
        roots: Sequence[str],
        *,
        digest: bool = True,
        max_entries: int = 200_000,
        timeout_s: float = 120.0,
    ) -> Listing:
        """Return what lies below ROOTS, sorted by path."""
        args = {"roots": list(roots), "digest": digest, "max_entries": max_entries}
        with agreed("desktop", "listing"):
            blob = self.channel.request("listing", args, timeout_s=timeout_s).blob
            entries = [dict(json.loads(line)) for line in blob.splitlines()]
            files = [entry for entry in entries if entry["type"] != "truncated"]
            return Listing(files, complete=len(files) == len(entries))

    def processes(self) -> list[Process]:
        """Return every process of the desktop."""
        with agreed("desktop", "processes"):
            return [
                Process(
                    int(one["pid"]),
                    int(one["ppid"]),
                    int(one["uid"]),
                    tuple(str(word) for word in one["argv"]),
                    int(one["started_ns"]),
                )
                for one in self.channel.request("processes").ok["processes"]
            ]

    def tree(
        self, *, max_nodes: int = 2_000, app: str | None = None, timeout_s: float = 10.0
    ) -> Node:
        """Return the tree of widgets on the screen."""
        args: dict[str, Any] = {"max_nodes": max_nodes} | ({"app": app} if app else {})
        with agreed("desktop", "tree"):
            return Node.from_json(
                json.loads(self.channel.request("tree", args, timeout_s=timeout_s).blob)
            )

    def usage(self, *, timeout_s: float = 10.0) -> Usage:
        """Return what the container uses now."""
        with agreed("desktop", "usage"):
            ok = self.channel.request("usage", timeout_s=timeout_s).ok
            return Usage.from_json(ok)

    def close(self) -> None:
        """Throw the desktop away; the second call does nothing."""
        self.channel.close()
        remove_container(self.engine, self.container_id)


def start_desktop(
    engine: Engine, spec: ContainerSpec, *, on_event: Callable[[dict[str, Any]], None]
) -> Desktop:
    """Start a desktop and greet its supervisor; nothing is left behind if that fails."""
    desktop = Desktop(engine, start_container(engine, spec, on_event=on_event), spec.limits)
    greeted = False
    try:
        desktop.hello()
        greeted = True
    finally:
        if not greeted:
            desktop.close()
    return desktop
