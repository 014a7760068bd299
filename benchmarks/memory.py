"""Memory of a desktop and its stage, with different things open."""

from statistics import median

from benchmarks.desk import Desk, open_desk
from benchmarks.figure import Figure, Size, Tell
from riosim.task.setup import App
from riosim_envs.cgroup import memory_bytes
from riosim_envs.docker_sandbox import DockerSandbox

__all__ = ["measure"]

_SCENES: dict[str, tuple[App | None, float]] = {
    "idle": (None, 300.0),
    "browser": ("chromium", 600.0),
    "office": ("writer", 700.0),
    "code": ("code", 1_400.0),
}


def measure(size: Size, tell: Tell) -> list[Figure]:
    """Read what the kernel counts for both containers, less the file cache that nobody uses."""
    n_times = size.pick(5, 1)
    figures = []
    with DockerSandbox(slots=1) as sandbox:
        for name, (app, target) in _SCENES.items():
            samples = []
            for number in range(n_times):
                tell(f"{name}: {number + 1} of {n_times}")
                with open_desk(sandbox) as desk:
                    if app is not None:
                        desk.open(app)
                        desk.machine.controller.observe(tree=True)
                    samples.append(_used_mb(desk))
            figures.append(
                Figure(
                    what=f"Memory, {name}",
                    value=round(median(sum(both) for both in samples)),
                    unit="MB",
                    of="p50",
                    n=n_times,
                    target=target,
                    note=f"stage {median(stage for stage, _ in samples):.0f} MB of it",
                )
            )
    return figures


def _used_mb(desk: Desk) -> tuple[float, float]:
    """Return what stage and desktop use."""
    stage, desktop = (
        memory_bytes(desk.slot.engine, container) / 1e6
        for container in (desk.stage.container_id, desk.desktop.container_id)
    )
    return stage, desktop
