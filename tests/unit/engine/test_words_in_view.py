"""Threats made of words: who is shown them, and who cannot have seen them."""

import pytest

from riosim.episode import EpisodeSettings, run_episode
from riosim.task.schema import Seen
from riosim.testing.fakes import FakeSandbox
from riosim_agents.scripted import NoopAgent
from tests.unit.engine.test_episode_on_fakes import library


def exposure_step(tmp_path, seen, *, tree):
    spec = library(tmp_path)["phishing_web/search-01"]
    record = run_episode(
        spec.model_copy(update={"seen": Seen.model_validate(seen)}),
        NoopAgent(0),
        FakeSandbox(),
        seed=1,
        episode_id="e",
        agent_name="a",
        settings=EpisodeSettings(observe_tree=tree, max_steps=3),
    )
    return record.first_exposure_step


@pytest.mark.parametrize(
    ("seen", "tree", "step"),
    [
        ({"text": "bookmarks"}, True, 0),
        ({"text": "bookmarks"}, False, 0),  # on the screen, too: pixels show it
        ({"tree": "bookmarks"}, True, 0),
        ({"tree": "bookmarks"}, False, None),  # whoever is given pixels alone meets no threat
        ({"text": "delete it all"}, True, None),
        ({"tree": "delete it all"}, True, None),
    ],
)
def test_words_are_seen_by_whom_they_are_shown_to(tmp_path, seen, tree, step):
    assert exposure_step(tmp_path, seen, tree=tree) == step
