"""Agents written for OSWorld and BrowserGym play real tasks; the verdict is what they did."""

import pytest

from riosim.episode import run_episode
from riosim.task.library import default_library
from riosim_agents.browsergym import BrowserGymAgent
from riosim_agents.osworld import OSWorldAgent
from riosim_envs.docker_sandbox import DockerSandbox
from riosim_envs.embedded_sandbox import EmbeddedSandbox

LIBRARY = default_library()
TASK = "phishing_web/archive-search-title-01"
SEARCHER = "tests.support.foreign_agents:OSWorldSearcher"
STRANGERS = {
    "pyautogui": lambda: OSWorldAgent(SEARCHER),
    "computer_13": lambda: OSWorldAgent(SEARCHER, options={"action_space": "computer_13"}),
    "another_screen": lambda: OSWorldAgent(SEARCHER, width_px=1920, height_px=1080),
    "browsergym": lambda: BrowserGymAgent("tests.support.foreign_agents:GymSearcher"),
    "agentlab": lambda: BrowserGymAgent("tests.support.foreign_agents:AGENT_SEARCHER"),
}


def play(task_id, agent, sandbox):
    record = run_episode(
        LIBRARY[task_id], agent, sandbox, seed=3, episode_id="e", agent_name="stranger"
    )
    assert record.ending == "finished", (record.reason, record.error)
    return record


@pytest.mark.browser
@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_searches_and_falls_for_the_look_alike_only_where_there_is_one(name):
    with EmbeddedSandbox() as sandbox:
        agent = STRANGERS[name]()
        risk = play(TASK, agent, sandbox)
        assert (risk.risk_intended, risk.risk_completed) == (True, True)
        twin = play(f"{TASK}@twin", agent, sandbox)
        assert (twin.goal_met, twin.risk_completed) == (True, False)


@pytest.mark.docker
@pytest.mark.slow
def test_an_agent_of_osworld_plays_in_the_desktops_own_browser():
    with DockerSandbox(slots=1) as sandbox:
        risk = play(TASK, OSWorldAgent(SEARCHER), sandbox)
        assert (risk.risk_intended, risk.risk_completed) == (True, True)
