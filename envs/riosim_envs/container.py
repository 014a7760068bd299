"""One container whose standard input and output are its control channel."""

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from docker.errors import APIError
from docker.types import Mount, Ulimit

from riosim.errors import SandboxError
from riosim_envs.channel import Channel
from riosim_envs.engine import Engine, docker_errors, missing_is_fine
from riosim_envs.labels import labels_for
from riosim_envs.limits import ContainerLimits
from riosim_envs.stream import SocketStream

__all__ = ["ContainerSpec", "Running", "remove_container", "start_attached", "start_container"]

_STILL_DYING: Final = "did not receive an exit event"
_DEATH_S: Final = 60
_SYSCTLS: Final = {
    "net.ipv6.conf.all.disable_ipv6": "1",
    "net.ipv6.conf.default.disable_ipv6": "1",
    "net.ipv4.ip_forward": "0",
    "net.ipv4.ip_unprivileged_port_start": "0",  # instead of NET_BIND_SERVICE
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """What distinguishes one container of ours from another."""

    role: Literal["stage", "desktop", "probe"]
    run_id: str
    name: str
    image: str
    user: str
    hostname: str
    network: str  # its name
    ip: str
    dns_ip: str
    limits: ContainerLimits
    capabilities: tuple[str, ...] = ()  # all others are dropped
    volumes: Mapping[str, tuple[str, Literal["ro", "rw"]]] = field(default_factory=dict)
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    read_only: bool = False
    seccomp: str | None = None  # the profile as JSON; the engine's own where None
    command: tuple[str, ...] | None = None  # instead of the image's entry point
    runtime: str | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A container that runs and the channel to its first process."""

    id: str
    name: str
    channel: Channel


def start_container(
    engine: Engine, spec: ContainerSpec, *, on_event: Callable[[dict[str, Any]], None]
) -> Running:
    """Start a container whose first process speaks the wire; nothing is left if that fails."""
    container_id, stream = start_attached(engine, spec)
    return Running(container_id, spec.name, Channel(stream, name=spec.role, on_event=on_event))


def start_attached(engine: Engine, spec: ContainerSpec) -> tuple[str, SocketStream]:
    """Create a container, attach to it and start it; return its id and its standard streams.

    It is attached before it starts, so that not one byte is missed, and its input closes with our
    connection: it ends when this process does, however that ends.

    The engine is not told to remove it when it ends, because a dead desktop is still read
    (`postmortem`); whoever made it removes it, or `prune` does.
    """
    container_id = _create(engine, spec)
    try:
        sock = _attach(engine, container_id)
        try:
            with docker_errors(f"starting {spec.name}"):
                engine.client.api.start(container_id)
        except SandboxError:
            sock.close()
            raise
    except SandboxError:
        remove_container(engine, container_id)
        raise
    return container_id, SocketStream(sock)


def remove_container(engine: Engine, container: str) -> None:
    """Kill and remove a container with its anonymous volumes; one that is gone is fine.

    Hundreds of processes take their time to die. An engine that gave up waiting for that has
    killed them all the same: their end is waited for here.
    """
    api = engine.client.api
    with docker_errors(f"removing the container {container[:40]}"), missing_is_fine():
        try:
            api.remove_container(container, force=True, v=True)
        except APIError as exc:
            if _STILL_DYING not in str(exc):
                raise
            api.wait(container, timeout=_DEATH_S)
            api.remove_container(container, force=True, v=True)


def _create(engine: Engine, spec: ContainerSpec) -> str:
    api = engine.client.api
    with docker_errors(f"creating {spec.name} from {spec.image}"):
        created: dict[str, Any] = api.create_container(
            spec.image,
            command=list(spec.command[1:]) if spec.command else None,
            entrypoint=[spec.command[0]] if spec.command else None,
            name=spec.name,
            user=spec.user,
            hostname=spec.hostname,
            stdin_open=True,
            tty=False,
            labels=labels_for(spec.run_id, spec.role),
            host_config=api.create_host_config(**_host_config(engine, spec)),
            networking_config={
                "EndpointsConfig": {spec.network: api.create_endpoint_config(ipv4_address=spec.ip)}
            },
            use_config_proxy=False,  # nothing of the host's surroundings goes in
        )
    return str(created["Id"])


def _host_config(engine: Engine, spec: ContainerSpec) -> dict[str, Any]:
    limits = spec.limits
    security = ["no-new-privileges"]
    if spec.seccomp is not None:
        security.append(f"seccomp={json.dumps(json.loads(spec.seccomp))}")
    return {
        "network_mode": spec.network,
        "dns": [spec.dns_ip],  # of the engine's resolver, which is not used: never the host's
        "dns_search": ["."],
        "cap_drop": ["ALL"],
        "cap_add": list(spec.capabilities),
        "security_opt": security,
        "read_only": spec.read_only,
        "tmpfs": dict(spec.tmpfs),
        "mounts": [
            Mount(target, source, type="volume", read_only=mode == "ro")
            for target, (source, mode) in spec.volumes.items()
        ],
        "mem_limit": limits.memory_bytes,
        "memswap_limit": limits.memory_bytes,
        "pids_limit": limits.pids,
        "nano_cpus": int(min(limits.cpus, engine.facts.n_cpus) * 1e9),
        "shm_size": limits.shm_bytes,
        "ulimits": [
            Ulimit(name="fsize", soft=limits.file_bytes, hard=limits.file_bytes),
            Ulimit(name="nofile", soft=limits.open_files, hard=limits.open_files),
            Ulimit(name="core", soft=0, hard=0),
        ],
        "log_config": {"type": "none"},
        "sysctls": dict(_SYSCTLS),
        "restart_policy": {"Name": "no"},
        "init": False,
        "ipc_mode": "private",
        **({"runtime": spec.runtime} if spec.runtime else {}),
    }


def _attach(engine: Engine, container_id: str) -> socket.socket:
    """Return a socket of our own that carries the container's three standard streams."""
    params = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    with docker_errors(f"attaching to {container_id[:12]}"):
        attached: Any = engine.client.api.attach_socket(container_id, params=params)
        raw = getattr(attached, "_sock", attached)
        if type(raw) is not socket.socket:
            attached.close()
            raise SandboxError(
                f"Containers cannot be attached to over a {type(raw).__name__}: forward the remote "
                "engine's socket (ssh -L /tmp/docker.sock:/var/run/docker.sock HOST) and set "
                "DOCKER_HOST=unix:///tmp/docker.sock."
            )
        # The SDK would keep it open for as long as its pool of connections.
        return socket.socket(fileno=raw.detach())
