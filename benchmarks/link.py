"""The way to the stage and back, and a picture."""

from benchmarks.desk import Desk, open_desk, timed
from benchmarks.figure import Figure, Size, Tell, figure_of
from riosim_envs.docker_sandbox import DockerSandbox

__all__ = ["measure"]


def measure(size: Size, tell: Tell) -> list[Figure]:
    """Ask the stage for nothing, then for the screen as rows of pixels and as PNG."""
    n_asked, n_pictures = size.pick(2_000, 200), size.pick(200, 20)
    with DockerSandbox(slots=1) as sandbox, open_desk(sandbox) as desk:
        tell("a page in the browser")
        desk.browse("portal")
        tell(f"{n_asked} requests")
        trips = [1e3 * timed(lambda: desk.stage.channel.request("hello")) for _ in range(n_asked)]
        tell(f"{n_pictures} pictures of each kind")
        raw = [1e3 * timed(lambda: _capture(desk, "raw")) for _ in range(n_pictures)]
        png = [1e3 * timed(lambda: _capture(desk, "png")) for _ in range(n_pictures)]
    screen = "1280×800, a page in the browser"
    return [
        figure_of("Request to the stage and back", trips, "ms"),
        figure_of("Screenshot, raw", raw, "ms", note=screen),
        figure_of("Screenshot, PNG", png, "ms", note=screen),
    ]


def _capture(desk: Desk, form: str) -> None:
    desk.stage.capture(form="png" if form == "png" else "raw")
