"""From nothing to a settled desktop, and from one episode to the next."""

from collections.abc import Iterator
from itertools import cycle, islice

from benchmarks.desk import CLOCK, PLAN, open_desk, timed
from benchmarks.figure import Figure, Size, Tell, figure_of
from riosim.session import Session
from riosim.task.library import default_library
from riosim_envs.docker_sandbox import DockerSandbox

__all__ = ["measure"]

_EPISODE_S = 5.0


def measure(size: Size, tell: Tell) -> list[Figure]:
    """Start cold; then take bare desktops and all tasks from a pool that is kept busy."""
    tell("cold starts")
    cold = [timed(_cold_start) for _ in range(size.pick(10, 2))]
    n_bare = size.pick(30, 3)
    tell(f"{n_bare} bare desktops after episodes of {_EPISODE_S:g} s")
    bare = list(_bare_resets(n_bare, _EPISODE_S))
    tell(f"{n_bare} bare desktops back to back")
    hurried = list(_bare_resets(n_bare, 0.0))
    n_resets = size.pick(60, 4)
    busy = list(_task_resets(n_resets, _EPISODE_S, tell))
    rushed = list(_task_resets(n_resets, 0.0, tell))
    after, at_once = f"after an episode of {_EPISODE_S:g} s", "back to back"
    reset, task = "Reset to the first observation, bare", "Reset, task set up, application open"
    return [
        figure_of("Cold start to a settled desktop", cold, "s", target=2.5),
        figure_of(reset, bare, "s", target=0.2, note=after),
        figure_of(reset, hurried, "s", note=at_once),
        figure_of(task, busy, "s", target=1.0, note=after),
        figure_of(task, busy, "s", of="p95", target=3.0, note=after),
        figure_of(task, rushed, "s", target=1.0, note=at_once),
        figure_of(task, rushed, "s", of="p95", target=3.0, note=at_once),
    ]


def _cold_start() -> None:
    with DockerSandbox(slots=1) as sandbox, open_desk(sandbox):
        pass


def _bare_resets(n: int, episode_s: float) -> Iterator[float]:
    """Yield seconds from asking for a machine to its first picture; two slots, one in use."""
    with DockerSandbox() as sandbox:
        with open_desk(sandbox):
            CLOCK.sleep(episode_s or _EPISODE_S)  # the second slot is made meanwhile
        for _ in range(n):
            begun = CLOCK.monotonic()
            machine = sandbox.start(PLAN, lambda draft: None)
            machine.controller.observe(tree=True)
            yield CLOCK.monotonic() - begun
            CLOCK.sleep(episode_s)
            machine.close()


def _task_resets(n: int, episode_s: float, tell: Tell) -> Iterator[float]:
    """Yield seconds from `begin` to the first observation, over all tasks in turn."""
    library = default_library()
    with DockerSandbox() as sandbox:
        for number, name in enumerate(islice(cycle(library), n)):
            tell(f"{number + 1} of {n} tasks, {episode_s:g} s each: {name}")
            session = Session(library[name], sandbox, seed=number)
            try:
                yield timed(session.begin)
                CLOCK.sleep(episode_s)
            finally:
                session.close()
