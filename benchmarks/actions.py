"""How often a step's picture is out of date, and what a step costs after the last change.

The answer to an action is compared with the screen one second later; no pixel may differ. The
pointer is not drawn, the caret does not blink, and no clock is shown.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np
from PIL import Image

from benchmarks.desk import CLOCK, Desk, open_desk
from benchmarks.figure import Figure, Size, Tell, figure_of
from riosim.action import Action, Click, Hotkey, Point, Press, TypeText
from riosim.errors import SandboxError
from riosim_envs.docker_sandbox import DockerSandbox

__all__ = ["measure"]

_LATER_S = 1.0
_STALE_TARGET = 1.0
_LAUNCHERS = (
    "Thunar File Manager",
    "Xfce Terminal",
    "Chromium Web Browser",
    "LibreOffice Writer",
    "LibreOffice Calc",
)


@dataclass(frozen=True, slots=True)
class _Sample:
    """One action: whether its picture was stale, and the milliseconds since the last change."""

    stale: bool
    overhead_ms: float | None  # None: nothing changed


_Kind = Callable[[Desk], Iterator[_Sample]]


def measure(size: Size, tell: Tell) -> list[Figure]:
    """Do each kind of action many times."""
    n_actions = size.pick(200, 10)
    figures, overheads, n_stale, n_all = [], list[float](), 0, 0
    with DockerSandbox(slots=1) as sandbox:
        for name, kind in _KINDS.items():
            with open_desk(sandbox) as desk:
                samples = []
                for sample in islice(kind(desk), n_actions):
                    samples.append(sample)
                    if len(samples) % 10 == 0:
                        tell(f"{name}: {len(samples)} of {n_actions}")
            stale = sum(sample.stale for sample in samples)
            figures.append(_stale_rate(f"Stale pictures, {name}", stale, len(samples)))
            overheads += [s.overhead_ms for s in samples if s.overhead_ms is not None]
            n_stale, n_all = n_stale + stale, n_all + len(samples)
    what = "From the last change to the answer, PNG"
    return [
        _stale_rate("Stale pictures, all", n_stale, n_all, target=_STALE_TARGET),
        *figures,
        figure_of(what, overheads, "ms", target=30),
        figure_of(what, overheads, "ms", of="p95", target=120),
    ]


def _stale_rate(what: str, n_stale: int, n: int, *, target: float | None = None) -> Figure:
    share = round(100 * n_stale / n, 2)
    return Figure(what=what, value=share, unit="%", of="share", n=n, target=target)


def _do(desk: Desk, action: Action) -> _Sample:
    begun = CLOCK.monotonic()
    desk.machine.controller.perform(action)
    answer = desk.stage.capture(form="png", pointer=False).data
    took_ms = 1e3 * (CLOCK.monotonic() - begun)
    since_change_ms = desk.stage.quiet().since_damage_ms
    CLOCK.sleep(_LATER_S)
    later = desk.stage.capture(form="png", pointer=False).data
    changed = since_change_ms < took_ms
    return _Sample(
        stale=not np.array_equal(_pixels(answer), _pixels(later)),
        overhead_ms=since_change_ms if changed else None,
    )


def _pixels(png: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def _menus(desk: Desk) -> Iterator[_Sample]:
    """Open and close the menus of the text editor."""
    desk.open("editor")
    names = ("File", "Edit", "Search", "View")
    menus = [_one(desk, name) for name in names]
    for menu in cycle(menus):
        yield _do(desk, menu)
        yield _do(desk, Press(key="escape"))


def _dialogs(desk: Desk) -> Iterator[_Sample]:
    """Open and close the text editor's dialog that opens files."""
    desk.open("editor")
    while True:
        yield _do(desk, Hotkey(keys=("ctrl", "o")))
        yield _do(desk, Press(key="escape"))


def _texts(desk: Desk) -> Iterator[_Sample]:
    """Type into the text editor."""
    desk.open("editor")
    for word in cycle(("eleven ", "oranges ", "und süße Äpfel ", "tonight\n")):
        yield _do(desk, TypeText(text=word))


def _links(desk: Desk) -> Iterator[_Sample]:
    """Follow the links of the browser's first page; going back is not counted."""
    desk.open("chromium")
    names = [node.name for node in desk.find(lambda node: node.role == "link")]
    desk.wait(lambda: bool(names), "the browser's first page showed no link")
    links = [_one(desk, name) for name in names]
    for link in cycle(links):
        yield _do(desk, link)
        desk.machine.controller.perform(Hotkey(keys=("alt", "left")))


def _starts(desk: Desk) -> Iterator[_Sample]:
    """Start applications from the panel; closing them is not counted."""
    launchers = [_one(desk, name) for name in _LAUNCHERS]
    before = desk.programs()
    for name, launcher in cycle(zip(_LAUNCHERS, launchers, strict=True)):
        yield _do(desk, launcher)
        desk.wait(lambda: bool(desk.programs() - before), f"{name} showed no window")
        desk.machine.controller.perform(Hotkey(keys=("alt", "f4")))
        desk.wait(lambda: not desk.programs() - before, f"{name} did not close")
        desk.machine.controller.observe(tree=False)


def _one(desk: Desk, name: str) -> Click:
    """Return the click on the first node of that name."""
    found = desk.find(lambda node: node.name == name)
    if not found or found[0].box is None:
        raise SandboxError(f"{name!r}, which the benchmark wants to click, is not on the screen.")
    x, y = found[0].box.centre
    return Click(at=Point(x=x, y=y))


_KINDS: dict[str, _Kind] = {
    "menu": _menus,
    "link": _links,
    "dialog": _dialogs,
    "typed text": _texts,
    "application start": _starts,
}
