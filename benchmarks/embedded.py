"""Resets and steps of the embedded sandbox."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import cycle, islice

from benchmarks.desk import timed
from benchmarks.figure import Figure, Size, Tell, figure_of
from riosim.action import Action, Back, Click, Move, Point, Scroll
from riosim.errors import SandboxError
from riosim.session import Session
from riosim.task.library import default_library
from riosim_envs.embedded_sandbox import EmbeddedSandbox

__all__ = ["measure"]


def measure(size: Size, tell: Tell) -> list[Figure]:
    """Set up every browser task in turn; then act on a page, and between two."""
    n_resets, n_steps = size.pick(40, 8), size.pick(200, 20)
    library = default_library()
    specs = [library[name] for name in library if library[name].surface == "browser"]
    with EmbeddedSandbox() as sandbox:
        resets = []
        for number, spec in enumerate(islice(cycle(specs), n_resets)):
            if number % 10 == 0:
                tell(f"reset {number} of {n_resets}")
            session = Session(spec, sandbox, seed=number)
            resets.append(timed(session.begin))
            session.close()
        tell(f"{n_steps} steps of each kind")
        session = Session(specs[0], sandbox, seed=1)
        session.begin()
        loading = list(_steps(session, n_steps, _to_and_fro(session)))
        staying = list(_steps(session, n_steps, _about_the_page()))
        session.close()
    seen = "picture and tree"
    return [
        figure_of("Reset, task set up and its page shown", resets, "s", target=0.2),
        figure_of("Step on the page: pointer, wheel", staying, "ms", target=60, note=seen),
        figure_of("Step to another page: link, back", loading, "ms", target=60, note=seen),
    ]


def _steps(session: Session, n: int, actions: Sequence[Action]) -> Iterator[float]:
    """Yield milliseconds from an action to the observation that answers it."""
    controller = session.machine.controller

    def step(action: Action) -> None:
        controller.perform(action)
        controller.observe(tree=True)

    for action in islice(cycle(actions), n):
        yield 1e3 * timed(partial(step, action))


def _to_and_fro(session: Session) -> tuple[Action, ...]:
    """Return a click on the page's first link, and the way back."""
    root = session.machine.controller.observe(tree=True).tree
    links = [node for node in root.walk() if node.role == "link" and node.box] if root else []
    if not links or links[0].box is None:
        raise SandboxError("The page has no link to follow.")
    x, y = links[0].box.centre
    return Click(at=Point(x=x, y=y)), Back()


def _about_the_page() -> tuple[Action, ...]:
    middle = Point(x=640, y=400)
    return (
        Move(at=middle),
        Scroll(at=middle, dy=3),
        Move(at=Point(x=300, y=500)),
        Scroll(at=middle, dy=-3),
    )
