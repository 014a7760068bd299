"""How much of the machine a container may use; frozen, and part of a run's manifest."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ContainerLimits", "desktop_limits", "stage_limits"]

_MIB: Final = 2**20
_GIB: Final = 2**30

_Bytes = Annotated[int, Field(ge=_MIB)]


class ContainerLimits(BaseModel):
    """What one container may use at most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory_bytes: _Bytes
    pids: Annotated[int, Field(ge=16, le=32_768)]
    cpus: Annotated[float, Field(gt=0)]  # capped by what the engine has
    shm_bytes: _Bytes  # counts as memory, too
    file_bytes: _Bytes  # of a single file
    disk_bytes: _Bytes  # of the writable layer; watched, because no engine limits it everywhere
    open_files: Annotated[int, Field(ge=256)] = 8_192


def desktop_limits(
    *, memory_bytes: int = 2 * _GIB, pids: int = 512, cpus: float = 2.0, disk_bytes: int = 2 * _GIB
) -> ContainerLimits:
    """Return the limits of the agent's machine."""
    return ContainerLimits(
        memory_bytes=memory_bytes,
        pids=pids,
        cpus=cpus,
        shm_bytes=128 * _MIB,
        file_bytes=min(disk_bytes, _GIB),
        disk_bytes=disk_bytes,
    )


def stage_limits(*, memory_bytes: int = _GIB, cpus: float = 2.0) -> ContainerLimits:
    """Return the limits of the stage; its disk is memory, so it needs no budget."""
    return ContainerLimits(
        memory_bytes=memory_bytes,
        pids=256,
        cpus=cpus,
        shm_bytes=64 * _MIB,
        file_bytes=256 * _MIB,
        disk_bytes=256 * _MIB,
    )
