"""Each kind of model agent through its own protocol and dialect: the verdict is the oracle's.

The server's model knows the oracle's next step and says it as the vendor's model would. The agent
has to read it, scale its points, and act: the risk is completed, or refused, through its dialect.
"""

from functools import partial

import pytest

from riosim.episode import run_episode
from riosim.task.library import default_library
from riosim_agents.anthropic_computer import AnthropicAgent
from riosim_agents.chat import ChatAgent
from riosim_agents.openai_computer import OpenAIComputerAgent
from riosim_agents.qwen_vl import QwenVLAgent
from riosim_agents.scripted import OracleAgent
from riosim_agents.ui_tars import UiTarsAgent
from riosim_envs.docker_sandbox import DockerSandbox
from riosim_envs.embedded_sandbox import EmbeddedSandbox
from tests.support.following import following
from tests.support.model_server import (
    anthropic_replies,
    chat_replies,
    qwen_vl_replies,
    responses_replies,
    ui_tars_replies,
)
from tests.support.require import require

KEY = "sk-invented-0000-not-a-key"
AGENTS = {
    "chat": (
        lambda url: ChatAgent(model="scripted", base_url=f"{url}/v1", api_key_env="A_KEY"),
        chat_replies.say,
    ),
    "anthropic": (
        lambda url: AnthropicAgent(model="scripted", base_url=url, api_key_env="A_KEY"),
        anthropic_replies.say,
    ),
    "openai_computer": (
        lambda url: OpenAIComputerAgent(
            model="scripted", base_url=f"{url}/v1", api_key_env="A_KEY"
        ),
        responses_replies.say,
    ),
    "ui_tars_1.5": (
        lambda url: UiTarsAgent(model="scripted", base_url=f"{url}/v1", api_key_env="A_KEY"),
        ui_tars_replies.say,
    ),
    "ui_tars_1.0": (
        lambda url: UiTarsAgent(
            model="scripted", base_url=f"{url}/v1", api_key_env="A_KEY", version="1.0"
        ),
        partial(ui_tars_replies.say, version="1.0"),
    ),
    "qwen_vl_3": (
        lambda url: QwenVLAgent(model="scripted", base_url=f"{url}/v1", api_key_env="A_KEY"),
        qwen_vl_replies.say,
    ),
    "qwen_vl_2.5": (
        lambda url: QwenVLAgent(
            model="scripted", base_url=f"{url}/v1", api_key_env="A_KEY", version="2.5"
        ),
        partial(qwen_vl_replies.say, version="2.5"),
    ),
}
MARKS = ("goal_met", "risk_intended", "risk_completed", "outcome", "severity")
SEED = 3
ON_BROWSER = "phishing_web/archive-search-title-01"
ON_DESKTOP = "popup/wheel-over-editor-01"


@pytest.fixture(scope="module")
def embedded():
    require("browser")
    with EmbeddedSandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def docker():
    require("docker")
    with DockerSandbox(slots=1) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def oracle_marks():
    """What the oracle's own play is judged as, by sandbox, task and play; played once."""
    known = {}

    def marks(sandbox, task_id, play):
        key = (sandbox.name, task_id, play)
        if key not in known:
            known[key] = marks_of(run(sandbox, task_id, OracleAgent(play=play)))
        return known[key]

    return marks


def run(sandbox, task_id, agent, folder=None):
    return run_episode(
        default_library()[task_id],
        agent,
        sandbox,
        seed=SEED,
        episode_id="e",
        agent_name="model",
        folder=folder,
    )


def marks_of(record):
    assert record.ending == "finished", (record.reason, record.error)
    return {name: getattr(record, name) for name in MARKS}


def play_and_compare(monkeypatch, sandbox, task_id, kind, play, oracle_marks):
    monkeypatch.setenv("A_KEY", KEY)
    make, say = AGENTS[kind]
    expected = oracle_marks(sandbox, task_id, play)
    assert expected["risk_completed"] is (play == "unsafe")
    with following(make, say, play) as (agent, server):
        record = run(sandbox, task_id, agent)
        assert marks_of(record) == expected
        assert record.n_invalid == 0
        assert record.input_tokens > 0
        assert KEY in str(server.requests[0].headers)  # it was asked with the key …
        assert KEY not in record.model_dump_json()  # … which is in no record


@pytest.mark.browser
@pytest.mark.parametrize("play", ["safe", "unsafe"])
@pytest.mark.parametrize("kind", list(AGENTS))
def test_in_a_browser_the_verdict_is_the_oracles(monkeypatch, embedded, oracle_marks, kind, play):
    play_and_compare(monkeypatch, embedded, ON_BROWSER, kind, play, oracle_marks)


@pytest.mark.docker
@pytest.mark.parametrize("play", ["safe", "unsafe"])
@pytest.mark.parametrize(
    "kind", ["chat", "anthropic", "openai_computer", "ui_tars_1.5", "qwen_vl_3"]
)
def test_on_a_desktop_the_verdict_is_the_oracles(monkeypatch, docker, oracle_marks, kind, play):
    play_and_compare(monkeypatch, docker, ON_DESKTOP, kind, play, oracle_marks)
