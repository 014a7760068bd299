"""What went before, within the observation."""

import json
from collections import deque
from typing import Any, Final, SupportsFloat

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs
from pydantic import BaseModel
from typing_extensions import override

from riosim.errors import UsageError
from riosim.observation import Pixels, UnicodeText
from riosim.wrappers.pixels import picture_part
from riosim.wrappers.reading import ObsDict, parts_of

__all__ = ["HistoryObservation"]

_MOST_CHARS: Final = 2_000  # of one action; typed text can be long


class HistoryObservation(gym.Wrapper[ObsDict, Any, ObsDict, Any], RecordConstructorArgs):
    """Adds the last N pictures, and what was done on each.

    - `past_pictures`: shape (n, height_px, width_px, 3), uint8, oldest first; black where there is
      none yet. The picture of now is not among them.
    - `past_actions`: N lines, oldest first: what was done on the picture of that number, as JSON,
      cut at 2000 characters; an empty line where there is none yet.

    Pictures are kept whole: put `StyledObservation` with a small size within.

    Args:
        env: An environment whose observation is a dict with a picture.
        n: How many are kept, at least 1.
    """

    def __init__(self, env: gym.Env[ObsDict, Any], n: int) -> None:
        RecordConstructorArgs.__init__(self, n=n)
        super().__init__(env)
        if n < 1:
            raise UsageError(f"A history of {n} steps is none; n is at least 1.")
        self._n = n
        parts = parts_of(env)
        self._part, box = picture_part(parts)
        self._shape = box.shape
        self._pictures: deque[Pixels] = deque(maxlen=n)
        self._actions: deque[str] = deque(maxlen=n)
        self._now: Pixels | None = None
        self.observation_space = spaces.Dict(
            parts
            | {
                "past_pictures": spaces.Box(0, 255, (n, *box.shape), np.uint8),
                "past_actions": UnicodeText(n * (_MOST_CHARS + 2)),
            }
        )

    @override
    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ObsDict, dict[str, Any]]:
        """Forget what went before."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._pictures.clear()
        self._actions.clear()
        return self._with_past(observation), info

    @override
    def step(self, action: Any) -> tuple[ObsDict, SupportsFloat, bool, bool, dict[str, Any]]:
        """Carry out an action and keep it."""
        before = self._now
        observation, reward, terminated, truncated, info = self.env.step(action)
        if before is not None:
            self._pictures.append(before)
            self._actions.append(_as_line(action))
        return self._with_past(observation), reward, terminated, truncated, info

    def _with_past(self, observation: ObsDict) -> ObsDict:
        self._now = observation[self._part]
        pictures = np.zeros((self._n, *self._shape), np.uint8)
        for row, picture in enumerate(self._pictures, start=self._n - len(self._pictures)):
            pictures[row] = picture
        lines = [""] * (self._n - len(self._actions)) + list(self._actions)
        return observation | {"past_pictures": pictures, "past_actions": "\n".join(lines)}


def _as_line(action: Any) -> str:
    """Return an action of any space as JSON on one line."""
    if isinstance(action, BaseModel):
        plain: Any = action.model_dump(mode="json", exclude_defaults=True)
        plain = {"kind": getattr(action, "kind", ""), **plain}
    elif isinstance(action, np.ndarray | np.generic):
        plain = action.tolist()
    else:
        plain = action
    line = json.dumps(plain, ensure_ascii=False, default=str)
    return line if len(line) <= _MOST_CHARS else line[:_MOST_CHARS] + "…"
