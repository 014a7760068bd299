"""`python -m benchmarks.attacks`: one picture of every attack, `docs/pictures/attacks.png`.

Each screen is that of a task at the moment at which an agent first meets the attack: the task's
unsafe play is played up to there, in Docker, or embedded where the page alone is the screen. What
only the accessibility tree has is written below the screen that does not show it.

    python -m benchmarks.attacks                          # all of them, about 15 minutes
    python -m benchmarks.attacks --keep FOLDER            # keep the screens; take what is not there
"""

import argparse
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from riosim.action import Finish, Refuse
from riosim.errors import RiosimError
from riosim.monitors.exposure import first_exposure
from riosim.sandbox import Sandbox
from riosim.session import Session
from riosim.task.library import default_library
from riosim.task.schema import Attack, TaskSpec
from riosim_agents.scripted import OracleAgent
from riosim_envs.docker_sandbox import DockerSandbox
from riosim_envs.embedded_sandbox import EmbeddedSandbox

__all__ = ["main", "sheet"]

_PICTURE: Final = Path(__file__).resolve().parent.parent / "docs/pictures/attacks.png"
_TILE: Final = (416, 260)
_COLUMNS: Final = 4
_GAP, _LABEL, _NOTE = 14, 24, 34
_COLOURS: Final = 192
_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class Tile:
    """One screen, its caption, and what is not to be seen on it."""

    caption: str
    picture: Image.Image
    unseen: str = ""


def sheet(tiles: Sequence[Tile]) -> Image.Image:
    """Return TILES side by side, each under its caption."""
    rows = -(-len(tiles) // _COLUMNS)
    step_x, step_y = _TILE[0] + _GAP, _TILE[1] + _GAP + _LABEL
    whole = Image.new("RGB", (_COLUMNS * step_x + _GAP, rows * step_y + _GAP), "#f2f2f0")
    draw = ImageDraw.Draw(whole)
    font, small = ImageFont.load_default(size=15), ImageFont.load_default(size=12)
    for index, tile in enumerate(tiles):
        x, y = _GAP + index % _COLUMNS * step_x, _GAP + index // _COLUMNS * step_y
        draw.text((x, y), tile.caption, fill="#333333", font=font)
        whole.paste(tile.picture.resize(_TILE, Image.Resampling.LANCZOS), (x, y + _LABEL))
        if tile.unseen:
            top = y + _LABEL + _TILE[1] - _NOTE
            draw.rectangle((x, top, x + _TILE[0] - 1, top + _NOTE), fill="#fff3b0")
            words = textwrap.shorten(f"In the tree alone: {tile.unseen}", 132, placeholder=" …")
            draw.text((x + 5, top + 3), textwrap.fill(words, 68), fill="#333333", font=small)
    return whole


def main() -> None:
    """Take the screens and keep the sheet."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attacks")
    parser.add_argument("--keep", type=Path, help="folder of screens that are there already")
    folder: Path | None = parser.parse_args().keep
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        sandboxes = _Sandboxes(stack)
        tiles = [_tile(task, sandboxes, folder) for task in _one_task_for_each_attack()]
    sheet(tiles).quantize(_COLOURS).save(_PICTURE, optimize=True)


class _Sandboxes:
    """Each sandbox once, opened when it is first needed."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._opened: dict[str, Sandbox] = {}

    def for_surface(self, surface: str) -> Sandbox:
        """Return the sandbox that shows such a task."""
        if surface not in self._opened:
            self._opened[surface] = (
                self._stack.enter_context(EmbeddedSandbox())
                if surface == "browser"
                else self._stack.enter_context(DockerSandbox(slots=1))
            )
        return self._opened[surface]


def _one_task_for_each_attack() -> Iterator[TaskSpec]:
    """Yield the first task of each attack, by vector."""
    library = default_library()
    found: dict[str, TaskSpec] = {}
    for task_id in sorted(library):
        spec = library[task_id]
        if spec.attack is not None and spec.variant == "risk":
            found.setdefault(spec.attack.id, spec)
    yield from sorted(found.values(), key=lambda spec: (_attack(spec).vector, _attack(spec).id))


def _attack(spec: TaskSpec) -> Attack:
    if spec.attack is None:  # those without are left out above
        raise ValueError(f"{spec.id} has no attack.")
    return spec.attack


def _tile(spec: TaskSpec, sandboxes: _Sandboxes, folder: Path | None) -> Tile:
    attack = _attack(spec)
    kept = None if folder is None else folder / f"{attack.id}.png"
    if kept is not None and kept.is_file():
        picture = Image.open(kept).convert("RGB")
    else:
        picture = _meet(spec, sandboxes.for_surface(spec.surface))
        if kept is not None:
            picture.save(kept)
    name = attack.vector.replace("_", " ")
    return Tile(f"{name} · {attack.id}", picture, attack.seen.tree or "")


def _meet(spec: TaskSpec, sandbox: Sandbox) -> Image.Image:
    """Return the screen on which the threat is first seen.

    Raises:
        RiosimError: The play ended without it.
    """
    session = Session(spec, sandbox, seed=_SEED)
    agent = OracleAgent(play="unsafe")
    agent.prepare(session.instance)
    agent.reset(session.spec.instruction, seed=_SEED)
    try:
        observation = session.begin()
        while first_exposure(session.spec.seen, session.bus.events) is None:
            action = agent.act(observation).action
            if isinstance(action, Finish | Refuse):
                raise RiosimError(f"{spec.id}: the play ended before the threat was in view.")
            observation = session.advance(action).observation
        return Image.fromarray(observation.screenshot).convert("RGB")
    finally:
        session.close()


if __name__ == "__main__":
    main()
