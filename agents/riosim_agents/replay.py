"""Plays a recorded episode again, decision by decision."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from riosim.action import Action, Finish, parse_action
from riosim.agent import Decision, InvalidOutput
from riosim.errors import InvalidActionError, RunStoreError, UsageError
from riosim.observation import Observation
from riosim.record import EpisodeFolder, EpisodeRecord
from riosim.runner.store import RunStore
from riosim.task.instance import TaskInstance
from riosim_agents.model.setting import number_setting, text_setting

__all__ = ["ReplayAgent"]

_WHY_INVALID: Final = "No action was understood: "  # what a session puts before the reason


@dataclass(frozen=True, slots=True)
class _Recorded:
    """One decision of the record."""

    action: Action | InvalidOutput
    thought: str


class ReplayAgent:
    """Plays the decisions of a recorded episode of the same task, variant and seed.

    What was invalid is said again as it was; thoughts are said again, for they may hold a warning.
    After the last decision it finishes. `Decision.extra["replay"]` says, for each step, which share
    of the pixels differs from the recorded picture where it is more than `tolerance`.

    Args:
        run: Folder of a run, or its id in `runs/`; the episode that fits is taken from it.
        episode: Folder of one episode, instead.
        tolerance: Share of pixels, 0 to 1, that may differ from the recorded picture unsaid.
    """

    def __init__(
        self, *, run: str | None = None, episode: str | None = None, tolerance: float = 0.0
    ) -> None:
        self._tolerance = number_setting("tolerance", tolerance, least=0, most=1)
        named = [text_setting("run", run), text_setting("episode", episode)]
        if sum(map(bool, named)) != 1:
            raise UsageError(
                "Say what to replay with one of -A run=FOLDER and -A episode=FOLDER; "
                "`riosim runs` shows the runs."
            )
        self._where = named[0] or named[1]
        self._store = RunStore.find(named[0], Path("runs")) if named[0] else None
        if self._store is None and not (Path(named[1]) / "record.json").is_file():
            raise RunStoreError(f"No recorded episode is at {named[1]!r}: it has no record.json.")
        self._folder: EpisodeFolder | None = None
        self._steps: tuple[_Recorded, ...] = ()
        self._facts: dict[str, Any] = {}
        self._at = 0

    def prepare(self, instance: TaskInstance) -> None:
        """Find the episode that fits the task.

        Raises:
            UsageError: There is none; says which there are.
            RunStoreError: It is damaged.
        """
        self._folder, self._steps = None, ()
        folder, record = self._fitting(instance)
        steps = tuple(_decisions(folder))
        self._facts = {"episode": record.episode_id, "recorded_as": record.ending}
        if record.task_digest != instance.spec.digest:
            self._facts["task_changed"] = True
        self._folder, self._steps = folder, steps

    def reset(self, instruction: str, *, seed: int) -> None:
        """Begin at the first decision.

        Raises:
            UsageError: Nobody said which task is played.
        """
        del instruction, seed
        if self._folder is None:
            raise UsageError("A replay must know its task: call prepare(instance) before reset().")
        self._at = 0

    def act(self, observation: Observation) -> Decision:
        """Return the next recorded decision."""
        if self._folder is None:
            raise UsageError("A replay must know its task: call prepare(instance) before act().")
        facts: dict[str, Any] = dict(self._facts) if self._at == 0 else {}
        facts |= self._difference(self._folder.frame_path(self._at), observation)
        if self._at >= len(self._steps):
            facts["ended"] = f"the record has {len(self._steps)} decisions"
            self._at += 1
            return Decision(Finish(), extra={"replay": facts})
        step = self._steps[self._at]
        self._at += 1
        action = _on_screen(step.action, observation)
        return Decision(action, step.thought, extra={"replay": {"step": self._at, **facts}})

    def _fitting(self, instance: TaskInstance) -> tuple[EpisodeFolder, EpisodeRecord]:
        spec = instance.spec
        wanted = (spec.id, spec.variant, instance.seed)
        there = list(self._episodes())
        found = [
            (folder, record)
            for folder, record in there
            if (record.task_id, record.variant, record.seed) == wanted
        ]
        if not found:
            raise UsageError(
                f"{self._where} has no episode of {spec.id} ({spec.variant}, seed "
                f"{instance.seed}) to replay. {_others(spec.id, [record for _, record in there])}"
            )
        return min(found, key=lambda pair: (pair[1].ending == "broken", pair[1].episode_id))

    def _episodes(self) -> Iterator[tuple[EpisodeFolder, EpisodeRecord]]:
        if self._store is None:
            folder = EpisodeFolder(Path(self._where))
            yield folder, folder.record()
            return
        for path in sorted((self._store.path / "episodes").glob("*/record.json")):
            folder = EpisodeFolder(path.parent)
            yield folder, folder.record()

    def _difference(self, path: Path, observation: Observation) -> dict[str, Any]:
        """Return how the screen differs from the recorded picture; nothing if it does not."""
        if not path.is_file():
            return {}
        try:
            with Image.open(path) as image:
                recorded = np.asarray(image.convert("RGB"))
        except (OSError, ValueError, SyntaxError) as exc:
            return {"frame_unreadable": str(exc)[:200]}
        shown = observation.screenshot
        if recorded.shape != shown.shape:
            height_px, width_px = recorded.shape[:2]
            return {"frame_size_px": [width_px, height_px]}
        share = float(np.any(recorded != shown, axis=2).mean())
        return {"changed_share": round(share, 6)} if share > self._tolerance else {}


def _others(task_id: str, records: list[EpisodeRecord]) -> str:
    """Say what could be replayed instead, nearest first."""
    same = [f"{r.variant}, seed {r.seed}" for r in records if r.task_id == task_id]
    if same:
        return f"It has that task as: {'; '.join(sorted(set(same))[:10])}."
    ids = sorted({record.task_id for record in records})
    return f"It has {len(ids)} other tasks{': ' + ', '.join(ids[:5]) if ids else ''}."


def _decisions(folder: EpisodeFolder) -> Iterator[_Recorded]:
    for number, row in enumerate(folder.steps(), start=1):
        try:
            said = row["action"]
            thought = str(row.get("thought", ""))
            if said["kind"] == "invalid":
                reason = str(row.get("error", "")).removeprefix(_WHY_INVALID)
                yield _Recorded(InvalidOutput(str(said["text"]), reason), thought)
            else:
                yield _Recorded(parse_action(said), thought)
        except (InvalidActionError, KeyError, TypeError, AttributeError) as exc:
            raise RunStoreError(
                f"{folder.path / 'steps.jsonl'}:{number} holds no decision of this version: {exc}"
            ) from exc


def _on_screen(action: Action | InvalidOutput, observation: Observation) -> Action | InvalidOutput:
    """Return the action, or that its point is not on this screen: it was recorded on another."""
    height_px, width_px = observation.screenshot.shape[:2]
    for name in ("at", "start", "end"):
        point = getattr(action, name, None)
        if point is not None and not (point.x < width_px and point.y < height_px):
            reason = (
                f"({point.x}, {point.y}) was recorded on a larger screen than this one of "
                f"{width_px}×{height_px} pixels"
            )
            return InvalidOutput(repr(action), reason)
    return action
