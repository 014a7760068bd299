"""How the container of the agent's machine is made: what it may, and what it may not."""

from typing import Final

from riosim.content import content_root
from riosim_envs.container import ContainerSpec
from riosim_envs.limits import ContainerLimits

__all__ = ["CAPABILITIES", "X_SOCKETS", "desktop_spec", "seccomp_profile"]

CAPABILITIES: Final = (
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SYS_CHROOT",
    "SYS_PTRACE",
)
"""Of the supervisor; `envs/images/README.md` says why each. It drops SYS_PTRACE in every child."""

X_SOCKETS: Final = "/tmp/.X11-unix"  # noqa: S108  # where every X client looks


def seccomp_profile() -> str | None:
    """Return the desktop's seccomp profile as JSON, or None where the images bring none."""
    path = content_root("images") / "seccomp-desktop.json"
    return path.read_text() if path.is_file() else None


def desktop_spec(
    *,
    run_id: str,
    name: str,
    image: str,
    network: str,
    ip: str,
    dns_ip: str,
    sockets_volume: str,
    limits: ContainerLimits,
    hostname: str = "workstation",
    runtime: str | None = None,
) -> ContainerSpec:
    """Return how a desktop's container is made."""
    return ContainerSpec(
        role="desktop",
        run_id=run_id,
        name=name,
        image=image,
        user="0:0",  # created as root, so that the capabilities are in its permitted set
        hostname=hostname,
        network=network,
        ip=ip,
        dns_ip=dns_ip,
        limits=limits,
        capabilities=CAPABILITIES,
        volumes={X_SOCKETS: (sockets_volume, "ro")},
        seccomp=seccomp_profile(),
        runtime=runtime,
    )
