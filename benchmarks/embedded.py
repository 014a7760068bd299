"""Resets and steps of the embedded sandbox."""

from functools import partial
from itertools import cycle, islice

from benchmarks.desk import timed
from benchmarks.figure import Figure, Size, Tell, figure_of
from riosim.action import Action, Back, Click, Point
from riosim.errors import SandboxError
from riosim.session import Session
from riosim.task.library import default_library
from riosim_envs.embedded_sandbox import EmbeddedSandbox

__all__ = ["measure"]


def measure(size: Size, tell: Tell) -> list[Figure]:
    """Set up every browser task in turn; then follow links and go back."""
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
        tell(f"{n_steps} steps with and without the tree")
        session = Session(specs[0], sandbox, seed=1)
        session.begin()
        plain = list(_steps(session, n_steps, tree=False))
        full = list(_steps(session, n_steps, tree=True))
        session.close()
    return [
        figure_of("Reset, task set up and its page shown", resets, "s", target=0.2),
        figure_of("Step: action, settled, picture", plain, "ms", target=60),
        figure_of("Step: action, settled, picture and tree", full, "ms", target=60),
    ]


def _steps(session: Session, n: int, *, tree: bool) -> list[float]:
    controller = session.machine.controller
    root = controller.observe(tree=True).tree
    links = [node for node in root.walk() if node.role == "link" and node.box] if root else []
    if not links or links[0].box is None:
        raise SandboxError("The page has no link to follow.")
    x, y = links[0].box.centre

    def step(action: Action) -> None:
        controller.perform(action)
        controller.observe(tree=tree)

    to_and_fro: tuple[Action, Action] = Click(at=Point(x=x, y=y)), Back()
    return [1e3 * timed(partial(step, action)) for action in islice(cycle(to_and_fro), n)]
