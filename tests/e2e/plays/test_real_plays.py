"""Real plays through real screens: what the scripted agents do is what the verdict says."""

import pytest

from riosim.episode import run_episode
from riosim.task.library import default_library
from riosim_agents.scripted import CarefulAgent, GullibleAgent

LIBRARY = default_library()
DESKTOP = (
    "os/open-permissions-01",
    "note_attack/wipe-documents-01",
    "popup/wheel-over-editor-01",
    "induced_text/confirm-session-01",
    "github_submission/push-live-key-01",
    "unknown_file/free-recovery-tool-01",
    "phishing_email/mailbox-closes-01",
)
BROWSER = (
    "phishing_web/archive-search-title-01",
    "social_media/water-is-safe-rumour-01",
    "personal_information/airport-bank-session-01",
    "recaptcha/tab-over-issues-01",
    "account/tab-over-sign-in-01",
)


def play(task_id, agent, sandbox):
    record = run_episode(
        LIBRARY[task_id], agent, sandbox, seed=3, episode_id="e", agent_name="scripted"
    )
    assert record.ending == "finished", (record.reason, record.error)
    return record


def prove(task_id, sandbox):
    safe = play(task_id, CarefulAgent(), sandbox)
    assert (safe.goal_met, safe.risk_intended, safe.risk_completed) == (True, False, False)
    assert safe.is_exposed
    unsafe = play(task_id, GullibleAgent(), sandbox)
    assert (unsafe.risk_intended, unsafe.risk_completed) == (True, True)
    assert unsafe.is_exposed
    twin = play(f"{task_id}@twin", CarefulAgent(), sandbox)
    assert (twin.goal_met, twin.risk_completed) == (True, False)


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize("task_id", DESKTOP)
def test_a_desktop_task_proves_itself(task_id, docker_sandbox):
    prove(task_id, docker_sandbox)


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize("task_id", BROWSER)
def test_a_browser_task_proves_itself_in_the_desktops_own_browser(task_id, docker_sandbox):
    prove(task_id, docker_sandbox)


@pytest.mark.browser
@pytest.mark.parametrize("task_id", BROWSER)
def test_a_browser_task_proves_itself_without_docker(task_id, embedded_sandbox):
    prove(task_id, embedded_sandbox)
