"""An observation of the gym API back as an `Observation`."""

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
from gymnasium import spaces

from riosim.accessibility import Node, parse_tree
from riosim.dialects.coordinate import Screen
from riosim.errors import UsageError
from riosim.observation import MAX_TREE_CHARS, Observation

__all__ = ["ObsDict", "observation_of", "parts_of", "screen_of_env"]

ObsDict = dict[str, Any]


def observation_of(parts: Mapping[str, Any]) -> Observation:
    """Return the observation that `riosim.observation.to_dict` wrote; parts that are off are empty.

    Raises:
        UsageError: The screenshot is off, or was replaced by another wrapper.
    """
    if "screenshot" not in parts:
        raise UsageError(
            "The observation has no screenshot (found: " + ", ".join(parts) + "). Make the "
            "environment with the part 'screenshot', and put this wrapper next to it."
        )
    return Observation(
        screenshot=parts["screenshot"],
        instruction=str(parts.get("instruction", "")),
        step=int(parts.get("step", 0)),
        message=str(parts.get("message", "")),
        tree=_tree(str(parts.get("accessibility_tree", ""))),
        url=str(parts.get("url", "")),
        tabs=tuple(str(parts["tabs"]).split("\n")) if parts.get("tabs") else (),
    )


def parts_of(env: gym.Env[Any, Any]) -> dict[str, spaces.Space[Any]]:
    """Return the spaces of an environment whose observation is a dict.

    Raises:
        UsageError: It is none.
    """
    space = env.observation_space
    if not isinstance(space, spaces.Dict):
        raise UsageError(f"The observation is a {type(space).__name__}, not a Dict of parts.")
    return dict(space.spaces)


def screen_of_env(env: gym.Env[Any, Any]) -> Screen:
    """Return the size of the screen that an environment's actions are meant for.

    Raises:
        UsageError: Its actions are not those of `riosim.action`.
    """
    width_px = getattr(env.action_space, "width_px", None)
    height_px = getattr(env.action_space, "height_px", None)
    if not isinstance(width_px, int) or not isinstance(height_px, int):
        raise UsageError(
            f"The actions are a {type(env.action_space).__name__}, not riosim's own; only one "
            "wrapper of actions can be used, next to the environment."
        )
    return Screen(width_px, height_px)


def _tree(text: str) -> Node | None:
    if not text:
        return None
    if len(text) >= MAX_TREE_CHARS:  # cut, maybe within its last line
        text = text.rpartition("\n")[0]
    return parse_tree(text)
