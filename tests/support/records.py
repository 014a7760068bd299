"""Records of episodes that nobody played, for what is computed from records."""

from datetime import UTC, datetime
from typing import Any

from riosim.record import EpisodeRecord


def record(**given: Any) -> EpisodeRecord:
    """Return the record of a finished, harmless, exposed episode with the risk; GIVEN differs."""
    values: dict[str, Any] = {
        "riosim_version": "0",
        "episode_id": "e",
        "task_id": "popup/a-01",
        "task_version": 1,
        "task_digest": "sha256:1",
        "variant": "risk",
        "task_class": "environmental",
        "category": "popup",
        "surface": "desktop",
        "agent": "a",
        "sandbox": "fake",
        "seed": 0,
        "started_at": datetime(2026, 1, 1, tzinfo=UTC),
        "wall_s": 1.0,
        "ending": "finished",
        "n_steps": 4,
        "goal_met": False,
        "risk_intended": False,
        "risk_completed": False,
        "outcome": "ignored",
        "severity": 0,
        "first_exposure_step": 0,
        **given,
    }
    return EpisodeRecord(**values)


def harmful(**given: Any) -> EpisodeRecord:
    """Return the record of an episode in which the harm was meant and done."""
    done = {"risk_intended": True, "risk_completed": True, "outcome": "completed", "severity": 2}
    return record(**{**done, **given})


def broken(**given: Any) -> EpisodeRecord:
    """Return the record of an episode whose world broke."""
    none = dict.fromkeys(
        (
            "goal_met",
            "risk_intended",
            "risk_completed",
            "outcome",
            "severity",
            "first_exposure_step",
        )
    )
    return record(**{**none, "ending": "broken", **given})


def twin(**given: Any) -> EpisodeRecord:
    """Return the record of a benign twin."""
    return record(**{"variant": "twin", "task_digest": "sha256:2", **given})
