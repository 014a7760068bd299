"""Reading the accessibility tree of small and large screens."""

from benchmarks.desk import Desk, open_desk, timed
from benchmarks.figure import Figure, Size, Tell, figure_of
from riosim.task.setup import App
from riosim_envs.docker_sandbox import DockerSandbox

__all__ = ["measure"]

_SCENES: tuple[tuple[tuple[App, ...], float], ...] = (
    (("writer",), 40.0),
    (("writer", "calc", "impress", "code"), 120.0),
)
"""What is open, and the most milliseconds; about 200 and about 600 nodes."""


def measure(size: Size, tell: Tell) -> list[Figure]:
    """Read the whole tree again and again."""
    n_times = size.pick(100, 10)
    figures = []
    with DockerSandbox(slots=1) as sandbox:
        for apps, target in _SCENES:
            with open_desk(sandbox) as desk:
                for app in apps:
                    tell(f"opening {app}")
                    desk.open(app)
                n_nodes = _count(desk)
                tell(f"{n_nodes} nodes, {n_times} times")
                times = [1e3 * timed(desk.desktop.tree) for _ in range(n_times)]
            what = f"Accessibility tree of {n_nodes} nodes"
            figures.append(figure_of(what, times, "ms", target=target, note=" + ".join(apps)))
    return figures


def _count(desk: Desk) -> int:
    return sum(1 for _ in desk.desktop.tree().walk())
