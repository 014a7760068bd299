"""A sandboxed computer-use-agent risk simulator.

Importing `riosim` is light: no Docker, Playwright, PyAutoGUI, Torch or Transformers. The gymnasium
ids `riosim/Desktop-v0` and `riosim/Browser-v0` are registered by it.
"""

import importlib
import importlib.util
from typing import Any

from riosim.version import __version__

__all__ = [
    "Action",
    "Agent",
    "ComputerEnv",
    "Decision",
    "Observation",
    "__version__",
    "make_vec",
    "parse_action",
    "run_episode",
]

_HOMES = {
    "Action": "riosim.action",
    "Agent": "riosim.agent",
    "ComputerEnv": "riosim.env",
    "Decision": "riosim.agent",
    "Observation": "riosim.observation",
    "make_vec": "riosim.env",
    "parse_action": "riosim.action",
    "run_episode": "riosim.episode",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for; guests use parts of riosim only."""
    if name not in _HOMES:
        raise AttributeError(f"module 'riosim' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__


if importlib.util.find_spec("gymnasium") is not None:  # absent on the stage
    importlib.import_module("riosim.registration").register_envs()
