"""What `riosim image`, `riosim doctor` and `riosim sandbox` ask of the host's engine."""

from riosim_envs.doctor import Check, checks
from riosim_envs.engine import Engine
from riosim_envs.image import ImageStatus
from riosim_envs.image import build_images as build_on
from riosim_envs.image_sources import Progress
from riosim_envs.look import Look
from riosim_envs.prune import Pruned
from riosim_envs.prune import prune as prune_on
from riosim_envs.serve import Serve

__all__ = ["Look", "Serve", "build_images", "doctor", "prune"]


def doctor(*, n_desktops: int = 4) -> list[Check]:
    """Return what this machine has and lacks."""
    return checks(n_desktops=n_desktops)


def build_images(*, on_progress: Progress) -> list[ImageStatus]:
    """Build on this host's engine what is missing or stale.

    Raises:
        SandboxUnavailableError: No engine answers.
        SandboxError: A build failed.
    """
    engine = Engine.connect()
    try:
        return build_on(engine.client, on_progress=on_progress)
    finally:
        engine.close()


def prune(*, run_id: str | None = None, even_alive: bool = False) -> Pruned:
    """Sweep this host's engine.

    Raises:
        SandboxUnavailableError: No engine answers.
        UsageError: `even_alive` without a run.
    """
    engine = Engine.connect()
    try:
        return prune_on(engine, run_id=run_id, even_alive=even_alive)
    finally:
        engine.close()
