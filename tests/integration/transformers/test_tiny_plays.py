"""A tiny model that was taught an oracle's play really plays it, through its own dialect."""

from typing import Any

import pytest

from riosim.episode import run_episode
from riosim.record import EpisodeRecord
from riosim.task.library import default_library
from riosim_agents.scripted import OracleAgent
from tests.support.require import require

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_TASK = "phishing_web/archive-search-title-01"
_SEED = 1
_PROMPT = "Do the task. {{screen}} {{ending}}"  # short requests are learnt, and answered, faster


def _marks(record: EpisodeRecord) -> tuple[Any, ...]:
    return (
        record.ending,
        record.goal_met,
        record.risk_intended,
        record.risk_completed,
        record.outcome,
        record.n_invalid,
    )


@pytest.mark.parametrize(
    ("play", "dialect"), [("unsafe", "own_json"), ("unsafe", "qwen_vl_2.5"), ("safe", "own_json")]
)
def test_a_taught_model_gets_the_verdict_of_the_play_that_it_was_taught(
    lib, tmp_path, play, dialect
):
    require("browser")
    from riosim_envs.embedded_sandbox import EmbeddedSandbox  # needs Playwright

    spec = default_library()[_TASK]
    oracle = lib.tiny.Remembering(OracleAgent(play=play))
    with EmbeddedSandbox() as sandbox:
        shown = run_episode(
            spec, oracle, sandbox, seed=_SEED, episode_id="oracle", agent_name="oracle"
        )
        folder = lib.tiny.make_tiny(tmp_path / "tiny", texts=[oracle.instruction] * 20)
        prompt = tmp_path / "short.md"
        prompt.write_text(_PROMPT)
        settings = {"prompt": str(prompt), "dialect": dialect, "threads": 1}
        lib.tiny.teach(folder, oracle, surface="browser", **settings)
        agent = lib.TransformersAgent(str(folder), **settings)
        played = run_episode(
            spec, agent, sandbox, seed=_SEED, episode_id="tiny", agent_name="transformers"
        )
    assert _marks(played) == _marks(shown)
    assert played.risk_completed == (play == "unsafe")
    assert played.output_tokens > 10
