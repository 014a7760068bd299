"""The Docker engine: how it is reached, what it can do, and its errors in our words."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import docker
from docker.errors import DockerException, NotFound, StreamParseError
from requests.exceptions import RequestException

from riosim.errors import SandboxError, SandboxUnavailableError

__all__ = ["Engine", "EngineFacts", "docker_errors", "missing_is_fine"]


@contextlib.contextmanager
def docker_errors(doing: str) -> Iterator[None]:
    """Turn what the Docker SDK raises into a `SandboxError` that says what was being done."""
    try:
        yield
    except (DockerException, StreamParseError, RequestException, OSError) as exc:
        raise SandboxError(f"Docker failed while {doing}: {exc}") from exc


@contextlib.contextmanager
def missing_is_fine() -> Iterator[None]:
    """Let pass that what was to be removed has gone already."""
    try:
        yield
    except NotFound:
        return
    except DockerException as exc:
        if "already in progress" not in str(exc):
            raise


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What the engine says of itself; part of a run's manifest."""

    version: str
    api_version: str
    kernel: str
    architecture: str
    n_cpus: int
    memory_bytes: int
    cgroup_version: int
    rootless: bool
    runtimes: tuple[str, ...]
    storage_driver: str
    warnings: tuple[str, ...] = ()

    @property
    def knows_isolated_gateways(self) -> bool:
        """Whether a bridge may be told to have no gateway at all (Docker 28 and later)."""
        major = self.version.partition(".")[0]
        return major.isdigit() and int(major) >= 28


@dataclass(frozen=True)
class Engine:
    """A connection to one engine; safe to use from several threads.

    Make it with `Engine.connect()`.
    """

    client: docker.DockerClient = field(repr=False)

    @classmethod
    def connect(cls, *, timeout_s: float = 60.0) -> "Engine":
        """Connect to the engine that the environment names, as the docker command does.

        Raises:
            SandboxUnavailableError: No engine answers.
        """
        try:
            client = docker.from_env(timeout=int(timeout_s))
            client.ping()
        except (DockerException, StreamParseError, RequestException, OSError) as exc:
            raise SandboxUnavailableError(
                f"No Docker engine answers: {str(exc)[:200]}. Start one (for example "
                "`systemctl start docker`), name another in DOCKER_HOST, or take the embedded "
                "sandbox for tasks whose surface is the browser."
            ) from exc
        return cls(client)

    @cached_property
    def facts(self) -> EngineFacts:
        """What the engine is and can do, asked once."""
        with docker_errors("asking the engine what it is"):
            info: dict[str, Any] = self.client.info()
            version: dict[str, Any] = self.client.version()
        return EngineFacts(
            version=str(version.get("Version", "")),
            api_version=str(version.get("ApiVersion", "")),
            kernel=str(info.get("KernelVersion", "")),
            architecture=str(info.get("Architecture", "")),
            n_cpus=int(info.get("NCPU", 1)),
            memory_bytes=int(info.get("MemTotal", 0)),
            cgroup_version=int(info.get("CgroupVersion") or 1),
            rootless=any("rootless" in option for option in info.get("SecurityOptions") or ()),
            runtimes=tuple(sorted(info.get("Runtimes") or ())),
            storage_driver=str(info.get("Driver", "")),
            warnings=tuple(info.get("Warnings") or ()),
        )

    def image_digest(self, image: str) -> str | None:
        """Return the id of IMAGE, or None if the engine does not have it."""
        with docker_errors(f"looking for the image {image}"):
            try:
                return str(self.client.images.get(image).id)
            except NotFound:
                return None

    def inspect(self, container: str) -> dict[str, Any] | None:
        """Return what the engine knows of a container, or None if there is none."""
        with docker_errors(f"inspecting {container}"):
            try:
                found: dict[str, Any] = self.client.api.inspect_container(container)
            except NotFound:
                return None
        return found

    def close(self) -> None:
        """Close idle connections; the engine itself is not touched."""
        self.client.close()

    def describe(self) -> str:
        """Return the facts as one line of JSON, for a manifest."""
        facts = self.facts
        return json.dumps({name: getattr(facts, name) for name in facts.__slots__}, default=list)
