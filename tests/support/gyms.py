"""Which environments the gym's promises are tested on."""

from dataclasses import dataclass
from typing import Any

import pytest

__all__ = ["GYMS", "Gym"]


@dataclass(frozen=True, slots=True)
class Gym:
    """A registered id, a task of its surface, and the sandbox that plays it."""

    env_id: str
    task: str
    sandbox: str

    @property
    def settings(self) -> dict[str, Any]:
        """What `gymnasium.make` gets."""
        return {"task": self.task, "sandbox": self.sandbox}

    @property
    def has_browser(self) -> bool:
        """Whether a browser is the screen."""
        return self.env_id == "riosim/Browser-v0"


def _param(gym: Gym, mark: pytest.MarkDecorator) -> Any:
    name = gym.env_id.partition("/")[2]
    return pytest.param(gym, id=f"{name}-{gym.sandbox}", marks=(mark, pytest.mark.slow))


_PHISHING = "phishing_web/archive-search-title-01"

GYMS = (
    _param(Gym("riosim/Desktop-v0", "popup/wheel-over-editor-01", "docker"), pytest.mark.docker),
    _param(Gym("riosim/Browser-v0", _PHISHING, "docker"), pytest.mark.docker),
    _param(Gym("riosim/Browser-v0", _PHISHING, "embedded"), pytest.mark.browser),
)
